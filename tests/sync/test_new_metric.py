"""A new metric is one line of the catalogue and a migration: it arrives in view, table and questions by itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from workbench.paths import CHECKOUT

HERE = Path(__file__).parent
LAST = '    _stored("sends", "sends",'
LINE = '    _stored("made_up", "madeUp", "Made up", "Seven times as many", group="more"),\n'
MIGRATION = """
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    for table in ("campaign_daily_metrics", "creative_daily_metrics"):
        op.execute(f"alter table {{table}} add column made_up bigint not null default 0")


def downgrade() -> None:
    raise NotImplementedError
"""


def insert_before(file: Path, mark: str, line: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(mark) == 1, (file, mark)
    file.write_text(text.replace(mark, line + mark), "utf-8")


def changed_copy(folder: Path) -> Path:
    """The checkout with one metric more, as the catalogue's docstring says how to add one."""
    assert CHECKOUT is not None
    for name in ("workbench", "sql", "notebooks"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    insert_before(folder / "workbench/schema/metrics.py", LAST, LINE)
    versions = folder / "sql/migrations/versions"
    head = max(file.name for file in versions.glob("[0-9]*.py")).partition("_")[0]
    (versions / "9999_add_made_up.py").write_text(MIGRATION.format(head=head), "utf-8")
    # LinkedIn, for once, is ours: the sandbox learns the metric in its own list.
    insert_before(
        folder / "workbench/sandbox/api/metrics.py",
        '    "reactions": lambda row',
        '    "madeUp": lambda row: 7 * row[0],\n',
    )
    return folder


def run(copy: Path, *arguments: str) -> str:
    path = os.pathsep.join(map(str, (copy, HERE.parent)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.slow
def test_a_new_metric_needs_its_line_and_its_migration_only(tmp_path: Path, database_url: URL) -> None:
    copy = changed_copy(tmp_path / "copy")
    files = [str(file) for file in sorted((copy / "sql").glob("*/*.sql"))]
    run(copy, "-m", "cogapp", "-r", "-p", "from workbench.schema import sql_blocks as sql", *files)

    found = json.loads(
        run(copy, str(HERE / "made_up_metric.py"), database_url.render_as_string(False), str(tmp_path / "run"))
    )

    impressions = found["table"]["impressions"]
    assert impressions > 0
    assert found == {
        "status": "done",
        "version": "9999",
        "table": {"impressions": impressions, "made_up": 7 * impressions},
        "view": {"impressions": impressions, "made_up": 7 * impressions},
        "database": 7 * impressions,
        "snapshots": 7 * impressions,
        "label": "Made up",
    }
