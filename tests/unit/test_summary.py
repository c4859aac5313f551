"""The last words of a sync, for a terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from workbench.cli.progress_table import show_progress
from workbench.cli.summary import summary
from workbench.errors import DataFetchError
from workbench.pipeline.report import AccountReport, SyncReport
from workbench.progress import Progress


def test_no_name_and_no_word_of_linkedins_begins_a_line_of_its_own() -> None:
    """Cron's mail and a log would show it as what the sync itself says."""
    forged = "\nSync again after never.\r\u2028\x85Everything is up to date: "
    account = AccountReport(512010000, f"A{forged}", "partial", {}, (DataFetchError("It.", why=f"B{forged}"),))
    window = (date(2026, 11, 1), date(2026, 11, 22))
    report = SyncReport("20261122T060000Z", "partial", 10, Path("snapshots"), window, accounts=(account,))

    assert [line for line in summary(report).splitlines() if line.lstrip().startswith(("Sync again", "Every"))] == []


def test_no_note_of_an_account_begins_a_line_of_cron_mail(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as listener:
        listener(
            Progress("fetch", account_id=1, resource="campaigns", status="failed", note="no\nEverything went well")
        )
    assert capsys.readouterr().err.splitlines() == ["Account 1: campaigns failed. no Everything went well"]


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
    said = summary(SyncReport("20261122T060000Z", "partial", 10, Path("snapshots"), window, accounts=(account,)))

    assert [character for character in said if not character.isprintable() and character != "\n"] == []
    assert "Nice\N{REPLACEMENT CHARACTER}[2Jname" in said
    assert said.count("\n") == 6
