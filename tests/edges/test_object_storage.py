"""Snapshots in object storage: put there whole and once, copied from there whole, whatever the storage does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from made_snapshots import Made, snapshot
from object_storage import SECRET, Storage, object_storage

from workbench.errors import ConfigurationError, StorageError, WorkbenchError
from workbench.settings.fields import Settings
from workbench.settings.object_place import address
from workbench.snapshots import mirror, object_store
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import MANIFEST

NAME, LATER = "20261122T060000Z", "20261123T060000Z"


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    with object_storage() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(mirror, "_SECONDS", 0.0)
        monkeypatch.setattr(object_store, "_PAUSE", 0.01)
        monkeypatch.setitem(object_store._RETRIES, "max_retries", 0)
        yield server


def _machine(folder: Path, prefix: str = "snaps/ads") -> Path:
    """The local folder of one machine."""
    return Settings(WORKBENCH_HOME=folder, SNAPSHOT_DIR=f"s3://bucket/{prefix}").snapshot_dir


def _made(folder: Path, name: str = NAME, ids: tuple[int, ...] = (1, 2)) -> None:
    snapshot(folder, name, [Made("campaigns", 508310000, [{"id": each, "name": "A"} for each in ids])])


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and mirror.STORED not in path.parts and path.name != ".writer.lock"
    }


def _both(here: Path, there: Path) -> None:
    mirror.push(here)
    list_snapshots(there)


def test_what_one_machine_puts_there_another_reads_byte_for_byte(storage: Storage, tmp_path: Path) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    assert mirror.unstored(here) == [NAME]

    mirror.push(here)

    puts = [asked for asked in storage.asked if asked.startswith("PUT")]
    assert puts[-1] == f"PUT /bucket/snaps/ads/{NAME}/{MANIFEST}", "the manifest comes last"
    assert mirror.unstored(here) == []
    assert [one.name for one in list_snapshots(there).finished] == [NAME]
    assert _tree(there) == _tree(here)
    assert {f"snaps/ads/{name}" for name in _tree(here)} == set(storage.objects)
    before = len(storage.asked)
    mirror.push(here)
    mirror.push(there)
    assert len(storage.asked) == before, "nothing is put there twice"
    list_snapshots(there)
    assert len(storage.asked) == before + 1, "to look again is one request"


@pytest.mark.parametrize("fault", ["503", "drop", "lost", "slow"])
@pytest.mark.parametrize("at", ["campaigns", MANIFEST])
def test_a_put_survives_a_failure_that_passes(storage: Storage, tmp_path: Path, fault: str, at: str) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    storage.fault_at("PUT", at, fault)

    mirror.push(here)

    list_snapshots(there)
    assert _tree(there) == _tree(here)


@pytest.mark.parametrize("fault", ["503", "drop", "slow"])
@pytest.mark.parametrize("at", ["campaigns", MANIFEST, "list-type"])
def test_a_copy_survives_a_failure_that_passes(storage: Storage, tmp_path: Path, fault: str, at: str) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    mirror.push(here)
    storage.fault_at("GET", at, fault)

    assert [one.name for one in list_snapshots(there).finished] == [NAME]

    assert _tree(there) == _tree(here)


@pytest.mark.parametrize(("method", "at"), [("PUT", "campaigns"), ("PUT", MANIFEST), ("GET", "list-type")])
def test_a_storage_that_stays_away_is_an_error_with_a_next_step_and_costs_nothing(
    storage: Storage, tmp_path: Path, method: str, at: str
) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    before = _tree(here)
    storage.fault_at(method, at, "503", times=1000)

    with pytest.raises(StorageError, match="s3://bucket/snaps/ads") as failed:
        _both(here, there)

    assert failed.value.next_step
    assert f"snaps/ads/{NAME}/{MANIFEST}" not in storage.objects or method == "GET"
    assert _tree(here) == before
    assert not list(there.glob("*")) if there.exists() else True
    storage.faults.clear()
    mirror.push(here)
    list_snapshots(there)
    assert _tree(there) == _tree(here), "the next time all of it goes on"


def test_a_snapshot_without_a_manifest_is_not_there_yet(storage: Storage, tmp_path: Path) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    mirror.push(here)
    manifest = storage.objects.pop(f"snaps/ads/{NAME}/{MANIFEST}")

    assert list_snapshots(there).names() == []

    storage.objects[f"snaps/ads/{NAME}/{MANIFEST}"] = manifest
    assert list_snapshots(there).names() == [NAME]


def test_a_part_that_was_changed_in_the_storage_makes_that_snapshot_unusable_alone(
    storage: Storage, tmp_path: Path
) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    _made(here, LATER)
    mirror.push(here)
    [part] = [key for key in storage.objects if NAME in key and key.endswith(".gz")]
    storage.objects[part] = storage.objects[part][:-1] + b"x"

    found = list_snapshots(there)

    assert [one.name for one in found.finished] == [LATER]
    assert [path.name for path in found.unreadable] == [NAME]
    assert not (there / NAME).exists()
    assert not list(there.glob(".pulling-*"))


def test_two_machines_of_one_name_never_overwrite_each_other(storage: Storage, tmp_path: Path) -> None:
    first, second = _machine(tmp_path / "first"), _machine(tmp_path / "second")
    _made(first)
    _made(second, ids=(3,))
    mirror.push(first)
    before = dict(storage.objects)

    with pytest.raises(ConfigurationError, match="with other content"):
        mirror.push(second)

    assert storage.objects == before
    assert mirror.unstored(second) == [NAME]


def test_two_processes_of_a_machine_copy_at_once(storage: Storage, tmp_path: Path) -> None:
    here, there = _machine(tmp_path / "here"), _machine(tmp_path / "there")
    _made(here)
    mirror.push(here)
    store = object_store.ObjectStore("s3://bucket/snaps/ads")
    manifest = store.read(f"{NAME}/{MANIFEST}")
    assert manifest is not None

    with ThreadPoolExecutor(4) as pool:
        for copied in [pool.submit(mirror._copy, store, there, NAME, manifest) for _ in range(4)]:
            copied.result()

    assert _tree(there) == _tree(here)


def test_refused_credentials_are_a_setting_to_change_and_no_error_shows_a_secret(
    storage: Storage, tmp_path: Path
) -> None:
    storage.fault_at("GET", "list-type", "403", times=1000)

    with pytest.raises(WorkbenchError) as failed:
        list_snapshots(_machine(tmp_path))

    assert failed.value.exit_code == 78
    assert SECRET not in str(failed.value)
    assert "AWS_ACCESS_KEY_ID" in failed.value.next_step


def test_without_the_package_the_error_names_our_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)

    with pytest.raises(ConfigurationError, match="cannot be kept") as failed:
        list_snapshots(_machine(tmp_path))

    assert "object-storage" in failed.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        "ftp://bucket/x",
        "s3://",
        "s3:///x",
        "s3://u:p@bucket/x",
        "s3://bucket/../x",
        "s3://bucket/x?sig=1",
        "az://account",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        address(text)


def test_each_address_has_a_folder_of_its_own_in_the_home(tmp_path: Path) -> None:
    assert _machine(tmp_path) == tmp_path / "object-storage" / "s3" / "bucket" / "snaps" / "ads"
    assert address("gs://bucket/a/") == "gs://bucket/a"
    assert address("az://account/container/a") == "az://account/container/a"


def test_an_address_of_azure_names_account_container_and_prefix() -> None:
    store = object_store.ObjectStore("az://account/container/a/b")._store

    assert (store.config["account_name"], store.config["container_name"], store.prefix) == (
        "account",
        "container",
        "a/b",
    )
