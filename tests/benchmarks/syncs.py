"""A sync beside the minimal script: `python tests/benchmarks/syncs.py [first] [again] [latency] [growth] [--size S]`.

The script makes the same requests and upserts the same rows, and does nothing else. LinkedIn is a sandbox on the same
cores: where both work at once, the slower of the two is what a wall clock sees.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from measured_installation import (
    LinkedIn,
    Measured,
    MeasuredInstallation,
    libpq,
    linkedin,
    measured,
    measured_installation,
    scalar,
    show,
    workbench,
)

MINIMAL_SCRIPT = Path(__file__).with_name("minimal_script.py")
CONCURRENCY = 4
LATENCY = 0.1
HEAD = ("", "requests", "rows", "wall s", "CPU s", "LinkedIn's CPU s", "peak MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=("first", "again", "latency", "growth", []))
    parser.add_argument("--size", action="append", choices=("small", "medium", "large"))
    parser.add_argument("--runs", type=int, default=1, help="Pairs of runs; the shortest of each kind is shown.")
    options = parser.parse_args()
    what = options.what or ["first", "again", "latency", "growth"]
    sizes = options.size or ["medium", "large"]
    with measured_installation() as at:
        for size in sizes:
            if "first" in what or "again" in what:
                with linkedin(size) as vendor:
                    first_and_again(at, vendor, size, options.runs, again="again" in what)
            if "latency" in what:
                with linkedin(size, latency=LATENCY) as vendor:
                    latency(at, vendor, size)
        if "growth" in what:
            with linkedin("large") as vendor:
                growth(at, vendor)


def first_and_again(at: MeasuredInstallation, vendor: LinkedIn, size: str, runs: int, *, again: bool) -> None:
    """A first sync beside the minimal script, in turns; then the same sync once more, where nothing has changed."""
    _floor(at, vendor)  # the sandbox has now made its world
    lines = {"raw gather, in memory": _floor(at, vendor)}
    environment: dict[str, str] = {}
    for _ in range(runs):
        environment, url = at.installation(vendor), at.database()
        minimal, ours = _floor(at, vendor, url), _sync(at, vendor, environment)
        _hold_equal(url, environment["DATABASE_URL"])
        lines["minimal script: gather, upsert"] = _better(minimal, lines.get("minimal script: gather, upsert"))
        lines["workbench sync"] = _better(ours, lines.get("workbench sync"))
    show(f"First sync, {size}, 90 days", HEAD, [(name, *_cells(line)) for name, line in lines.items()])
    ratios = [
        _ratio(lines["workbench sync"], lines["minimal script: gather, upsert"], column)
        for column in ("requests", "wall", "cpu")
    ]
    print(f"workbench ÷ script: requests {ratios[0]:.3f}, wall {ratios[1]:.2f}, CPU {ratios[2]:.2f}", flush=True)
    if again:
        _again(at, vendor, environment, lines["workbench sync"])


def _again(at: MeasuredInstallation, vendor: LinkedIn, environment: dict[str, str], first: Run) -> None:
    url = environment["DATABASE_URL"]
    wal = scalar(url, "select pg_current_wal_insert_lsn()")
    second = _sync(at, vendor, environment)
    written = int(scalar(url, f"select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{wal}')"))
    dead = scalar(
        url,
        "select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables where relname like '%metrics' or"
        " relname = 'audience_demographics'",
    )
    show(
        "The same again with --force, nothing changed",
        (*HEAD, "WAL KB", "dead facts"),
        [("first", *_cells(first), "", ""), ("again", *_cells(second), written // 1024, dead)],
    )


def latency(at: MeasuredInstallation, vendor: LinkedIn, size: str) -> None:
    """With a slow LinkedIn a sync should be bound by the number of its requests alone."""
    run = _sync(at, vendor, at.installation(vendor))
    bound = run.requests * LATENCY / CONCURRENCY
    show(
        f"{LATENCY * 1000:.0f} ms before every answer, {size}",
        ("", "requests", "wall s", "requests × latency ÷ concurrency, s", "ratio"),
        [("workbench sync", run.requests, run.process.wall, bound, run.process.wall / bound)],
    )


def growth(at: MeasuredInstallation, vendor: LinkedIn) -> None:
    """Memory should not know how many accounts there are, and time should know nothing else."""
    accounts = [account["account_id"] for account in _sync(at, vendor, at.installation(vendor)).accounts]
    lines = []
    for times in (1, 2, 4, 8):
        some = ",".join(map(str, accounts[: 2 * times]))
        run = _sync(at, vendor, at.installation(vendor, LINKEDIN_ACCOUNT_IDS=some))
        lines.append((f"{times}×: {2 * times} accounts of large", *_cells(run)))
    show("More accounts", HEAD, lines)


class Run:
    """One process, and what it did."""

    def __init__(self, process: Measured, vendor_cpu: float, requests: int, rows: int, accounts: list[dict]) -> None:  # type: ignore[type-arg]
        self.process, self.vendor_cpu, self.requests, self.rows = process, vendor_cpu, requests, rows
        self.accounts = accounts


def _sync(at: MeasuredInstallation, vendor: LinkedIn, environment: dict[str, str]) -> Run:
    before = vendor.cpu()
    process = measured(workbench("sync", "--force", "--json"), environment, at.folder)
    said = json.loads(process.output)
    accounts = [account for account in said["accounts"] if account["account_id"]]
    rows = sum(
        counts["fetched"] for account in said["accounts"] for name, counts in account["resources"].items()
        if name not in ("names", "posts")
    )  # fmt: skip
    return Run(process, vendor.cpu() - before, said["api_calls"], rows, accounts)


def _floor(at: MeasuredInstallation, vendor: LinkedIn, url: str = "-") -> Run:
    before = vendor.cpu()
    process = measured(
        [sys.executable, str(MINIMAL_SCRIPT), vendor.url, vendor.token, url if url == "-" else libpq(url)],
        {},
        at.folder,
    )
    said = json.loads(process.output)
    return Run(process, vendor.cpu() - before, said["requests"], said["rows"], [])


def _hold_equal(minimal: str, ours: str) -> None:
    """Two ways to the same rows; a script that does less would be no measure."""
    for table in ("campaign_daily_metrics", "creative_daily_metrics", "audience_demographics", "creatives"):
        figures = (
            "count(*)" if table == "creatives" else "(count(*), sum(impressions), round(sum(cost_in_local_currency)))"
        )
        statement = f"select {figures}::text from {table}"
        if scalar(minimal, statement) != scalar(ours, statement):
            sys.exit(f"{table}: the minimal script and the workbench differ.")


def _better(run: Run, other: Run | None) -> Run:
    return run if other is None or run.process.wall < other.process.wall else other


def _ratio(run: Run, minimal: Run, figure: str) -> float:
    if figure == "requests":
        return run.requests / minimal.requests
    return float(getattr(run.process, figure) / getattr(minimal.process, figure))


def _cells(run: Run) -> tuple[object, ...]:
    return run.requests, run.rows, run.process.wall, run.process.cpu, run.vendor_cpu, run.process.peak


if __name__ == "__main__":
    main()
