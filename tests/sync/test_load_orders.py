"""Snapshots loaded in any order, or twice, end equal to each other and to the views over all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from databases import temporary_database
from sqlalchemy import URL

from sync.bench import TODAY, Bench, Row, differences, differences_of_views
from workbench.database import embedded
from workbench.pipeline.api import load
from workbench.sandbox import Sandbox
from workbench.schema.tables import LOADED

FIRST, SECOND, IDLE = 512010000, 512010037, 512010074
ORDERS = list(itertools.permutations(range(5)))
SAMPLE = [ORDERS[61]]


@contextmanager
def _five_snapshots(server: embedded.EmbeddedServer, url: URL, folder: Path) -> Iterator[Bench]:
    """A restatement, a rename, a removal, an incomplete listing, an account that is not covered, other windows."""
    with Sandbox(today=TODAY) as sandbox:
        bench = Bench(sandbox, url, folder)
        bench.first_sync()
        row = bench.table("campaign_daily_metrics")[-1]
        sandbox.world.restate(row["date"], row["date"], percent=130)
        sandbox.world.rename("campaigns", row["campaign_id"], "Renamed")
        assert bench.sync(force=True, days=40).exit_code == 0
        sandbox.world.remove("campaigns", bench.table("campaigns")[3]["campaign_id"])
        sandbox.world.vanish(TODAY, TODAY, campaign_id=row["campaign_id"])
        sandbox.faults.add(f"{FIRST}/creatives", "endless_cursor", times=None)
        sandbox.faults.add(f"MEMBER_INDUSTRY.*{FIRST}", "forbid", times=None)
        assert bench.sync(force=True).exit_code == 10
        sandbox.faults.clear()
        sandbox.advance(1)
        sandbox.faults.add(str(SECOND), "forbid", times=None)
        sandbox.world.remove("creatives", bench.table("creatives")[-1]["creative_id"])
        assert bench.sync(force=True).exit_code == 10
        sandbox.faults.clear()
        sandbox.world.remove("ad_accounts", IDLE)
        assert bench.sync(force=True, days=5).exit_code == 0
        yield bench


@contextmanager
def _another_database(server: embedded.EmbeddedServer, bench: Bench) -> Iterator[Bench]:
    with temporary_database(server) as url:
        yield Bench(bench.sandbox, url, bench.folder, token=bench.token)


def _everything(bench: Bench) -> dict[str, list[Row]]:
    """All tables, bookkeeping included, except when a row was written."""
    return {
        name: sorted(bench.query(f"select to_jsonb(t) - 'synced_at' as row from {name} t"), key=str)
        for name in (*(table.name for table in LOADED), "coverage")
    }


@pytest.mark.slow
def test_the_order_of_loads_does_not_matter(server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path) -> None:
    with _five_snapshots(server, database_url, tmp_path) as bench:
        folders = [snapshot.folder for snapshot in bench.snapshots()]
        assert len(folders) == 5
        expected = _everything(bench)
        assert differences_of_views(bench) == []
        for order in SAMPLE:
            with _another_database(server, bench) as other:
                load([folders[place] for place in order], settings=other.settings())
                assert _everything(other) == expected, order
        with _another_database(server, bench) as other:
            for place in (4, 3, 2, 1, 0, 2):
                load([folders[place]], settings=other.settings())
            assert _everything(other) == expected
            again = load(folders, settings=other.settings())
        counts = [c for accounts in again.values() for tables in accounts.values() for c in tables.values()]
        assert all(c["inserted"] == c["updated"] == c["deleted"] == 0 for c in counts)


@pytest.mark.sweep
def test_every_order_of_loads_ends_equal(server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path) -> None:
    with _five_snapshots(server, database_url, tmp_path) as bench:
        folders = [snapshot.folder for snapshot in bench.snapshots()]
        expected = _everything(bench)
        for order in ORDERS:
            with _another_database(server, bench) as other:
                load([folders[place] for place in order], settings=other.settings())
                assert _everything(other) == expected, order


def test_a_load_of_what_a_sync_lost_with_its_database_brings_everything_back(
    server: embedded.EmbeddedServer, bench: Bench
) -> None:
    bench.first_sync()
    with _another_database(server, bench) as other:
        load([snapshot.folder for snapshot in bench.snapshots()], settings=other.settings())
        assert differences(other) == []
