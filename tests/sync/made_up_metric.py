"""Run by `test_new_metric` in a changed copy of the package: one sync, and what is known of `made_up` afterwards."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from sync.installation import Installation, new_installation
from workbench import load, query
from workbench.analytics.metrics import METRICS
from workbench.database import schema_version
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import MANIFEST
from workbench.snapshots.views import Views

DAYS = 30

_SUMS = "sum(impressions) as impressions, sum(made_up) as made_up from campaign_daily_metrics"
_BEFORE = """
    select count(*) as rows, count(made_up) as known, sum(made_up) as made_up
    from campaign_daily_metrics where date <= '{day}'
"""


def main(url: str, folder: str) -> None:
    with new_installation(make_url(url), Path(folder)) as installation:
        report = installation.sync(days=DAYS)
        facts = {"status": report.status, "version": schema_version.head(), **known(installation)}
        print(json.dumps({**facts, **known_before(installation)}, default=int))


def known(installation: Installation) -> dict[str, object]:
    os.environ.update(
        {name: installation.environment()[name] for name in ("DATABASE_URL", "SNAPSHOT_DIR", "WORKBENCH_HOME")}
    )
    first, last = installation.window
    with Views(installation.snapshots()) as views:
        view = views.frame(f"select {_SUMS}").row(0, named=True)
    asked = {
        source: query("kpis", source=source, first_day=first, last_day=last)["made_up"].sum()  # type: ignore[arg-type]
        for source in ("database", "snapshots")
    }
    return {"table": installation.query(f"select {_SUMS}")[0], "view": view, **asked, "label": METRICS["made_up"].label}


def known_before(installation: Installation) -> dict[str, object]:
    """What is known of the days of the sample, an older snapshot that did not ask for the metric."""
    older = list_snapshots(Path("snapshots", "sample").resolve()).finished[0]
    folder = installation.snapshots()[0].folder.parent / older.manifest.snapshot
    shutil.copytree(older.folder, folder)
    manifest = folder / MANIFEST
    said = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**said, "origin": "loopback"}), "utf-8")
    load([folder])
    first, last = older.manifest.window[0], installation.today - timedelta(days=DAYS + 1)
    statement = _BEFORE.format(day=last)
    with Views(installation.snapshots()) as views:
        view = views.frame(statement).row(0, named=True)
    asked = {
        source: query("kpis", source=source, first_day=first, last_day=last)["made_up"].unique().to_list()  # type: ignore[arg-type]
        for source in ("database", "snapshots")
    }
    return {"before": {"table": installation.query(statement)[0], "view": view}, "asked before": asked}


if __name__ == "__main__":
    main(*sys.argv[1:])
