"""A check as text for a terminal or a mail, as Markdown, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from workbench.analytics import wording
from workbench.answers.check import Checked, Finding
from workbench.answers.plan import Agreed
from workbench.console import printable
from workbench.errors import WorkbenchError

VERDICTS = ("nothing", "findings", "cannot tell")
"""By exit code."""
_LISTS = (
    ("findings", "Needs you"),
    ("cannot_tell", "Cannot be known yet"),
    ("explained", "Explained by a change of yours"),
    ("small", "Too small to be said"),
)


def as_text(checked: Checked) -> str:
    """Lines for a terminal, a log or a mail."""
    return _written(checked, printable, title="{}", head="\n{}", item="  {}")


def as_markdown(checked: Checked) -> str:
    """The same as Markdown; names from LinkedIn are no markup."""
    return _written(checked, markdown, title="**{}**", head="\n### {}\n", item="- {}")


def as_dict(checked: Checked, at: datetime, source: str) -> dict[str, Any]:
    """The same as one object; money in the account's currency."""
    return {
        "verdict": VERDICTS[checked.exit_code],
        "exit_code": checked.exit_code,
        "sentence": checked.sentence,
        "checked_at": at.isoformat(timespec="seconds"),
        "source": source,
        "last_day": checked.last_day.isoformat(),
        "accounts": checked.accounts,
        **{name: [_facts(one) for one in getattr(checked, name)] for name, _ in _LISTS},
        "agreed": [
            {**_facts(one), "reason": kept.reason, "by": kept.by, "until": kept.until.isoformat()}
            for one, kept in checked.agreed
        ],
        "certificate": [
            {"account_id": one.account_id, "account": one.account, "colour": one.colour, "sentence": one.text}
            for one in checked.certified
        ],
        "error": None,
    }


def failed_dict(error: WorkbenchError, exit_code: int, at: datetime, source: str) -> dict[str, Any]:
    """The object of a check that could not be made."""
    return {
        "verdict": VERDICTS[exit_code] if exit_code < len(VERDICTS) else "failed",
        "exit_code": exit_code,
        "sentence": error.what,
        "checked_at": at.isoformat(timespec="seconds"),
        "source": source,
        "error": error.as_dict(),
    }


def markdown(text: str) -> str:
    """One line in which nothing is markup of Markdown or HTML, and no address becomes a link."""
    marked = re.sub(r"([\\`*_\[\]#|~])", r"\\\1", printable(text))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace("://", "&#58;//")


def line(finding: Finding) -> str:
    """A finding in one line: its account, and what the sentence says."""
    return f"{finding.account}: {finding.text}"


def agreement(kept: Agreed) -> str:
    """An agreement in one line: who agreed, until when, and why."""
    by = f" by {kept.by}" if kept.by else ""
    return f"Agreed to{by} until {wording.day(kept.until)}: {kept.reason}"


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "account_id": finding.account_id,
        "account": finding.account,
        "campaign_id": finding.campaign_id,
        "money": None if finding.money is None else round(finding.money, 2),
        "currency": finding.currency,
        "since": finding.since.isoformat() if finding.since else None,
        "explained_by": list(finding.explained_by),
        "sentence": finding.text,
    }


def _written(checked: Checked, safe: Callable[[str], str], *, title: str, head: str, item: str) -> str:
    lines = [title.format(safe(checked.sentence))]

    def section(name: str, entries: Iterable[str]) -> None:
        rows: Sequence[str] = [item.format(safe(entry)) for entry in entries]
        lines.extend([head.format(name), *rows] if rows else [])

    for attribute, name in _LISTS:
        section(name, map(line, getattr(checked, attribute)))
    agreed = (f"{line(one)} {agreement(kept)}" for one, kept in checked.agreed)
    section("Agreed to", agreed)
    section("What can be signed", (f"{one.account}: {one.text}" for one in checked.certified))
    return "\n".join(lines)
