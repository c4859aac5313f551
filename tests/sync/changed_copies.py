"""A changed copy of the checkout, and programs that run in it: what it costs to add a metric or a resource."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from workbench.paths import CHECKOUT

HERE = Path(__file__).parent


def copy_checkout(folder: Path) -> Path:
    """The folders of the checkout that a sync needs and the sample, in `folder`."""
    assert CHECKOUT is not None
    for name in ("workbench", "sql", "notebooks"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    shutil.copytree(CHECKOUT / "snapshots" / "sample", folder / "snapshots" / "sample")
    return folder


def insert_before(file: Path, mark: str, line: str) -> None:
    """Write `line` before the one place where `mark` stands."""
    text = file.read_text("utf-8")
    assert text.count(mark) == 1, (file, mark)
    file.write_text(text.replace(mark, line + mark), "utf-8")


def add_migration(copy: Path, statements: str) -> None:
    """A migration `9999` after the newest one, which runs some lines of Python."""
    versions = copy / "sql/migrations/versions"
    head = max(file.name for file in versions.glob("[0-9]*.py")).partition("_")[0]
    (versions / "9999_add_made_up.py").write_text(
        f'from alembic import op\n\nrevision = "9999"\ndown_revision = "{head}"\n\n\n'
        f"def upgrade() -> None:\n{statements}\n\ndef downgrade() -> None:\n    raise NotImplementedError\n",
        "utf-8",
    )


def generate(copy: Path) -> None:
    """What `poe generate` does."""
    files = [str(file) for file in sorted((copy / "sql").rglob("*.sql"))]
    prologue = "from workbench.schema import sql_blocks as sql, sql_resource_blocks as resources"
    _run(copy, "-m", "cogapp", "-r", "-p", prologue, *files)


def run_script(copy: Path, script: str, *arguments: str) -> Any:
    """What a script beside this file prints, read as JSON; it imports the copy's `workbench`."""
    return json.loads(_run(copy, str(HERE / script), *arguments))


def _run(copy: Path, *arguments: str) -> str:
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
