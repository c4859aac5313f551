"""Make `snapshots/sample` anew: what three syncs of the small believable sandbox find on fixed days.

poe sample
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta

from workbench.cli.invented_snapshots import write_snapshot
from workbench.paths import CHECKOUT
from workbench.sandbox import Sandbox

TODAY = date(2026, 11, 22)
AGES, DAYS = (7, 1, 0), (90, 12, 12)
"""Of each snapshot: how many days before the last it is made, and how many days it asks for."""
GROUPS = (("video",), (), ("video", "reach", "placement", "conversions"))
"""Of each snapshot: the metric groups it asks for beyond the core. The last one has more of them."""
LARGEST = 500_000


def main() -> None:
    assert CHECKOUT is not None
    folder = CHECKOUT / "snapshots" / "sample"
    shutil.rmtree(folder, ignore_errors=True)
    snapshots = []
    with Sandbox(world="believable", size="small", today=TODAY - timedelta(days=AGES[0]), anchor=TODAY) as sandbox:
        for age, days, groups in zip(AGES, DAYS, GROUPS, strict=True):
            sandbox.advance((TODAY - timedelta(days=age) - sandbox.clock.today).days)
            moment = datetime.combine(sandbox.clock.today, time(6), UTC)
            snapshots.append(
                write_snapshot(sandbox, folder, moment, days=days, origin="sample", earlier=snapshots, groups=groups)
            )
    for snapshot in snapshots:
        assert snapshot.manifest.outcome == "done", snapshot.name
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < LARGEST, f"{size:,} bytes are too many to commit"
    print(f"{folder.name}: {len(snapshots)} snapshots, {size:,} bytes")


if __name__ == "__main__":
    main()
