"""Make the demo's earlier weeks in a process of its own, while its first page is already open.

The snapshots are written beside the snapshot folder and moved in when all are there, so that pages see them come once.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from workbench.cli.invented_snapshots import write_snapshot
from workbench.database.connection import Database
from workbench.database.coverage import loaded_snapshots
from workbench.linkedin.auth.fingerprint import sign_in_fingerprint
from workbench.paths import loopback_address
from workbench.pipeline.api import load
from workbench.sandbox import Sandbox
from workbench.schema.snapshot_names import moment_of
from workbench.settings.fields import Settings, read_settings
from workbench.snapshots.catalog import list_snapshots, not_loaded
from workbench.snapshots.manifest import Snapshot

SIZE = "medium"
DAYS = 90
"""What a first sync asks for."""
WEEKS = 5
AGES = (7, 1, 0)
"""Days before today of the snapshots that are there when the first page opens."""
LOOKBACK = 30
GROUPS = ("video", "placement", "conversions")
"""Groups of figures that the daily snapshots of earlier weeks ask for beyond the core: those that pages compare."""
_MORNING = time(6, 12)


@contextmanager
def made_in_background() -> Iterator[None]:
    """Make the missing part of the history while the block lasts; the next demo makes what is still missing."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def make(settings: Settings, today: date) -> None:
    """Write and move in a snapshot for each day of five weeks that has none; load what the database lacks."""
    if days := missing_days(list_snapshots(settings.snapshot_dir).finished, today):
        for folder in _written(settings, days, today):
            folder.rename(settings.snapshot_dir / folder.name)
    with Database.of(settings).connect() as connection:
        loaded = loaded_snapshots(connection)
    left = not_loaded(list_snapshots(settings.snapshot_dir).finished, loaded, "loopback")
    if left:
        load([settings.snapshot_dir / name for name in left], settings=settings)


def _written(settings: Settings, days: Sequence[date], today: date) -> list[Path]:
    """The folders of the snapshots of these days, beside the snapshot folder."""
    aside = settings.home / "history"
    made = {moment_of(snapshot.name).date(): snapshot for snapshot in list_snapshots(aside).finished}
    with _sandbox(today) as sandbox:
        for day in days:
            if day not in made:
                sandbox.advance((day - sandbox.clock.today).days)
                made[day] = _write(sandbox, aside, day, settings, first=day == today - timedelta(weeks=WEEKS))
    return [made[day].folder for day in days]


def of_day(settings: Settings, day: date) -> list[Snapshot]:
    """The snapshots that were made on a day."""
    return [one for one in list_snapshots(settings.snapshot_dir).finished if moment_of(one.name).date() == day]


def missing_days(snapshots: Sequence[Snapshot], today: date) -> list[date]:
    """The days of the last five weeks without a snapshot, oldest first."""
    known = {moment_of(snapshot.name).date() for snapshot in snapshots}
    days = (today - timedelta(days=age) for age in range(7 * WEEKS, 0, -1))
    return [day for day in days if day not in known]


def _sandbox(today: date) -> Sandbox:
    begins = today - timedelta(weeks=WEEKS)
    sandbox = Sandbox(world="believable", size=SIZE, today=begins, anchor=today, host=loopback_address())
    sandbox.switches.quotas.clear()
    return sandbox


def _write(sandbox: Sandbox, folder: Path, day: date, settings: Settings, *, first: bool) -> Snapshot:
    return write_snapshot(
        sandbox,
        folder,
        datetime.combine(day, _MORNING, UTC),
        days=DAYS if first else LOOKBACK,
        earlier=list_snapshots(folder).finished[-1:],
        sign_in=sign_in_fingerprint(settings),
        groups=GROUPS,
    )


if __name__ == "__main__":
    make(read_settings(Settings), datetime.now(UTC).date())
