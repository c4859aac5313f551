"""The pieces of the status page: what needs attention, worst first, each with its remedy; then facts.

Readers see what is wrong and whom to ask; never a path, a reason from inside the machine, or anything about the
sign-in. Every word from outside goes through `formatting.text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

import marimo as mo

from workbench.analytics import formatting
from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.diagnostics.doctor import Finding, data, linkedin
from workbench.diagnostics.doctor.finding import of_trouble, problem, warning
from workbench.diagnostics.status import DatabaseFacts, Health, SignInFacts, gather
from workbench.diagnostics.status.text import coverage_source, described
from workbench.errors import several
from workbench.logs import redact
from workbench.pages import status_rows
from workbench.pages.components import messages
from workbench.pages.components.navigation import section
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table
from workbench.queries.api import allowed_accounts, allowed_sources
from workbench.queries.result_cache import TimedCache

FRESH_SECONDS = 5.0
_looked_at: TimedCache[Health] = TimedCache()  # of the process: all visitors see one installation
_ASK = "Ask the person who runs this workbench."


def health_now() -> Health:
    """The facts of the installation, read at most once in five seconds for all visitors."""
    how = (current().readers, "database" in allowed_sources(), allowed_accounts())
    readers, database, accounts = how
    look = partial(gather, readers=readers, database=database, accounts=accounts)
    return _looked_at.get(how, look, seconds=FRESH_SECONDS)


def findings(health: Health, *, readers: bool) -> list[Finding]:
    """Findings that need attention, worst first, with remedies; for readers without internal details."""
    found = [finding for finding in _findings(health, readers) if finding.level != "ok"]
    worst_first = sorted(found, key=lambda finding: finding.level != "problem")
    return [Finding(one.check, one.level, one.what, "", _ASK) for one in worst_first] if readers else worst_first


def verdict(health: Health) -> mo.Html:
    """The findings as a list, each with its remedy."""
    found = findings(health, readers=current().readers)
    if not found:
        return messages.note("Everything is in order.", kind="good")
    return mo.vstack([_finding(finding) for finding in found])


def facts(health: Health) -> mo.Html:
    """The main facts as tiles."""
    shown = status_rows.tiles(health, readers=current().readers)
    return mo.Html(styled(f'<div class="wb-tiles">{"".join(_tile(*words) for words in shown)}</div>'))


def syncs(health: Health) -> mo.Html:
    """The newest syncs; nothing where no database may be asked, because only it holds them."""
    if health.database is None:
        return mo.Html("")
    rows = status_rows.sync_rows(health, readers=current().readers)
    return _part("Syncs", "the newest first", rows, "Nothing was synced yet.", status_rows.SYNC_FIGURES)


def coverage(health: Health) -> mo.Html:
    """The table of coverage by account and resource."""
    source = coverage_source(health) if health.coverage_from == "snapshots" else ""
    rows = status_rows.coverage_rows(health)
    return _part("What is complete", source or "complete UTC days, by account", rows, "Nothing is covered yet.")


def tables(health: Health) -> mo.Html:
    """The table of row counts, where a database is asked."""
    if health.database is None:
        return mo.Html("")
    rows = status_rows.table_rows(health.database)
    shown = _part("Rows in the database", "", rows, "There are no tables yet.", status_rows.ROW_FIGURES)
    return mo.Html(f'<div style="max-width:460px">{shown.text}</div>')


def places(health: Health) -> mo.Html:
    """The folders and files of the installation; nothing for readers."""
    if current().readers:
        return mo.Html("")
    return _part("Where things are", "", status_rows.places(health), "Not known.")


def footer(health: Health) -> mo.Html:
    """The footer: the moment of these facts."""
    said = f"Looked at {health.checked_at:%H:%M:%S} UTC · workbench {health.workbench_version}"
    return mo.Html(styled(f'<footer class="wb-foot">{text(said)}</footer>'))


def page_text(health: Health) -> str:
    """The page as text, for a terminal or a mail."""
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


def _findings(health: Health, readers: bool) -> Iterator[Finding]:
    if health.settings:
        yield of_trouble("settings", health.settings)
        return
    if not readers:
        yield from _sign_in_findings(health.sign_in, health.checked_at)
        yield from linkedin.version(health)
        for unusable in health.snapshots.unusable if health.snapshots else ():
            step = "Run `workbench doctor` to see every damaged file, and restore it from a backup."
            yield warning("snapshots", f"Snapshot {unusable.name} cannot be used.", why=unusable.why, next_step=step)
        yield from data.unloaded(health)
    yield from _database_findings(health.database, filled=bool(health.syncs or health.coverage))
    yield from data.syncs(health)
    yield from data.coverage(health)


def _database_findings(facts: DatabaseFacts | None, *, filled: bool) -> Iterator[Finding]:
    if facts is None:
        return
    if facts.trouble:
        what = "The database does not answer." if facts.state == "unreachable" else facts.trouble.what
        yield problem("database", what, why=facts.trouble.why, next_step=facts.trouble.next_step)
    elif facts.state in ("missing", "empty") or (facts.state == "current" and not filled):
        yield warning(
            "database", "Nothing has been synced yet.", next_step="Run `workbench sync`, or use the sync page."
        )
    elif facts.state == "behind":
        step = "Run `workbench db upgrade`, or sync, which does it too."
        yield warning("database", "The database is of an older workbench.", next_step=step)


def _sign_in_findings(facts: SignInFacts | None, now: datetime) -> Iterator[Finding]:
    if facts is None or facts.source == "environment":
        return
    step = "Sign in on the start page, or run `workbench auth login`."
    if facts.trouble:
        yield of_trouble("sign-in", facts.trouble)
    elif facts.source == "none":
        app = "" if facts.has_app else "Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in .env. "
        yield problem("sign-in", "There is no sign-in to LinkedIn.", next_step=f"{app}{step}")
    else:
        yield from _life(facts, now, step)


def _life(facts: SignInFacts, now: datetime, step: str) -> Iterator[Finding]:
    end = facts.refresh_token_expires_at if facts.has_refresh_token else facts.access_token_expires_at
    if end is None:
        return
    if end <= now:
        yield problem("sign-in", f"The sign-in ended on {formatting.day(end.date())}.", next_step=step)
    early = linkedin.CONSENT_WARN_DAYS if facts.has_refresh_token else linkedin.ACCESS_WARN_DAYS
    if now < end and (left := (end - now).days) <= early:
        why = "LinkedIn then asks for your consent again."
        yield warning("sign-in", f"The sign-in ends in {several(left, 'day')}.", why=why, next_step=step)
