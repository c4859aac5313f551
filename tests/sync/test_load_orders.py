"""Snapshots loaded in any order, or twice, end equal to each other and to the views over all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from databases import temporary_database
from sqlalchemy import URL

from sync.installation import TODAY, Installation, Row, differences, differences_of_views
from workbench.database import embedded
from workbench.pipeline.api import load
from workbench.sandbox import Sandbox
from workbench.schema.tables import LOADED

FIRST, SECOND, IDLE = 512010000, 512010037, 512010074
ORDERS = list(itertools.permutations(range(5)))


@contextmanager
def _five_snapshots(server: embedded.EmbeddedServer, url: URL, folder: Path) -> Iterator[Installation]:
    """A restatement, a rename, a removal, an incomplete listing, an account that is not covered, other windows."""
    with Sandbox(today=TODAY) as sandbox:
        installation = Installation(sandbox, url, folder)
        installation.first_sync()
        row = installation.table("campaign_daily_metrics")[-1]
        sandbox.world.restate(row["date"], row["date"], percent=130)
        sandbox.world.rename("campaigns", row["campaign_id"], "Renamed")
        assert installation.sync(force=True, days=40).exit_code == 0
        sandbox.world.remove("campaigns", installation.table("campaigns")[3]["campaign_id"])
        sandbox.world.vanish(TODAY, TODAY, campaign_id=row["campaign_id"])
        sandbox.faults.add(f"{FIRST}/creatives", "endless_cursor", times=None)
        sandbox.faults.add(f"MEMBER_INDUSTRY.*{FIRST}", "forbid", times=None)
        assert installation.sync(force=True).exit_code == 10
        sandbox.faults.clear()
        sandbox.advance(1)
        sandbox.faults.add(str(SECOND), "forbid", times=None)
        sandbox.world.remove("creatives", installation.table("creatives")[-1]["creative_id"])
        assert installation.sync(force=True).exit_code == 10
        sandbox.faults.clear()
        sandbox.world.remove("ad_accounts", IDLE)
        assert installation.sync(force=True, days=5).exit_code == 0
        yield installation


@contextmanager
def _another_database(server: embedded.EmbeddedServer, installation: Installation) -> Iterator[Installation]:
    with temporary_database(server) as url:
        yield Installation(installation.sandbox, url, installation.folder, token=installation.token)


def _everything(installation: Installation) -> dict[str, list[Row]]:
    """All tables, bookkeeping included, except when a row was written."""
    return {
        name: sorted(installation.query(f"select to_jsonb(t) - 'synced_at' as row from {name} t"), key=str)
        for name in (*(table.name for table in LOADED), "coverage")
    }


@pytest.mark.slow
def test_the_order_of_loads_does_not_matter(server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path) -> None:
    with _five_snapshots(server, database_url, tmp_path) as installation:
        folders = [snapshot.folder for snapshot in installation.snapshots()]
        assert len(folders) == 5
        expected = _everything(installation)
        assert differences_of_views(installation) == []
        with _another_database(server, installation) as other:
            for place in (2, 4, 3, 1, 0, 2):
                load([folders[place]], settings=other.settings())
            assert _everything(other) == expected
            again = load(folders, settings=other.settings())
        changed = again.rows()
        assert changed.pop("unchanged") > 0
        assert changed == {"inserted": 0, "updated": 0, "deleted": 0}


@pytest.mark.sweep
def test_every_order_of_loads_ends_equal(server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path) -> None:
    with _five_snapshots(server, database_url, tmp_path) as installation:
        folders = [snapshot.folder for snapshot in installation.snapshots()]
        expected = _everything(installation)
        for order in ORDERS:
            with _another_database(server, installation) as other:
                load([folders[place] for place in order], settings=other.settings())
                assert _everything(other) == expected, order


def test_a_load_of_what_a_sync_lost_with_its_database_brings_everything_back(
    server: embedded.EmbeddedServer, installation: Installation
) -> None:
    installation.first_sync()
    with _another_database(server, installation) as other:
        load([snapshot.folder for snapshot in installation.snapshots()], settings=other.settings())
        assert differences(other) == []
