"""Find what needs attention, from a status alone: LinkedIn is not asked, and no part of a snapshot is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from workbench.diagnostics.doctor import data, files, linkedin
from workbench.diagnostics.doctor.finding import Finding, of_trouble, problem, warning
from workbench.diagnostics.status import DatabaseFacts, Health
from workbench.errors import several
from workbench.logs import redact
from workbench.schema.resources import CAMPAIGN_DAYS

STALE_DAYS = 3
"""The newest complete day is this old where no sync has brought figures since the day before yesterday."""


def attention(health: Health) -> list[Finding]:
    """Problems and warnings, problems first; empty if all is well."""
    found = [finding for finding in _findings(health) if finding.level != "ok"]
    return sorted(found, key=lambda finding: finding.level != "problem")


def line(finding: Finding) -> str:
    """A finding as one line."""
    parts = (part.strip() for part in (finding.what, finding.why, finding.next_step))
    return redact(" ".join(part if part[-1] in ".!?:" else f"{part}." for part in parts if part))


def _findings(health: Health) -> Iterator[Finding]:
    if health.settings:
        yield of_trouble("settings", health.settings)
        return
    yield from linkedin.sign_in(health)
    yield from linkedin.connection(health)
    yield from linkedin.version(health)
    yield from _database(health.database, filled=bool(health.syncs or health.coverage))
    for disk in health.disks:
        yield files.space(disk.folder, disk.free_bytes)
    yield from data.unloaded(health)
    for unusable in health.snapshots.unusable if health.snapshots else ():
        what = f"Snapshot {unusable.name} cannot be used."
        yield warning(
            "snapshots", what, why=unusable.why, next_step="Run `workbench doctor` to see every damaged file."
        )
    yield from data.syncs(health)
    if health.coverage_from == "database":
        yield from data.coverage(health)
    yield from _stale(health)


def _database(facts: DatabaseFacts | None, *, filled: bool) -> Iterator[Finding]:
    if facts is None:
        return
    if facts.trouble:
        yield of_trouble("database", facts.trouble)
    elif facts.state in ("missing", "empty") or (facts.state != "behind" and not filled):
        yield warning("database", "Nothing was synced yet.", next_step="Run `workbench sync`.")
    elif facts.state == "behind":
        what = f"The database has tables of version {facts.schema_version}; this workbench expects {facts.head}."
        what = what if facts.schema_version else str(facts.elsewhere)
        yield warning("database", what, next_step="Run `workbench db upgrade`, or sync, which does it too.")


def _stale(health: Health) -> Iterator[Finding]:
    """Figures that end too early: of all accounts, or of some."""
    ends = {
        covered.account_id: covered.complete_through
        for covered in health.coverage
        if covered.resource == CAMPAIGN_DAYS and covered.complete_through is not None
    }
    if not ends:
        return
    newest, today = max(ends.values()), health.checked_at.astimezone(UTC).date()
    if (today - newest).days >= STALE_DAYS:
        what = f"Figures are complete only until {newest}, {several((today - newest).days, 'day')} ago."
        yield problem("figures", what, next_step="Run `workbench sync`.")
    late = sorted(account_id for account_id, end in ends.items() if end < newest)
    if late:
        which = f"account {late[0]}" if len(late) == 1 else f"{len(late)} accounts, such as {late[0]},"
        what = f"Figures of {which} are complete only until {min(ends.values())}."
        yield warning("figures", what, next_step="Run `workbench sync`; `workbench status -v` shows each account.")
