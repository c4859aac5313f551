"""Run by `test_new_metric` in a changed copy of the package: one sync, and what is known of `made_up` afterwards."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from sqlalchemy import make_url

from sync.installation import Installation, new_installation
from workbench import query
from workbench.analytics.metrics import METRICS
from workbench.database import migrations
from workbench.snapshots.views import Views

_SUMS = "sum(impressions) as impressions, sum(made_up) as made_up from campaign_daily_metrics"


def main(url: str, folder: str) -> None:
    with new_installation(make_url(url), Path(folder)) as installation:
        report = installation.sync()
        print(json.dumps({"status": report.status, "version": migrations.head(), **known(installation)}, default=int))


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


if __name__ == "__main__":
    main(*sys.argv[1:])
