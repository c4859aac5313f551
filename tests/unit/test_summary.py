"""The last words of a sync, for a terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from workbench.cli.progress_table import _Board, show_progress
from workbench.cli.summary import failure, problems, summary
from workbench.errors import DataFetchError
from workbench.pipeline.progress import Progress
from workbench.pipeline.report import AccountReport, SyncReport
from workbench.schema.resources import OF_ACCOUNT


def test_no_name_and_no_word_of_linkedins_begins_a_line_of_its_own() -> None:
    """Cron's mail and a log would show it as what the sync itself says."""
    forged = "\nSync again after never.\r\u2028\x85Everything is up to date: "
    account = AccountReport(512010000, f"A{forged}", "partial", {}, (DataFetchError("It.", why=f"B{forged}"),))
    window = (date(2026, 11, 1), date(2026, 11, 22))
    report = SyncReport("20261122T060000Z", "partial", 10, Path("snapshots"), window, accounts=(account,))

    assert [line for line in summary(report).splitlines() if line.lstrip().startswith(("Sync again", "Every"))] == []


def test_no_reason_for_a_wait_begins_a_line_of_cron_mail(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as listener:
        listener(Progress("wait", note="no\nEverything went well"))
    assert capsys.readouterr().err.splitlines() == ["no Everything went well"]


def test_a_wait_that_goes_on_is_said_once_and_the_next_one_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)
    with show_progress() as listener:
        for now, until in ((0, 30), (1, 45), (31, 60)):
            monkeypatch.setattr("workbench.cli.progress_table.utc_now", lambda at=now: start + timedelta(seconds=at))
            listener(Progress("wait", note="A pause.", until=start + timedelta(seconds=until)))

    assert capsys.readouterr().err.splitlines() == [
        "A pause. Next try at 06:20:30 UTC.",
        "A pause. Next try at 06:21:00 UTC.",
    ]


def test_without_a_terminal_only_waits_are_said_once_each_and_quietly_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    until = datetime(2126, 11, 22, 6, 20, tzinfo=UTC)
    said = {}
    for quiet in (False, True):
        with show_progress(quiet=quiet) as listener:
            listener(Progress("accounts"))
            listener(Progress("metrics", 1, "Acme", "campaign_daily_metrics", "failed", note="LinkedIn answered 500."))
            for _ in range(2):
                listener(Progress("wait", note="LinkedIn is out of reach.", until=until))
        said[quiet] = capsys.readouterr().err

    assert said == {False: "LinkedIn is out of reach. Next try at 06:20:00 UTC.\n", True: ""}


def test_on_a_terminal_a_wait_counts_down_and_goes_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)
    monkeypatch.setattr("workbench.cli.progress_table.utc_now", lambda: now)
    board = _Board(80)

    board(Progress("wait", note="LinkedIn is out of reach.", until=now + timedelta(seconds=12)))
    waiting = board._waiting()
    board(Progress("wait", note="LinkedIn is out of reach.", until=now))

    assert waiting == "LinkedIn is out of reach. Next try in 12 s, at 06:20:12 UTC."
    assert board._waiting() == ""


def failed_report(*errors: DataFetchError, code: int = 10) -> SyncReport:
    account = AccountReport(512010000, "Acme", "partial", {}, errors)
    window = (date(2026, 11, 1), date(2026, 11, 22))
    return SyncReport("20261122T060000Z", "partial", code, Path("snapshots"), window, 1, accounts=(account,))


def test_one_reason_is_told_once_however_much_it_stopped() -> None:
    names = [f"Could not read part {number}." for number in range(6)]
    report = failed_report(*(DataFetchError(name, why="LinkedIn is closed.", next_step="Wait.") for name in names))

    assert problems(report).splitlines() == [
        "Could not read part 0. Could not read part 1. Could not read part 2. And 3 more like them.",
        "Why: LinkedIn is closed.",
        "Next: Wait.",
    ]
    assert "LinkedIn is closed" not in summary(report)
    assert failure(report).splitlines()[0] == "Up to date, but not everything: 2026-11-01 to 2026-11-22, 1 request."


def test_reasons_that_differ_in_a_count_are_one() -> None:
    whys = [f"It refused {count} requests in a row, over {count} minutes." for count in (5, 7)]
    report = failed_report(*(DataFetchError(f"Could not read {why[:13]}.", why=why, next_step="Wait.") for why in whys))

    assert problems(report).count("Why:") == 1


def test_where_all_is_well_there_is_nothing_to_mail() -> None:
    assert failure(failed_report(code=0)) == ""


def test_no_name_and_no_word_of_linkedins_steers_a_terminal() -> None:
    """Escape sequences could clear the screen, rename the window, or write what was never said."""
    account = AccountReport(
        512010000,
        "Nice\x1b[2Jname\x9b31m\r\x07",
        "partial",
        {"campaigns": {"fetched": 3}},
        (DataFetchError("Not whole.", why="\x1b]0;owned\x07"),),
    )
    window = (date(2026, 11, 1), date(2026, 11, 22))
    report = SyncReport("20261122T060000Z", "partial", 10, Path("snapshots"), window, accounts=(account,))
    said = f"{summary(report)}\n{problems(report)}"

    assert [character for character in said if not character.isprintable() and character != "\n"] == []
    assert "Nice\N{REPLACEMENT CHARACTER}[2Jname" in said
    assert said.count("\n") == 5


def test_entities_are_called_as_on_the_website_and_as_in_the_api_once() -> None:
    accounts = tuple(
        AccountReport(number, f"Account {number}", "done", {"campaigns": {"fetched": number}}) for number in (1, 2)
    )
    window = (date(2026, 11, 1), date(2026, 11, 22))
    report = SyncReport("20261122T060000Z", "done", 0, Path("snapshots"), window, accounts=accounts)

    assert summary(report).splitlines()[1:3] == [
        "  Account 1 (1) done: 0 campaigns (API: campaign groups), 1 ad set (API: campaign), 0 ads (API: creatives); "
        "rows: none",
        "  Account 2 (2) done: 0 campaigns, 2 ad sets, 0 ads; rows: none",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_no_number_of_the_progress_is_cut(width: int) -> None:
    board, terminal = _Board(width), StringIO()
    columns = [resource for resource in OF_ACCOUNT if not (resource.group or resource.optional)]
    for resource in columns:
        count = 99_999 if resource.kind == "entities" else 1_234_567
        board(Progress("metrics", 1, "Northwind Robotics · North America", resource.name, "done", done=count))

    Console(file=terminal, width=width).print(board.render())

    shown = terminal.getvalue()
    assert shown.count("1,234,567") + shown.count("99,999") == len(columns)
    assert all(word in shown for resource in columns for word in resource.label.split())
    assert max(map(len, shown.splitlines())) <= width
