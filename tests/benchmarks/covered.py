"""How reading `coverage` grows with its rows: `python tests/benchmarks/covered.py [--accounts 50] [--days 90 1095]`.

Coverage of daily syncs is made up in an embedded database. Printed for each number of days: its rows, then seconds and
rows answered of what a sync, a page and `status` read of it. The last line is the growth from the first number of days
to the last: ratios count, not seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "postgres")]

import psycopg  # noqa: E402
from databases import temporary_database  # noqa: E402  (found in the folder above)
from folders import open_folder  # noqa: E402
from test_scale import FLOOR, LOOKBACK, TODAY, fill, name_of, question  # noqa: E402

from workbench.database import embedded, migrations  # noqa: E402
from workbench.database.connection import Database  # noqa: E402
from workbench.database.coverage import coverage_beside, newest_snapshot, settled_coverage  # noqa: E402
from workbench.diagnostics.status.database import _coverage  # noqa: E402
from workbench.schema.resources import CORE_DAYS, CoverageRow  # noqa: E402

OWN = [CoverageRow(1, CORE_DAYS[0], TODAY - timedelta(days=30), TODAY, name_of(TODAY))]


def readings(accounts: int) -> dict[str, Callable[[psycopg.Connection], Any]]:
    """What is timed, by name."""
    return {
        "plan": lambda c: settled_coverage(c, floor=FLOOR, lookback_days=LOOKBACK),
        "load": lambda c: coverage_beside(c, name_of(TODAY), OWN, range(accounts + 1)),
        "version": lambda c: c.execute(question("data_version")).fetchall(),
        "newest": lambda c: [newest_snapshot(c)],
        "status": lambda c: _coverage(c, None, is_current=True),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--days", type=int, nargs="+", default=[90, 365, 1095])
    given = parser.parse_args()
    server = embedded.ensure(open_folder("workbench-benchmark-") / "postgres")
    names = readings(given.accounts)
    seconds: list[tuple[int, list[float]]] = []
    print(f"{'rows':>10}" + "".join(f"{name:>20}" for name in names))
    for days in given.days:
        with temporary_database(server, template="template1") as url:
            database = Database(url)
            engine = database.engine()
            migrations.upgrade(engine)
            engine.dispose()
            with database.connect() as connection:
                rows = fill(connection, accounts=given.accounts, days=days)
                taken, cells = [], []
                for read in names.values():
                    begun = time.perf_counter()
                    answered = len(read(connection))
                    taken.append(time.perf_counter() - begun)
                    cells.append(f"{taken[-1]:.3f} s {answered:,}")
            seconds.append((rows, taken))
            print(f"{rows:>10,}" + "".join(f"{cell:>20}" for cell in cells), flush=True)
    (fewest, first), (most, last) = seconds[0], seconds[-1]
    growth = "".join(f"{f'x {b / a:.1f}':>20}" for a, b in zip(first, last, strict=True))
    print(f"{f'x {most / fewest:.1f}':>10}{growth}")


if __name__ == "__main__":
    main()
