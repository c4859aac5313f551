"""Loading a snapshot against a raw COPY of the same rows: `python tests/benchmarks/loads.py [--accounts 4] [--runs 3]`.

The COPY is the least that PostgreSQL can be asked for: ready-made text into a table without an index. A load reads
gzipped JSON, checks the files, decides which rows are current, compares with what is there, and keeps the books.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from measured_installation import (
    MeasuredInstallation,
    best,
    libpq,
    linkedin,
    measured,
    measured_installation,
    show,
    workbench,
)

from workbench.database.connection import Database
from workbench.database.locked_database import LockedDatabase
from workbench.database.upsert import copy_select
from workbench.pipeline.load.loader import load_snapshot
from workbench.schema import tables
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.views import Views


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=4, help="Of large: some 30,000 metric rows each.")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with measured_installation() as at:
        snapshot, lookback = _snapshots(at, options.accounts)
        with Views([snapshot]) as views:
            text = {table: list(views.csv(copy_select(table))) for table in tables.METRICS}
        rows = sum(part.count(b"\n") for lines in text.values() for part in lines)
        copied = best(options.runs, lambda: _copy(at, text))
        facts = _metrics_alone(snapshot)
        times = [(*_load(at, snapshot, lookback), *_load(at, facts)) for _ in range(options.runs)]
        first, again, later, alone = (min(column) for column in zip(*times, strict=True))
        read = best(options.runs, lambda: _read(snapshot))
        show(
            f"Loading {rows:,} metric rows of {options.accounts} accounts, the shortest of {options.runs}",
            ("", "seconds", "µs a row", "÷ COPY", "÷ first load"),
            [
                ("raw COPY, no index", copied, copied / rows * 1e6, 1.0, ""),
                ("reading the views alone", read, read / rows * 1e6, read / copied, read / first),
                ("first load of these rows alone", alone, alone / rows * 1e6, alone / copied, alone / first),
                ("first load, entities and audiences too", first, first / rows * 1e6, first / copied, 1.0),
                ("all of it again, nothing changed", again, again / rows * 1e6, again / copied, again / first),
                ("the next sync's 31 days, nothing changed", later, "", "", later / first),
            ],
        )


def _snapshots(at: MeasuredInstallation, accounts: int) -> list[Snapshot]:
    """What a first sync fetches, and what the next one of the same day asks again."""
    with linkedin("large") as vendor:
        listed = json.loads(
            measured(workbench("sync", "--json", "--days", "0"), at.installation(vendor), at.folder).output
        )
        ids = [account["account_id"] for account in listed["accounts"] if account["account_id"]][:accounts]
        environment = at.installation(vendor, LINKEDIN_ACCOUNT_IDS=",".join(map(str, ids)))
        for arguments in ((), ("--force",)):
            measured(workbench("sync", "--json", *arguments), environment, at.folder)
    return list_snapshots(Path(environment["SNAPSHOT_DIR"])).finished


def _read(snapshot: Snapshot) -> None:
    with Views([snapshot]) as views:
        for table in tables.METRICS:
            for _ in views.csv(copy_select(table)):
                pass


def _copy(at: MeasuredInstallation, text: dict[Any, list[bytes]]) -> None:
    with psycopg.connect(libpq(at.database())) as connection, connection.cursor() as cursor:
        for table, lines in text.items():
            cursor.execute(f"create table raw_{table.name} (like {table.name})")
            cursor.execute(f"alter table raw_{table.name} drop column synced_at")
            with cursor.copy(f"copy raw_{table.name} from stdin (format csv)") as copy:
                for part in lines:
                    copy.write(part)


def _metrics_alone(snapshot: Snapshot) -> Snapshot:
    parts = tuple(part for part in snapshot.manifest.parts if part.resource in {table.name for table in tables.METRICS})
    return replace(snapshot, manifest=snapshot.manifest.model_copy(update={"parts": parts}))


def _load(at: MeasuredInstallation, snapshot: Snapshot, lookback: Snapshot | None = None) -> list[float]:
    """Seconds of a first load into an empty database; and of the same load again, and of the next sync's."""
    database = LockedDatabase.of(Database(libpq(at.database())), "benchmark")
    database.open()
    try:

        def load(one: Snapshot) -> None:
            load_snapshot(database, one, on_counts=lambda *_: None)

        times = [best(1, lambda: load(snapshot))]
        if lookback:
            times += [best(2, lambda: load(snapshot)), best(2, lambda: load(lookback))]
    finally:
        database.close()
    return times


if __name__ == "__main__":
    main()
