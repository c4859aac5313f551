"""Syncs, faults, restatements, removals and passing days in any succession: the database is what a model says it is.

The model: a day of an account shows what the last complete read of it was told; nothing else is shown, nothing is lost.
"""

from __future__ import annotations

import itertools
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import URL

from sync.bench import TODAY, Bench, differences_of_views
from workbench import embedded
from workbench.sandbox import Sandbox
from workbench.tables import METRICS

FIRST, SECOND, IDLE = 512010000, 512010037, 512010074
ACCOUNTS = (FIRST, SECOND, IDLE)
FAULTS = {
    "a resource": ("pivot=CREATIVE.*{account}", "status", {"status": 400}),
    "a listing": ("{account}/adCampaigns", "forbid", {}),
    "an account": ("{account}", "forbid", {}),
    "a pivot": ("MEMBER_COMPANY_SIZE.*{account}", "truncated_json", {}),
    "a sign-in": ("adAnalytics", "unauthorized", {"nth": 5}),
}
KEYS = {"campaign_daily_metrics": "campaign_id", "creative_daily_metrics": "creative_id"}


class Syncs(RuleBasedStateMachine):
    server: embedded.EmbeddedServer
    url: URL
    numbers = itertools.count()

    @initialize()
    def install(self) -> None:
        name = f"machine_{next(self.numbers)}"
        embedded.create_database(self.server, name, template="template_workbench")
        self.place = tempfile.TemporaryDirectory(prefix="workbench-machine-")
        self.sandbox = Sandbox(today=TODAY).__enter__()
        self.bench = Bench(self.sandbox, self.url.set(database=name), Path(self.place.name))
        self.model: dict[tuple[str, int, date], list[dict[str, Any]]] = {}

    @rule(days=st.sampled_from([None, None, 3, 40]))
    def sync(self, days: int | None) -> None:
        code, outcome = self.bench.outcome(force=True, days=days)
        assert code in (0, 10, 70, 77), outcome
        if not self.sandbox.faults.orders:
            assert code == 0, outcome
        self._learn()

    @rule(kind=st.sampled_from(sorted(FAULTS)), account=st.sampled_from(ACCOUNTS))
    def break_something(self, kind: str, account: int) -> None:
        match, fault, details = FAULTS[kind]
        self.sandbox.faults.add(match.format(account=account), fault, times=None, **details)

    @rule()
    def heal(self) -> None:
        self.sandbox.faults.clear()

    @rule(ago=st.integers(0, 60), length=st.integers(0, 5), percent=st.sampled_from([0, 50, 130]))
    def restate(self, ago: int, length: int, percent: int) -> None:
        last = self.bench.today - timedelta(days=ago)
        self.sandbox.world.restate(last - timedelta(days=length), last, percent=percent)

    @rule(days=st.sampled_from([1, 2, 35]))
    def let_days_pass(self, days: int) -> None:
        self.sandbox.advance(days)

    @rule(resource=st.sampled_from(["campaigns", "creatives", "campaign_groups"]), place=st.integers(0, 30))
    def remove_and_rename(self, resource: str, place: int) -> None:
        entities = sorted(getattr(self.sandbox.world, {"campaign_groups": "groups"}.get(resource, resource)))
        self.sandbox.world.remove(resource, entities[place % len(entities)])
        self.sandbox.world.rename(resource, entities[(place + 1) % len(entities)], f"Renamed {place}")

    @invariant()
    def views_and_tables_agree(self) -> None:
        if hasattr(self, "bench") and self.bench.snapshots() and not self.bench.unfinished():
            assert differences_of_views(self.bench) == []

    @invariant()
    def every_day_shows_its_last_complete_read(self) -> None:
        if not hasattr(self, "bench"):
            return
        for table in METRICS:
            key = KEYS[table.name]
            shown = {(row["account_id"], row[key], row["date"]): row for row in self.bench.table(table.name)}
            told = {
                (row["account_id"], row[key], row["date"]): row
                for (name, _, _), rows in self.model.items()
                if name == table.name
                for row in rows
            }
            assert shown == told

    def _learn(self) -> None:
        """Take over what the newest snapshots cover: nothing in the world has moved since they were read."""
        newest = max((row["snapshot"] for row in self.bench.query("select snapshot from coverage")), default=None)
        log = self.bench.query("select sync_id from sync_log order by started_at desc, sync_id desc limit 1")
        if newest is None or newest != log[0]["sync_id"]:
            return
        rows = self.bench.query("select * from coverage where snapshot = %s and window_start is not null", [newest])
        for row in [row for row in rows if row["resource"] in KEYS]:
            name, account = row["resource"], row["account_id"]
            told = getattr(self.sandbox.truth, name)(row["window_start"], row["window_end"], [account])
            for number in range(row["window_start"].toordinal(), row["window_end"].toordinal() + 1):
                day = date.fromordinal(number)
                self.model[name, account, day] = [entry for entry in told if entry["date"] == day]

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.__exit__(None, None, None)
            self.place.cleanup()


def _run(server: embedded.EmbeddedServer, url: URL, examples: int, steps: int) -> None:
    machine = type("Machine", (Syncs,), {"server": server, "url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        ),
    )


def test_any_succession_ends_where_the_model_says(server: embedded.EmbeddedServer, database_url: URL) -> None:
    _run(server, database_url, examples=3, steps=8)


@pytest.mark.sweep
def test_many_long_successions_end_where_the_model_says(server: embedded.EmbeddedServer, database_url: URL) -> None:
    _run(server, database_url, examples=40, steps=15)
