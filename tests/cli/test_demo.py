"""The demo makes a history of an invented account, goes on with it, and begins anew on another day."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import made_snapshots
import pytest
from typer.testing import CliRunner

from workbench.answers.plan import Plan
from workbench.cli import demo_environment, demo_history
from workbench.cli.app import app
from workbench.cli.demo_plan import plan_text
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.sandbox import Sandbox
from workbench.snapshots.catalog import list_snapshots

TODAY = date(2026, 11, 30)


def test_only_days_without_a_snapshot_are_missing(tmp_path: Path) -> None:
    for age in (0, 1, 7, 50):
        made_snapshots.snapshot(tmp_path, f"{TODAY - timedelta(days=age):%Y%m%d}T061200Z", [])
    missing = demo_history.missing_days(list_snapshots(tmp_path).finished, TODAY)
    ages = [(TODAY - day).days for day in missing]
    assert ages == [age for age in range(35, 0, -1) if age not in (1, 7)]


def test_the_plan_names_every_account_that_spends_in_each_of_three_months() -> None:
    with Sandbox(world="believable", size="small", today=TODAY) as sandbox:
        plan = Plan.model_validate(tomllib.loads(plan_text(sandbox, date(2027, 1, 31))))
        spending = {row["account_id"] for row in sandbox.truth.campaigns()}
    assert {one.account for one in plan.month} == spending
    assert {one.month for one in plan.month} == {"2026-12", "2027-01", "2027-02"}
    assert len(plan.month) == 2 * 3 * len(spending)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr(demo_history, "WEEKS", 1)
    for module in (demo_environment, demo_history):
        monkeypatch.setattr(module, "SIZE", "small")
    yield tmp_path / "demo"
    database = embedded.default_home(tmp_path / "demo")
    embedded.stop(database)
    shutil.rmtree(database, ignore_errors=True)


@pytest.mark.slow
def test_once_makes_a_history_whole_and_loaded_and_twice_keeps_it_and_loads_what_is_left(home: Path) -> None:
    first = CliRunner().invoke(app, ["demo", "--once"])
    made = [snapshot.name for snapshot in list_snapshots(home / "snapshots").finished]
    database = Database(None, home=embedded.default_home(home))
    with database.connect() as connection:
        (longest,) = connection.execute("select max(finished_at - started_at) from sync_log").fetchone() or (None,)
        connection.execute("delete from sync_log where sync_id = %s", [made[3]])  # as one that was ended too early
    second = CliRunner().invoke(app, ["demo", "--once"])
    kept = [snapshot.name for snapshot in list_snapshots(home / "snapshots").finished]

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    days = {datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).date() for name in made}
    assert len(made) == len(days) == 8
    assert kept[:-1] == made
    assert {one.manifest.origin for one in list_snapshots(home / "snapshots").finished} == {"loopback"}
    assert "8 snapshots" in first.output
    assert timedelta(0) < longest < timedelta(hours=1)
    assert "http://" not in first.output
