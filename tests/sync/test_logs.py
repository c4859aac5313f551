"""What a sync leaves in the logs: that it started, how it ended, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL
from starlette.applications import Starlette

from sync.installation import Installation
from workbench import logs
from workbench.database import migrations, schema_version
from workbench.database.connection import Database
from workbench.pipeline.api import load
from workbench.web import server


class Events:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[dict[str, Any]]:
        """The events of `app.json.log` so far."""
        entries = [json.loads(line) for line in self._path.read_text("utf-8").splitlines()]
        return [entry for entry in entries if "event" in entry]


@pytest.fixture
def events(installation: Installation) -> Iterator[Events]:
    folder = installation.folder / "logs"
    logs.configure(folder, level="INFO", console=False)
    yield Events(folder / "app.json.log")
    logs.configure(None, console=False)


def test_a_sync_its_load_and_its_migration_are_logged_from_start_to_end(
    installation: Installation, events: Events
) -> None:
    report = installation.sync()

    entries = events.read()
    assert [(entry["event"], entry["sync_id"]) for entry in entries if entry["event"].startswith(("sync", "load"))] == [
        ("sync started", report.sync_id),
        ("load started", report.sync_id),
        ("load ended", report.sync_id),
        ("sync ended", report.sync_id),
    ]
    ended = entries[-1]
    rows = [counts for account in report.accounts for counts in account.resources.values()]
    assert (ended["outcome"], ended["exit_code"], ended["requests"]) == ("done", 0, report.api_calls)
    assert ended["window"] == [day.isoformat() for day in report.window]
    assert ended["inserted"] == sum(counts["inserted"] for counts in rows) > 0
    assert ended["seconds"] > 0
    installation.sync()
    assert (events.read()[-1]["event"], events.read()[-1]["outcome"]) == ("sync ended", "fresh")


def test_a_sync_that_fails_leaves_its_reason_its_id_and_its_requests(
    installation: Installation, events: Events
) -> None:
    installation.sandbox.faults.add("adAnalytics", "unauthorized", times=None)

    code, error = installation.outcome()

    ended = events.read()[-1]
    assert (code, ended["event"], ended["outcome"], ended["level"]) == (77, "sync ended", "failed", "ERROR")
    assert ended["error"]["what"] == error.what
    assert all(ended["error"][part] for part in ("why", "next"))
    assert ended["sync_id"] == installation.value("select sync_id from sync_log") == error.sync["sync_id"]
    assert ended["requests"] == error.sync["api_calls"] == installation.value("select api_calls from sync_log") > 0


def test_a_load_says_what_it_changed(installation: Installation, events: Events) -> None:
    report = installation.first_sync()

    load([report.snapshot], settings=installation.settings())

    started, ended = events.read()[-2:]
    assert (started["event"], ended["event"], ended["outcome"]) == ("load started", "load ended", "done")
    assert ended["sync_id"] == report.sync_id
    assert (ended["inserted"], ended["unchanged"] > 0) == (0, True)


def test_a_migration_and_serving_are_logged_too(
    tmp_path: Path, empty_database_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["workbench"])
    monkeypatch.setattr(server._Server, "run", lambda self, sockets: self._announce())
    logs.configure(tmp_path, level="INFO", console=False)
    engine = Database(empty_database_url).engine()
    for _ in range(2):  # the second finds nothing to do
        migrations.upgrade(engine)
    engine.dispose()
    server.serve(Starlette(), port=server.free_port())
    logs.configure(None, console=False)

    entries = Events(tmp_path / "app.json.log").read()
    assert [entry["event"] for entry in entries] == [
        "migration started",
        "migration ended",
        "serve started",
        "serve ended",
    ]
    assert (entries[1]["from_version"], entries[1]["to_version"]) == (None, schema_version.head())
    assert entries[3]["host"] == "127.0.0.1"
