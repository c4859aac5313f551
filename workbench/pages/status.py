"""The status page in pieces. Every word from outside goes through `formatting.text`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import Accounts, current
from workbench.diagnostics.doctor import Finding
from workbench.diagnostics.status import Health, gather
from workbench.diagnostics.status.text import described
from workbench.logs import redact
from workbench.pages import status_findings, status_rows
from workbench.pages.components import messages
from workbench.pages.components.navigation import section
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table

FRESH_SECONDS = 5


def health_now() -> Health:
    """How the installation stands, looked at once in five seconds however many look."""
    return _looked_at(current().readers, current().accounts(), int(time.monotonic() / FRESH_SECONDS))


def verdict(health: Health) -> mo.Html:
    """What a person has to do: each finding with its remedy."""
    found = status_findings.findings(health, readers=current().readers)
    if not found:
        return messages.note("Everything is in order.", kind="good")
    return mo.vstack([_finding(finding) for finding in found])


def facts(health: Health) -> mo.Html:
    """What is looked at first, as tiles."""
    shown = status_rows.tiles(health, readers=current().readers)
    return mo.Html(styled(f'<div class="wb-tiles">{"".join(_tile(*words) for words in shown)}</div>'))


def syncs(health: Health) -> mo.Html:
    """The newest syncs; nothing where no database is asked, which alone knows them."""
    if health.database is None:
        return mo.Html("")
    rows = status_rows.sync_rows(health, readers=current().readers)
    return _part("Syncs", "the newest first", rows, "Nothing was synced yet.", status_rows.SYNC_FIGURES)


def coverage(health: Health) -> mo.Html:
    """What is held completely, by account and resource."""
    source = "from the snapshots, as the database holds nothing" if health.coverage_from == "snapshots" else ""
    source = "from the snapshots" if health.database is None else source
    rows = status_rows.coverage_rows(health)
    return _part("What is complete", source or "complete UTC days, by account", rows, "Nothing is covered yet.")


def tables(health: Health) -> mo.Html:
    """How many rows the database holds, where one is asked."""
    if health.database is None:
        return mo.Html("")
    rows = status_rows.table_rows(health.database)
    shown = _part("Rows in the database", "", rows, "There are no tables yet.", status_rows.ROW_FIGURES)
    return mo.Html(f'<div style="max-width:460px">{shown.text}</div>')


def places(health: Health) -> mo.Html:
    """Where things are; for readers nothing."""
    if current().readers:
        return mo.Html("")
    return _part("Where things are", "", status_rows.places(health), "Not known.")


def footer(health: Health) -> mo.Html:
    """When this was looked at."""
    said = f"Looked at {health.checked_at:%H:%M:%S} UTC · workbench {health.workbench_version}"
    return mo.Html(styled(f'<footer class="wb-foot">{text(said)}</footer>'))


def page_text(health: Health) -> str:
    """The same for a terminal or a mail."""
    return redact(described(health))


def _part(
    title: str, aside: str, rows: list[Mapping[str, str]], nothing: str, numbers: frozenset[str] = frozenset()
) -> mo.Html:
    body = small_table(rows, numbers=numbers) if rows else messages.note(nothing, kind="plain")
    return mo.vstack([section(title, aside), body])


def _tile(label: str, value: str, more: str) -> str:
    return (
        f'<dl class="wb-tile" style="margin:0"><dt style="cursor:default">{text(label)}</dt>'
        f'<dd class="v" style="font-size:19px" title="{text(value)}">{text(value)}</dd>'
        f'<dd class="c">{text(more)}</dd></dl>'
    )


def _finding(finding: Finding) -> mo.Html:
    said = [f"Why: {finding.why}"] if finding.why else []
    said += [f"Next: {finding.next_step}"] if finding.next_step else []
    return messages.note(finding.what, *map(redact, said), kind="danger" if finding.level == "problem" else "warn")


@lru_cache(maxsize=8)
def _looked_at(readers: bool, accounts: Accounts, moment: int) -> Health:
    return gather(readers=readers)
