"""Turn a status into findings that a person must act on, worst first, each with its remedy. Pure.

Readers are told what is wrong and whom to ask; never a path, a reason from inside the machine, or anything about the
sign-in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from workbench.analytics import formatting
from workbench.diagnostics.doctor import Finding, data, linkedin
from workbench.diagnostics.doctor.finding import of_trouble, problem, warning
from workbench.diagnostics.status import DatabaseFacts, Health, SignInFacts

_ASK = "Ask whoever runs this workbench."


def findings(health: Health, *, readers: bool) -> list[Finding]:
    """Findings that a person must act on, worst first, with remedies; for readers without internal details."""
    found = [finding for finding in _findings(health, readers) if finding.level != "ok"]
    worst_first = sorted(found, key=lambda finding: finding.level != "problem")
    return [Finding(one.check, one.level, one.what, "", _ASK) for one in worst_first] if readers else worst_first


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
        yield problem("sign-in", "Nobody is signed in to LinkedIn.", next_step=f"{app}{step}")
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
        yield warning("sign-in", f"The sign-in ends in {left} days.", why=why, next_step=step)
