"""A snapshot that was damaged, or comes from a stranger: refused or loaded as text, nothing between."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from marks import some_slow, sweep_except
from sqlalchemy import URL

from sync.installation import Installation, differences, new_installation
from workbench.database import embedded
from workbench.errors import ValidationError
from workbench.queries.open_snapshots import OpenSnapshots
from workbench.schema.tables import LOADED, MONTHLY, key_of
from workbench.snapshots.manifest import MANIFEST
from workbench.snapshots.parquet_cache import Cache

FILLED = [table for table in LOADED if table.name not in (MONTHLY.name, "entity_demographics", "lead_forms")]
HOSTILE = "<img src=x onerror=alert(1)>'; drop table campaigns; --\u202e=cmd|' /C calc'!A1"
BOMB = b'{"element":"' + b"x" * 64_000_000 + b'"}\n'


@pytest.fixture
def elsewhere(
    installation: Installation, empty_database_url: URL, tmp_path: Path
) -> Iterator[tuple[Installation, Path]]:
    """An installation with an empty database, and a copy of a whole snapshot to damage and to load into it."""
    installation.first_sync()
    (snapshot,) = installation.snapshots()
    folder = tmp_path / "from elsewhere" / snapshot.name
    shutil.copytree(snapshot.folder, folder)
    there = Installation(
        installation.sandbox, empty_database_url, tmp_path, started=installation.started, token=installation.token
    )
    return there, folder


@pytest.fixture(scope="module")
def whole_snapshot(server: embedded.EmbeddedServer) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, new_installation(new_database(server), Path(folder)) as installation:
        installation.first_sync()
        yield installation.snapshots()[0].folder


@pytest.fixture
def snapshot_elsewhere(whole_snapshot: Path, tmp_path: Path) -> Path:
    """A copy of a whole snapshot, to damage."""
    return Path(shutil.copytree(whole_snapshot, tmp_path / "from elsewhere" / whole_snapshot.name))


def _largest(folder: Path) -> Path:
    return max(folder.glob("campaign_daily_metrics/*.gz"), key=lambda path: path.stat().st_size)


def _change(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def _manifest(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _replace(folder: Path, path: Path, lines: bytes) -> None:
    """Other content for a part, with a manifest that vouches for it, as a stranger would write it."""
    packed = gzip.compress(lines, mtime=0)
    path.write_bytes(packed)
    name = path.relative_to(folder).as_posix()

    def vouch(manifest: dict[str, Any]) -> None:
        (part,) = [part for part in manifest["parts"] if part["path"] == name]
        part.update(bytes=len(packed), sha256=hashlib.sha256(packed).hexdigest(), elements=lines.count(b"\n"))

    _manifest(folder, vouch)


def _twice(folder: Path) -> None:
    """Every row again, with another number of impressions."""
    lines = gzip.decompress(_largest(folder).read_bytes())
    _replace(folder, _largest(folder), lines + lines.replace(b'"impressions":', b'"impressions":7'))


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "a part was changed": lambda folder: _change(_largest(folder), lambda data: data[:-9] + b"\0" + data[-8:]),
    "a part was cut": lambda folder: _change(_largest(folder), lambda data: data[:-20]),
    "a part is missing": lambda folder: _largest(folder).unlink(),
    "it is of a newer format": lambda folder: _manifest(folder, lambda facts: facts.update(format=99)),
    "its path leads out of it": lambda folder: _manifest(folder, lambda facts: facts["parts"][0].update(path="../x")),
    "a line is a bomb": lambda folder: _replace(
        folder, _largest(folder), b'{"element":"' + b"x" * 64_000_000 + b'"}\n'
    ),
    "a line is no JSON": lambda folder: _replace(folder, _largest(folder), b"{]\n"),
    "a line has other types": lambda folder: _replace(folder, _largest(folder), b'{"account_id":[],"element":7}\n'),
    "a key has different rows": _twice,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    some_slow(
        "a part was changed",
        slow=["its path leads out of it", "a line is a bomb", "a key has different rows"],
        of=DAMAGES,
    ),
)
def test_a_snapshot_that_cannot_be_right_is_refused_and_leaves_its_account_as_it_was(
    elsewhere: tuple[Installation, Path], damage: str
) -> None:
    installation, folder = elsewhere
    whole = folder.with_name("whole")
    shutil.copytree(folder, whole)
    DAMAGES[damage](folder)

    ran = installation.run("load", str(folder), "--json")

    assert ran.code == 70, ran.err
    assert "Traceback" not in ran.err
    error = ran.json["error"]
    assert error["type"] == "ValidationError"
    assert folder.name in error["what"]
    assert error["why"]
    assert error["next"]
    assert len(ran.out + ran.err) < 5_000
    account_id = int(_largest(whole).name.partition("-")[0])
    where = f"account_id = {account_id}"
    assert not installation.has_tables() or installation.table("campaign_daily_metrics", where=where) == []
    shutil.rmtree(folder)
    whole.rename(folder)
    assert installation.run("load", str(folder)).code == 0
    assert differences(installation) == []


@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage.startswith("a ")])
@pytest.mark.parametrize("way", ["the present", "a comparison"])
def test_no_page_shows_a_figure_of_a_snapshot_that_cannot_be_right(
    snapshot_elsewhere: Path, damage: str, way: str, tmp_path: Path
) -> None:
    folder, states = snapshot_elsewhere, dict.fromkeys(("before", "after"), snapshot_elsewhere.name)
    look = OpenSnapshots().state if way == "the present" else partial(OpenSnapshots().compared, **states)
    DAMAGES[damage](folder)

    with pytest.raises(ValidationError) as refused:
        look(folder.parent, Cache(tmp_path / "cache"))

    assert folder.name in refused.value.what
    assert refused.value.why
    assert refused.value.next_step
    assert len(str(refused.value)) < 1_000


def _repeat_all_rows(folder: Path) -> None:
    for path in folder.glob("*/*.ndjson.gz"):
        _replace(folder, path, 2 * gzip.decompress(path.read_bytes()))


def test_identical_rows_of_a_part_are_one_in_every_view(snapshot_elsewhere: Path, tmp_path: Path) -> None:
    _repeat_all_rows(snapshot_elsewhere)

    opened = OpenSnapshots().state(snapshot_elsewhere.parent, Cache(tmp_path / "cache"))

    for table in FILLED:
        keys = ", ".join(f'"{key}"' for key in key_of(table))
        rows, different = opened.execute(f"select count(*), count(distinct ({keys})) from {table.name}").fetchone()
        assert rows == different > 0, table.name


@pytest.mark.slow
def test_identical_rows_of_a_part_are_one_when_they_are_loaded_first_and_again(
    elsewhere: tuple[Installation, Path],
) -> None:
    installation, folder = elsewhere
    _repeat_all_rows(folder)

    for _ in range(2):
        assert installation.run("load", str(folder)).code == 0
        assert differences(installation) == []


@pytest.mark.slow
def test_a_file_that_no_manifest_knows_is_never_read(elsewhere: tuple[Installation, Path]) -> None:
    installation, folder = elsewhere
    part = _largest(folder)
    shutil.copy(part, part.with_name(f"{part.name.partition('-')[0]}-9.ndjson.gz"))

    assert installation.run("load", str(folder)).code == 0

    assert differences(installation) == []


@pytest.mark.slow
def test_hostile_names_are_loaded_as_text_and_harm_nothing(elsewhere: tuple[Installation, Path]) -> None:
    installation, folder = elsewhere
    part = max(folder.glob("campaigns/*.gz"), key=lambda path: path.stat().st_size)
    lines = [json.loads(line) for line in gzip.decompress(part.read_bytes()).splitlines()]
    for line in lines:
        line["element"]["name"] = HOSTILE
    _replace(folder, part, b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    assert installation.run("load", str(folder)).code == 0

    account_id = lines[0]["account_id"]
    names = {row["name"] for row in installation.table("campaigns", where=f"account_id = {account_id}")}
    assert names == {HOSTILE}
    assert all(installation.query(f"select 1 from {table.name} limit 1") for table in FILLED)


IN_THE_FOLDER: dict[str, Callable[[Path], Any]] = {
    "missing": lambda path: path.unlink(),
    "cut": lambda path: _change(path, lambda data: data[:-20]),
    "no gzip": lambda path: path.write_bytes(b"no gzip"),
    "not ours": lambda path: path.write_bytes(gzip.compress(b'{"urn":[]}\n7\n{"element":{"id":null}}\n')),
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", sweep_except("missing", "not ours", of=IN_THE_FOLDER))
def test_a_damaged_snapshot_in_the_folder_stops_no_sync(empty_database_url: URL, tmp_path: Path, damage: str) -> None:
    with new_installation(empty_database_url, tmp_path) as installation:
        installation.first_sync()
        (snapshot,) = installation.snapshots()
        for path, _ in snapshot.files():
            IN_THE_FOLDER[damage](path)
        installation.sandbox.world.restate(installation.today, installation.today, percent=150)
        installation.sandbox.world.remove("creatives", installation.table("creatives")[0]["creative_id"])
        installation.sandbox.switches.page_limit = 5

        code, outcome = installation.outcome(force=True)

        assert code == 0, outcome
        assert differences(installation) == []
