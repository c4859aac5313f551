"""Run by `test_new_resource` in a changed copy of the package: syncs, and what is known of `ad_rules` afterwards."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from sqlalchemy import make_url

from sync.installation import Installation, new_installation
from workbench import query
from workbench.analytics.formatting import term
from workbench.cli.summary import summary
from workbench.diagnostics.status import gather
from workbench.pipeline.report import SyncReport


def main(url: str, folder: str) -> None:
    with new_installation(make_url(url), Path(folder)) as installation:
        report = installation.sync()
        again = installation.sync()
        os.environ.update(
            {name: installation.environment()[name] for name in ("DATABASE_URL", "SNAPSHOT_DIR", "WORKBENCH_HOME")}
        )
        shown = {"status": report.status, "again": again.sync_id, **known(installation, report)}
        print(json.dumps({**shown, "compared": compared(installation)}, default=str))


def known(installation: Installation, report: SyncReport) -> dict[str, object]:
    """What each part of the workbench shows of the rules."""
    steps = installation.query("select status, fetched from sync_steps where resource = 'ad_rules'")
    (table,) = installation.query(
        "select count(*) as rows, count(*) filter (where listed) as listed, max(limit_amount)::numeric(9, 2) as "
        "limit_amount from ad_rules"
    )
    facts = gather(readers=False).database
    assert facts is not None
    return {
        "campaigns": installation.value("select count(*) from campaigns"),
        "steps": sorted({step["status"] for step in steps}),
        "fetched": sum(int(step["fetched"]) for step in steps),
        "table": table,
        "counts": {source: _rows(source) for source in ("database", "snapshots")},
        "status_counts": {one.name: one.rows for one in facts.tables}["ad_rules"],
        "summary": sum(int(found.replace(",", "")) for found in re.findall(r"([\d,]+) rules", summary(report))),
        "label": [term("ad_rule"), term("ad_rule", plural=True)],
    }


def _rows(source: str) -> int:
    counts = query("table_counts", source=source)  # type: ignore[call-overload]
    return dict(counts.iter_rows())["ad_rules"]


def compared(installation: Installation) -> int:
    """How many settings of rules changed between two syncs in which nothing happened."""
    installation.sync(force=True)
    before, after = (snapshot.name for snapshot in installation.snapshots()[-2:])
    changed = query("changed_settings", source="snapshots", before=before, after=after)
    return int((changed["entity"] == "ad_rule").sum())


if __name__ == "__main__":
    main(*sys.argv[1:])
