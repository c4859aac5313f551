"""Syncs, faults, kills, restatements, removals and passing days in any succession: the database is what a model says.

The model: a day of an account shows what the newest snapshot that read it whole was told, at the moment it was told;
nothing else is shown, nothing is lost.
"""

from __future__ import annotations

import itertools
import signal
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from made_snapshots import journal_entries
from sqlalchemy import URL

from sync.installation import TODAY, Installation, Row, differences_of_views
from workbench.database import embedded
from workbench.sandbox import Sandbox
from workbench.schema.metrics import STORED
from workbench.schema.tables import METRICS, key_of
from workbench.snapshots.journal import part_of
from workbench.snapshots.manifest import Part

FIRST, SECOND, IDLE = 512010000, 512010037, 512010074
ACCOUNTS = (FIRST, SECOND, IDLE)
FAULTS = {
    "a resource": ("pivot=CREATIVE.*{account}", "status", {"status": 400}),
    "a listing": ("{account}/adCampaigns", "forbid", {}),
    "an account": ("{account}", "forbid", {}),
    "a pivot": ("MEMBER_COMPANY_SIZE.*{account}", "truncated_json", {}),
    "a sign-in": ("adAnalytics", "unauthorized", {"nth": 5}),
}
KILLS = [
    ("snapshots.writer:SnapshotWriter.commit", 8),
    ("snapshots.writer:SnapshotWriter.commit", 20),
    ("snapshots.writer:SnapshotWriter.commit", 28),
    ("pipeline.load.account_loader:add_coverage", 2),
    ("pipeline.load.account_loader:_load_windows", 2),
]
DAYS = {table.name for table in METRICS}
COLUMNS = {metric.field: metric.name for metric in STORED}


