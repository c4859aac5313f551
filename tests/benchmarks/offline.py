"""Questions on snapshots: `python tests/benchmarks/offline.py [asking] [opening] [--window 365] [--days 365]`.

Asking: every question on a million metric rows, against the same SQL on the same tables in bare DuckDB. Opening: a year
of daily syncs with a lookback of 30 days, against the same rows in one snapshot; and the first, tenth and hundredth.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from measured_installation import MeasuredInstallation, linkedin, measured, measured_installation, show, workbench

from workbench import query
from workbench.queries.api import default
from workbench.queries.snapshot_source import open_set
from workbench.queries.sql_files import catalogue, find
from workbench.schema.snapshot_names import name_of
from workbench.schema.tables import METRICS
from workbench.snapshots.arrow import ArrowStream, frame
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import MANIFEST, Part, Snapshot, read_manifest
from workbench.snapshots.parquet_cache import Cache

LOOKBACK = 30
ASKED = 7
_METRICS = tuple(table.name for table in METRICS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=("asking", "opening", []))
    parser.add_argument("--days", type=int, default=365, help="Daily syncs, for opening.")
    parser.add_argument("--window", type=int, default=365, help="Days of large data, for asking: a million rows.")
    options = parser.parse_args()
    with measured_installation() as at:
        if "opening" in options.what or not options.what:
            opening(at, options.days)
        if "asking" in options.what or not options.what:
            asking(at, options.window)


# --- asking ----------------------------------------------------------------------------------------------------------


def asking(at: MeasuredInstallation, window: int) -> None:
    with linkedin("large") as vendor:
        environment = at.installation(vendor)
        measured(workbench("sync", "--json", "--days", str(window)), environment, at.folder)
    [snapshot] = list_snapshots(Path(environment["SNAPSHOT_DIR"])).finished
    bare = _bare(snapshot)
    with _settings(environment):
        lines = [_asked(name, parameters, bare) for name, parameters in _cases(window)]
    show(
        f"Questions on {_rows(bare):,} metric rows of all accounts, p95 of {ASKED}, answers not remembered",
        ("", "rows", "query ms", "bare DuckDB ms", "ratio"),
        [*lines, ("median", "", "", "", statistics.median(line[-1] for line in lines))],
    )


def _asked(
    name: str, parameters: dict[str, Any], bare: duckdb.DuckDBPyConnection
) -> tuple[str, int, float, float, float]:
    """One question in turns: by `query`, and as its bare statement."""
    question = find(name)
    bound = {key: value for key, value in question.bind(parameters).items() if f"${key}" in question.sql}
    ours, theirs = [], []
    for _ in range(ASKED):
        default._answers.clear()
        ours.append(_seconds(lambda: query(name, source="snapshots", **parameters)))
        theirs.append(_seconds(lambda: frame(bare.sql(question.sql, params=bound or None))))
    rows = len(query(name, source="snapshots", **parameters))
    return name, rows, 1000 * _p95(ours), 1000 * _p95(theirs), _p95(ours) / _p95(theirs)


def _bare(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    """The same tables in a DuckDB that has nothing of ours around it."""
    opened = open_set([snapshot])
    bare = duckdb.connect(":memory:", config={"threads": 2})
    bare.execute("set global timezone = 'UTC'")
    for (name,) in opened.execute("select table_name from information_schema.tables").fetchall():
        bare.register("arriving", ArrowStream(opened.table(name)))
        bare.execute(f"create table {name} as from arriving")
        bare.unregister("arriving")
    return bare


def _cases(window: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question that both engines answer, on all accounts and all the days there are, half of them as previous."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    middle = last - timedelta(days=window // 2)
    account_id, campaign_id = (
        query("campaigns", source="snapshots", first_day=middle, last_day=last)
        .sort("cost_in_local_currency", descending=True)
        .select("account_id", "campaign_id")
        .row(0)
    )
    known = {
        "account_id": account_id,
        "campaign_id": campaign_id,
        "pivot": "MEMBER_JOB_TITLE",
        "first_day": middle,
        "last_day": last,
        "previous_first_day": middle - timedelta(days=window // 2),
        "previous_last_day": middle - timedelta(days=1),
    }
    for name, question in catalogue().items():
        if question.folder == "questions":
            yield name, {key: value for key, value in known.items() if key in question.params}


# --- opening ---------------------------------------------------------------------------------------------------------


def opening(at: MeasuredInstallation, days: int) -> None:
    with linkedin("medium") as vendor:
        environment = at.installation(vendor)
        measured(workbench("sync", "--json", "--days", str(days)), environment, at.folder)
    [whole] = list_snapshots(Path(environment["SNAPSHOT_DIR"])).finished
    folder = at.folder / "daily"
    _daily(whole, folder, days)
    cache = Cache(at.folder / "cache")
    lines: list[tuple[str, int, int, float, float]] = []

    def opened(label: str, count: int, some: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        began = time.perf_counter()
        connection = some()
        seconds = time.perf_counter() - began
        one = lines[0][3] if lines else seconds
        lines.append((label, count, _rows(connection), seconds, seconds / one))

    opened("the same rows in one snapshot, nothing kept", 1, lambda: open_set([read_manifest(whole.folder)]))
    for count in (1, 10, 100, days):
        opened(f"{count} daily, nothing kept", count, partial(_first, folder, count))
    _first(folder, days - 1, cache)
    opened("one more upon what is kept", days, partial(_first, folder, days, cache))
    opened("opened again, all kept", days, partial(_first, folder, days, cache))
    show(f"Opening, medium, a lookback of {LOOKBACK} days", ("", "snapshots", "metric rows", "seconds", "ratio"), lines)


def _first(folder: Path, count: int, cache: Cache | None = None) -> duckdb.DuckDBPyConnection:
    """The first so many snapshots, from listing the folder on."""
    return open_set(list_snapshots(folder).finished[:count], cache)


def _daily(whole: Snapshot, folder: Path, days: int) -> None:
    """What daily syncs would have left, cut out of one long one: a snapshot a day, each with the last 30 days."""
    last = whole.manifest.window[1]
    texts = {path: gzip.decompress(path.read_bytes()) for path, _ in whole.files()}
    by_day = {path: _by_day(texts[path]) for path, part in whole.files() if part.resource in _METRICS}
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        first = max(day - timedelta(days=LOOKBACK), whole.manifest.window[0])
        _one_day(whole, folder, first, day, texts, by_day)


def _one_day(
    whole: Snapshot,
    folder: Path,
    first: date,
    day: date,
    texts: dict[Path, bytes],
    by_day: dict[Path, dict[date, bytes]],
) -> None:
    moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    name = name_of(moment)
    parts: list[Part] = []
    for path, part in whole.files():
        covers = part.covers
        text = texts[path]
        if part.resource in _METRICS:
            wanted = [on for on in by_day[path] if first <= on <= day]
            text = b"".join(by_day[path][on] for on in sorted(wanted))
            covers = tuple((max(a, first), min(b, day)) for a, b in part.covers if a <= day and b >= first)  # type: ignore[operator, type-var]
            if not covers:
                continue
        packed = gzip.compress(text, 1, mtime=0)
        file = folder / name / str(part.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(packed)
        facts = {"bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest(), "elements": text.count(b"\n")}
        parts.append(part.model_copy(update={**facts, "covers": covers}))
    changes = {
        "snapshot": name,
        "window": (first, day),
        "started_at": moment,
        "finished_at": moment,
        "parts": tuple(parts),
    }
    manifest = whole.manifest.model_copy(update=changes)
    (folder / name / MANIFEST).write_text(manifest.model_dump_json())


def _by_day(text: bytes) -> dict[date, bytes]:
    found: dict[date, list[bytes]] = {}
    for line in text.splitlines(keepends=True):
        start = json.loads(line)["element"]["dateRange"]["start"]
        found.setdefault(date(start["year"], start["month"], start["day"]), []).append(line)
    return {day: b"".join(lines) for day, lines in found.items()}


def _rows(connection: duckdb.DuckDBPyConnection) -> int:
    counts = [connection.execute(f"select count(*) from {name}").fetchone() for name in _METRICS]
    return sum(row[0] for row in counts if row)


# --- both ------------------------------------------------------------------------------------------------------------


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return sorted(times)[round(0.95 * (len(times) - 1))]


@contextmanager
def _settings(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    main()
