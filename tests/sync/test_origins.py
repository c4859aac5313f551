"""Invented data and real accounts never meet in one database, whichever comes first and whichever way it comes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import get_args

import made_snapshots
import pytest
from made_snapshots import Made
from marks import sweep_except
from sqlalchemy import URL

from sync.installation import Installation
from workbench.database.connection import Database
from workbench.database.data_origin import OtherOriginError
from workbench.database.locked_database import LockedDatabase
from workbench.exit_codes import CONFIGURE
from workbench.paths import shipped
from workbench.pipeline.api import load
from workbench.pipeline.load.loader import load_metrics
from workbench.schema.literals import Origin
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import COMPLETE_LISTING, Snapshot

ORIGINS: tuple[Origin, ...] = get_args(Origin)
FIRST, SECOND = "20261120T060000Z", "20261121T060000Z"


def _snapshot(folder: Path, name: str, origin: Origin, account_id: int) -> Snapshot:
    listed = {"id": account_id, "name": f"{origin} {account_id}", "currency": "EUR", "test": False}
    return made_snapshots.snapshot(
        folder,
        name,
        [Made("ad_accounts", 0, [listed], COMPLETE_LISTING), Made("campaigns", account_id, [], COMPLETE_LISTING)],
        origin=origin,
    )


@pytest.fixture
def settings(database_url: URL, tmp_path: Path) -> Settings:
    where = database_url.render_as_string(hide_password=False)
    return Settings.model_validate(
        {"DATABASE_URL": where, "SNAPSHOT_DIR": tmp_path, "WORKBENCH_HOME": tmp_path / "home"}
    )


def _accounts(settings: Settings) -> set[int]:
    with Database.of(settings).connect() as connection:
        return {account_id for (account_id,) in connection.execute("select account_id from ad_accounts").fetchall()}


@pytest.mark.parametrize(("held", "brought"), list(itertools.product(ORIGINS, ORIGINS)))
def test_a_database_holds_data_of_one_origin(settings: Settings, tmp_path: Path, held: Origin, brought: Origin) -> None:
    load([_snapshot(tmp_path, FIRST, held, 1).folder], settings=settings)
    other = _snapshot(tmp_path, SECOND, brought, 2)
    if held == brought:
        load([other.folder], settings=settings)
        assert _accounts(settings) == {1, 2}
        return

    with pytest.raises(OtherOriginError) as refused:
        load([other.folder], settings=settings)

    assert refused.value.exit_code == CONFIGURE
    assert SECOND in refused.value.what
    assert refused.value.next_step
    assert _accounts(settings) == {1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("held", "brought"),
    sweep_except(("linkedin", "sample"), ("loopback", "linkedin"), of=itertools.permutations(ORIGINS, 2), several=True),
)
def test_what_is_loaded_before_its_sync_ends_is_refused_too(
    settings: Settings, tmp_path: Path, held: Origin, brought: Origin
) -> None:
    load([_snapshot(tmp_path, FIRST, held, 1).folder], settings=settings)
    database = LockedDatabase.of(Database.of(settings), "load")
    database.open()
    try:
        with pytest.raises(OtherOriginError):
            load_metrics(database, _snapshot(tmp_path, SECOND, brought, 2), 2)
    finally:
        database.close()


def test_what_fits_is_loaded_though_something_else_does_not(settings: Settings, tmp_path: Path) -> None:
    folders = [
        _snapshot(tmp_path, FIRST, "linkedin", 1).folder,
        _snapshot(tmp_path, SECOND, "loopback", 2).folder,
        _snapshot(tmp_path, "20261122T060000Z", "linkedin", 3).folder,
    ]

    with pytest.raises(OtherOriginError, match=SECOND):
        load(folders, settings=settings)

    assert _accounts(settings) == {1, 3}


def test_a_snapshot_that_does_not_say_who_was_asked_counts_as_linkedins(settings: Settings, tmp_path: Path) -> None:
    old = _snapshot(tmp_path, FIRST, "linkedin", 1)
    manifest = old.folder / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(' "origin": "linkedin",\n', ""), "utf-8")
    load([old.folder], settings=settings)

    with pytest.raises(OtherOriginError):
        load([_snapshot(tmp_path, SECOND, "sample", 2).folder], settings=settings)


@pytest.mark.parametrize("held", ["linkedin", "sample"])
def test_a_sync_from_loopback_does_not_begin_in_a_database_of_other_data(
    installation: Installation, tmp_path: Path, held: Origin
) -> None:
    load([_snapshot(tmp_path, FIRST, held, 1).folder], settings=installation.settings())
    asked = len(installation.requests())

    with pytest.raises(OtherOriginError) as refused:
        installation.sync(days=1)

    assert refused.value.exit_code == CONFIGURE
    assert len(installation.requests()) == asked
    assert installation.unfinished() == []


def test_a_sync_from_loopback_says_so_in_its_manifest_and_keeps_other_data_out(
    installation: Installation, tmp_path: Path
) -> None:
    installation.first_sync()
    assert {snapshot.manifest.origin for snapshot in installation.snapshots()} == {"loopback"}

    for folder in (_snapshot(tmp_path, FIRST, "linkedin", 1).folder, *sample()):
        with pytest.raises(OtherOriginError):
            load([folder], settings=installation.settings())


def test_a_snapshot_of_other_data_that_was_left_unfinished_does_not_stop_a_sync(installation: Installation) -> None:
    left = made_snapshots.writer(installation.snapshot_dir / FIRST, origin="linkedin")
    made_snapshots.write(left, Made("ad_accounts", 0, [{"id": 7}], COMPLETE_LISTING))
    left.release()

    report = installation.sync(days=1)

    assert report.exit_code == 0
    assert 7 not in {row["account_id"] for row in installation.table("ad_accounts")}
    assert not [note for note in report.notes if FIRST in note]


@pytest.mark.slow
def test_the_sample_is_of_an_origin_of_its_own(settings: Settings) -> None:
    load(sample(), settings=settings)
    with Database.of(settings).connect() as connection:
        assert connection.execute("select origin from data_origin").fetchall() == [("sample",)]


def sample() -> list[Path]:
    return [snapshot.folder for snapshot in list_snapshots(shipped("snapshots", "sample")).finished]
