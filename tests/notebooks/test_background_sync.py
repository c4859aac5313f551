"""A sync started from a page: estimated, and cancelled only where it is certain whose process it is."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.database.connection import who
from workbench.errors import StorageError
from workbench.pages.sync_status import _phase
from workbench.pipeline import background
from workbench.pipeline.estimate import AccountSize, estimate

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HERE = socket.gethostname().partition(".")[0]


def test_an_estimate_counts_calls_that_are_certain() -> None:
    one = estimate([AccountSize(campaigns=50, creatives=250)], 91, seconds_a_call=0.6)
    # 2 accounts and roles; 1 groups, 1 campaigns, 3 creatives, 1 rules; (1 + 2) x 4 metrics; 1 placements;
    # 1 conversions; 12 reach; 8 pivots; 2 names
    assert (one.calls, one.rows, round(one.minutes, 3)) == (44, 40_950, 0.44)
    scopes = ("r_ads", "r_organization_social", "r_marketing_leadgen_automation")
    more = estimate([AccountSize(campaigns=50, creatives=251)], 91, scopes=scopes)
    assert more.calls == one.calls + 6 + 1  # posts, fifty a request; a page of lead forms


def test_an_estimate_without_accounts_is_the_listing_and_the_roles() -> None:
    assert estimate([], 30).calls == 2


@pytest.mark.parametrize(
    ("holder", "why"),
    [
        (None, "cannot be named"),
        ("psql", "cannot be named"),
        (f"workbench load by anna@{HERE} pid {{here}}", "cannot be named"),
        (f"workbench sync by {'a' * 80}@{HERE} pid {{here}}"[:63], "cannot be named"),
        ("workbench sync by anna@elsewhere-than-here pid 4711", "another machine, elsewhere-than-here"),
        (f"workbench sync by anna@{HERE} pid 1", "is not a sync"),
    ],
)
def test_only_a_sync_of_this_machine_is_ever_signalled(
    holder: str | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "kill", lambda *arguments: pytest.fail(f"killed {arguments}"))
    with pytest.raises(StorageError) as refused:
        background.cancel_sync(holder and holder.replace("{here}", str(os.getpid())))
    assert why in refused.value.why


def test_a_folder_for_what_it_says_that_is_none_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOG_DIR", str(tmp_path / "file" / "logs"))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))

    with pytest.raises(StorageError, match="could not be started") as refused:
        background.start_sync()

    assert "LOG_DIR" in refused.value.next_step


def test_the_name_in_the_database_leads_to_its_process() -> None:
    found = background._HOLDER.fullmatch(who("sync"))
    assert found is not None
    assert (found["doing"], found["host"], int(found["pid"])) == ("sync", HERE, os.getpid())


@pytest.mark.parametrize(
    ("status", "silent_for", "here", "locked", "phase"),
    [
        ("running", 1, False, True, "running"),
        ("running", 1, False, False, "silent"),
        ("running", 600, False, True, "silent"),
        ("running", 600, True, False, "starting"),
        ("done", 1, True, True, "starting"),
        ("done", 1, False, False, "idle"),
    ],
)
def test_a_sync_counts_as_running_only_while_its_process_writes(
    status: str, silent_for: int, here: bool, locked: bool, phase: str
) -> None:
    newest = {"status": status, "heartbeat_at": NOW - timedelta(seconds=silent_for), "started_at": NOW, "held": locked}
    assert _phase(newest, here=here, now=NOW) == phase