class Syncs(RuleBasedStateMachine):
    server: embedded.EmbeddedServer
    url: URL
    numbers = itertools.count()

    @initialize(synced=st.booleans())
    def install(self, synced: bool) -> None:
        name = f"machine_{next(self.numbers)}"
        embedded.create_database(self.server, name, template="template_workbench")
        self.place = tempfile.TemporaryDirectory(prefix="workbench-machine-")
        self.sandbox = Sandbox(today=TODAY).__enter__()
        self.installation = Installation(self.sandbox, self.url.set(database=name), Path(self.place.name))
        self.model: dict[tuple[str, int, date], dict[str, list[Row]]] = {}
        if synced:
            self.sync(None)

    @rule(days=st.sampled_from([None, None, 3, 40]))
    def sync(self, days: int | None) -> None:
        code, outcome = self.installation.outcome(force=True, days=days)
        assert code in (0, 10, 70, 77), outcome
        if not self.sandbox.faults.orders:
            assert code == 0, outcome
        self._learn()

    @rule(place=st.sampled_from(KILLS))
    def kill(self, place: tuple[str, int]) -> None:
        at, nth = place
        ran = self.installation.run("sync", "--force", act={"at": at, "nth": nth, "when": "after", "do": "kill"})
        assert ran.code in (0, 10, 70, 77, -signal.SIGKILL), ran.err
        assert "Traceback" not in ran.err
        self._learn()

    @rule(kind=st.sampled_from(sorted(FAULTS)), account=st.sampled_from(ACCOUNTS))
    def break_something(self, kind: str, account: int) -> None:
        match, fault, details = FAULTS[kind]
        self.sandbox.faults.add(match.format(account=account), fault, times=None, **details)

    @rule()
    def heal(self) -> None:
        self.sandbox.faults.clear()

    @rule(ago=st.integers(0, 40), length=st.integers(0, 5), percent=st.sampled_from([0, 50, 130]))
    def restate(self, ago: int, length: int, percent: int) -> None:
        last = self.installation.today - timedelta(days=ago)
        self.sandbox.world.restate(last - timedelta(days=length), last, percent=percent)

    @rule(days=st.sampled_from([1, 2, 35]))
    def let_days_pass(self, days: int) -> None:
        self.sandbox.advance(days)
        self.installation.token = self.sandbox.issue_token()  # an access token lives for sixty days

    @rule(resource=st.sampled_from(["campaigns", "creatives", "campaign_groups"]), place=st.integers(0, 30))
    def remove_and_rename(self, resource: str, place: int) -> None:
        entities = sorted(getattr(self.sandbox.world, {"campaign_groups": "groups"}.get(resource, resource)))
        self.sandbox.world.remove(resource, entities[place % len(entities)])
        self.sandbox.world.rename(resource, entities[(place + 1) % len(entities)], f"Renamed {place}")

    @invariant()
    def views_and_tables_agree(self) -> None:
        if hasattr(self, "installation") and self.installation.snapshots() and self._all_is_loaded():
            assert differences_of_views(self.installation) == []

    @invariant()
    def every_day_shows_its_last_complete_read(self) -> None:
        if not hasattr(self, "installation"):
            return
        for table in METRICS:
            keys = key_of(table)
            shown = {tuple(row[key] for key in keys): row for row in self.installation.table(table.name)}
            expected = {tuple(row[key] for key in keys): row for row in self._shown(table.name)}
            assert shown == expected

    def _all_is_loaded(self) -> bool:
        """No sync was killed between the first of its parts and the end of its load."""
        statuses = {row["status"] for row in self.installation.query("select status from sync_log")}
        return not self.installation.unfinished() and statuses <= {"done", "partial"}

    def _learn(self) -> None:
        """What was read since the last look comes from the world as it is: nothing in it has moved meanwhile."""
        for snapshot, part in self._parts():
            is_read = part.resource in DAYS and (part.status == "done" or part.failed_groups)
            for first, last in part.covers if is_read else ():
                assert first is not None
                assert last is not None
                days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
                known = [self.model.setdefault((part.resource, part.account_id, day), {}) for day in days]
                if all(snapshot in by_snapshot for by_snapshot in known):
                    continue
                rows = getattr(self.sandbox.truth, part.resource)(first, last, [part.account_id])
                rows = [{**row, **{COLUMNS[field]: None for field in part.lacks}} for row in rows]
                for day, by_snapshot in zip(days, known, strict=True):
                    by_snapshot.setdefault(snapshot, [row for row in rows if row["date"] == day])

    def _parts(self) -> Iterator[tuple[str, Part]]:
        """Every part on disk, of finished snapshots and of others."""
        for snapshot in self.installation.snapshots():
            yield from ((snapshot.name, part) for part in snapshot.manifest.parts)
        for folder in self.installation.unfinished():
            parts = [part_of(entry) for entry in journal_entries(folder)[1:] if "part" in entry]
            yield from ((folder.name, part) for part in parts if part.path and (folder / part.path).exists())

    def _shown(self, resource: str) -> Iterator[Row]:
        """Rows of a table by the model: of every day, those of the newest snapshot that was loaded."""
        rows = self.installation.query("select * from coverage where resource = %s", [resource])
        loaded: dict[tuple[int, date], str] = {}
        for row in rows:
            for number in range(row["window_start"].toordinal(), row["window_end"].toordinal() + 1):
                place = row["account_id"], date.fromordinal(number)
                loaded[place] = max(row["snapshot"], loaded.get(place, ""))
        for (account, day), snapshot in loaded.items():
            yield from self.model[resource, account, day][snapshot]

    def teardown(self) -> None:
        """Whatever happened, one more sync without faults ends where the model says."""
        if hasattr(self, "sandbox"):
            self.heal()
            self.sync(None)
            self.every_day_shows_its_last_complete_read()
            self.views_and_tables_agree()
            self.sandbox.__exit__(None, None, None)
            self.place.cleanup()


@pytest.mark.slow
def test_a_succession_with_everything_in_it_ends_where_the_model_says(
    server: embedded.EmbeddedServer, database_url: URL
) -> None:
    machine = type("Machine", (Syncs,), {"server": server, "url": database_url})()
    machine.install(synced=False)
    for step in SUCCESSION:
        step(machine)
        machine.every_day_shows_its_last_complete_read()
        machine.views_and_tables_agree()
    machine.teardown()


SUCCESSION: tuple[Callable[[Any], None], ...] = (
    lambda machine: machine.kill(("snapshots.writer:SnapshotWriter.commit", 20)),
    lambda machine: machine.restate(ago=3, length=2, percent=130),
    lambda machine: machine.sync(None),  # goes on with what was read before the restatement
    lambda machine: machine.restate(ago=2, length=5, percent=0),
    lambda machine: machine.kill(("pipeline.load.account_loader:_load_windows", 2)),
    lambda machine: machine.let_days_pass(1),
    lambda machine: machine.sync(3),
    lambda machine: machine.break_something("a resource", FIRST),
    lambda machine: machine.remove_and_rename("creatives", 5),
    lambda machine: machine.restate(ago=10, length=3, percent=50),
    lambda machine: machine.sync(None),
    lambda machine: machine.kill(("snapshots.writer:SnapshotWriter.commit", 28)),
    lambda machine: machine.let_days_pass(35),
)


@pytest.mark.sweep
def test_any_succession_ends_where_the_model_says(server: embedded.EmbeddedServer, database_url: URL) -> None:
    machine = type("Machine", (Syncs,), {"server": server, "url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        ),
    )
