"""The last words of a sync, for a terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from workbench.cli.summary import summary
from workbench.errors import DataFetchError
from workbench.pipeline.report import AccountReport, SyncReport


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
