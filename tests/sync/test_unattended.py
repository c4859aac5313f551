"""What cron, a log file and a person who waits can read."""

from __future__ import annotations

import socket

import pytest

from sync.installation import Installation
from workbench.errors import WorkbenchError
from workbench.pipeline import sync_run
from workbench.pipeline.progress import Progress


def test_a_linkedin_that_never_answers_is_told_of_within_five_seconds(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sync_run._SILENT_SECONDS < 5
    monkeypatch.setattr(sync_run, "_SILENT_SECONDS", 0.1)
    monkeypatch.setattr("workbench.linkedin.client.DEADLINE", 0.1)
    reported: list[Progress] = []

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(WorkbenchError):
            installation.sync(settings={"LINKEDIN_API_URL": url}, on_progress=reported.append)

    first = next(progress for progress in reported if progress.step == "wait")
    assert first.note == "LinkedIn has not answered yet."


def test_a_linkedin_out_of_reach_is_told_of_at_once_and_then_until_when(installation: Installation) -> None:
    reported: list[Progress] = []

    with pytest.raises(WorkbenchError):
        installation.sync(settings={"LINKEDIN_API_URL": "http://127.0.0.1:1"}, on_progress=reported.append)

    waits = [progress for progress in reported if progress.step == "wait"]
    assert waits[0].note == "LinkedIn is out of reach (ConnectError)."
    assert {wait.note for wait in waits[1:]} == {"LinkedIn is out of reach."}
    assert all(wait.until for wait in waits[1:])


@pytest.mark.slow
def test_the_line_for_cron_is_silent_when_all_is_well_and_tells_a_failure_once(installation: Installation) -> None:
    well, fresh = installation.run("sync", "--quiet"), installation.run("sync", "--quiet")
    installation.sandbox.faults.add("MEMBER_SENIORITY", "forbid", times=None)
    partial = installation.run("sync", "--quiet", "--force")
    signed_out = installation.run("sync", "--quiet", "--force", settings={"LINKEDIN_ACCESS_TOKEN": "no-token-at-all"})
    no_database = installation.run("sync", "--quiet", settings={"DATABASE_URL": "postgresql://127.0.0.1:1/ads"})

    assert [(ran.code, ran.out, ran.err) for ran in (well, fresh)] == [(0, "", "")] * 2
    for ran, code in ((partial, 10), (signed_out, 77), (no_database, 70)):
        assert (ran.code, ran.out) == (code, "")
        lines = [line for line in ran.err.splitlines() if line]
        assert len(set(lines)) == len(lines)
    for ran in (signed_out, no_database):
        assert [line.partition(":")[0] for line in ran.err.splitlines()[1:]] == ["Why", "Next"]


@pytest.mark.slow
def test_without_a_terminal_no_progress_is_printed(installation: Installation) -> None:
    ran = installation.run("sync")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Everything is up to date: ")
