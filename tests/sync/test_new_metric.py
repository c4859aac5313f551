"""A new metric is one line of the catalogue and a migration: it arrives in view, table and questions by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.changed_copies import add_migration, copy_checkout, generate, insert_before, run_script

LINE = '    stored("made_up", "madeUp", "Made up", "Seven times as many", group="more"),\n'
MIGRATION = """\
    for table in ("campaign_daily_metrics", "creative_daily_metrics"):
        op.execute(f"alter table {table} add column made_up bigint")
"""


@pytest.mark.slow
def test_a_new_metric_needs_its_line_and_its_migration_only_and_older_days_lack_it(
    tmp_path: Path, database_url: URL
) -> None:
    copy = copy_checkout(tmp_path / "copy")
    insert_before(copy / "workbench/schema/metrics.py", '    stored("sends", "sends",', LINE)
    groups = copy / "workbench/settings/metric_groups.py"
    groups.write_text(groups.read_text("utf-8").replace("GROUPS = (", 'GROUPS = ("more", ', 1), "utf-8")
    add_migration(copy, MIGRATION)
    generate(copy)
    # LinkedIn, for once, is ours: the sandbox learns the metric in its own list.
    sandbox = copy / "workbench/sandbox/api/metrics.py"
    insert_before(sandbox, '    "reactions": lambda row', '    "madeUp": lambda row: 7 * row[0],\n')

    found = run_script(copy, "made_up_metric.py", database_url.render_as_string(False), str(tmp_path / "run"))

    impressions, rows = found["table"]["impressions"], found["before"]["table"]["rows"]
    assert impressions > 0
    assert rows > 0, "the sample has no older days"
    assert found == {
        "status": "done",
        "version": "9999",
        "table": {"impressions": impressions, "made_up": 7 * impressions},
        "view": {"impressions": impressions, "made_up": 7 * impressions},
        "database": 7 * impressions,
        "snapshots": 7 * impressions,
        "label": "Made up",
        "before": {source: {"rows": rows, "known": 0, "made_up": None} for source in ("table", "view")},
        "asked before": {"database": [None], "snapshots": [None]},
    }
