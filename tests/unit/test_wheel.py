"""What the wheel ships: every file of ours, and none that using a checkout leaves in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
STRAY = (
    "notebooks/__marimo__/session/overview.py.json",
    "notebooks/__marimo__/draft.py",
    "notebooks/my_clients.py",
    "notebooks/export.csv",
    "notebooks/.env",
    "notebooks/sub/notes.md",
    "sql/dump.backup",
    "sql/questions/.spend.sql.swp",
    "snapshots/20261101T060000Z/manifest.json",
    "snapshots/sample/__marimo__/x.json",
    "snapshots/sample/campaigns/1.ndjson.gz.unfinished",
    "snapshots/sample/journal.ndjson",
    "workbench/.env",
    "workbench/team.password",
    "workbench/__marimo__/cache.py",
    "workbench/pages/token.json",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from a checkout that was used, without what git ignores being known."""
    place = tmp_path_factory.mktemp("used") / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("workbench", "notebooks", "sql", "snapshots/sample"):
        shutil.copytree(CHECKOUT / folder, place / folder, ignore=ignored)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / file, place / file)
    for name in STRAY:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("CANARY")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place / "out")]
    subprocess.run(build, cwd=place, check=True, capture_output=True, timeout=120)
    (built,) = (place / "out").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        assert [name for name in archive.namelist() if archive.read(name) == b"CANARY"] == []
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_ours_and_nothing_else(wheel: set[str]) -> None:
    git = [shutil.which("git") or "git", "ls-files", "-z"]
    listed = subprocess.run(git, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout: git knows which files are ours")
    names = [name for name in listed.stdout.split("\0") if (CHECKOUT / name).exists()]
    shipped = {f"workbench/{name}" for name in names if name.startswith(("notebooks/", "sql/", "snapshots/"))}
    ours = shipped | {name for name in names if name.startswith("workbench/")}
    not_needed = {name for name in ours if name.endswith((".gitkeep", ".png", ".md"))}
    assert wheel == ours - not_needed
    assert "workbench/py.typed" in wheel  # the types are for those who import the package, too
