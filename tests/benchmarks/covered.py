"""How reading `coverage` grows with its rows: `python tests/benchmarks/covered.py [--accounts 50] [--days 90 1095]`.

Coverage of daily syncs is made up in an embedded database. Printed for each number of days: its rows, then of what a
sync, a page and `status` read of it: seconds of the processor (PostgreSQL's and our own), rows answered, and what our
own memory had to hold at most. The last line is the growth from the first number of days to the last: ratios count.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "postgres")]

import psycopg  # noqa: E402
from databases import temporary_database  # noqa: E402  (found in the folder above)
from folders import open_folder  # noqa: E402
from test_scale import FLOOR, LOOKBACK, SYNC_DAYS, TODAY, fill, name_of, question  # noqa: E402

from workbench.database import embedded, migrations  # noqa: E402
from workbench.database.connection import Database  # noqa: E402
from workbench.database.coverage import coverage_beside, newest_snapshot, settled_coverage  # noqa: E402
from workbench.database.pooler import backend_pid  # noqa: E402
from workbench.diagnostics.status.coverage import covered  # noqa: E402
from workbench.diagnostics.status.database import _coverage  # noqa: E402
from workbench.pipeline.sync_windows import SyncWindows  # noqa: E402
from workbench.schema.resources import CORE_DAYS, DAILY, LISTINGS, CoverageRow  # noqa: E402

OWN = [CoverageRow(1, CORE_DAYS[0], TODAY - timedelta(days=30), TODAY, name_of(TODAY))]


def readings(accounts: int) -> dict[str, Callable[[psycopg.Connection], Any]]:
    """What is timed, by name."""
    return {
        "plan": lambda c: planned(c, accounts),
        "load": lambda c: coverage_beside(c, name_of(TODAY), OWN, range(accounts + 1)),
        "version": lambda c: c.execute(question("data_version")).fetchall(),
        "newest": lambda c: [newest_snapshot(c)],
        "status": lambda c: described(c, accounts),
    }


def planned(connection: psycopg.Connection, accounts: int) -> list[Any]:
    """The days to ask of every account."""
    found = settled_coverage(connection, floor=FLOOR, lookback_days=LOOKBACK)
    windows = SyncWindows(TODAY, SYNC_DAYS, LOOKBACK, coverage=found, accounts=range(1, accounts + 1))
    return [windows.windows(account_id) for account_id in windows.accounts]


def described(connection: psycopg.Connection, accounts: int) -> tuple[Any, ...]:
    """The coverage of every account, as `status` and `doctor` have it."""
    rows, summed_up = _coverage(connection, None, is_current=True)
    return covered(rows, {number: f"Account {number}" for number in range(1, accounts + 1)}, summed_up)


def processor_seconds(backend: int) -> float:
    """The seconds of the processor that a backend of PostgreSQL and this process have used."""
    facts = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def held(read: Callable[[psycopg.Connection], Any], connection: psycopg.Connection) -> int:
    """The most bytes that Python holds at a time while it reads."""
    tracemalloc.start()
    try:
        read(connection)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--days", type=int, nargs="+", default=[90, 365, 1095])
    given = parser.parse_args()
    server = embedded.ensure(open_folder("workbench-benchmark-") / "postgres")
    names = readings(given.accounts)
    seconds: list[tuple[int, list[float]]] = []
    print(f"{'rows':>10}" + "".join(f"{name:>26}" for name in names))
    for days in given.days:
        with temporary_database(server, template="template1") as url:
            database = Database(url)
            engine = database.engine()
            migrations.upgrade(engine)
            engine.dispose()
            with database.connect() as connection:
                connection.execute("set max_parallel_workers_per_gather = 0")  # or others would use the processor
                rows = fill(connection, accounts=given.accounts, days=days, resources=[*LISTINGS, *DAILY])
                backend = backend_pid(connection)
                taken, cells = [], []
                for read in names.values():
                    begun = processor_seconds(backend)
                    answered = len(read(connection))
                    taken.append(max(processor_seconds(backend) - begun, 0.001))
                    cells.append(f"{taken[-1]:.2f} s {answered:,} {held(read, connection) / 1e6:.0f} MB")
            seconds.append((rows, taken))
            print(f"{rows:>10,}" + "".join(f"{cell:>26}" for cell in cells), flush=True)
    (fewest, first), (most, last) = seconds[0], seconds[-1]
    growth = "".join(f"{f'x {b / a:.1f}':>26}" for a, b in zip(first, last, strict=True))
    print(f"{f'x {most / fewest:.1f}':>10}{growth}")


if __name__ == "__main__":
    main()
