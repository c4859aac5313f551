"""Format a status as plain, aligned text: in a few lines, or a heading per part and a fact per line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from workbench.console import printable
from workbench.diagnostics.status.facts import (
    Coverage,
    DatabaseFacts,
    Health,
    SignInFacts,
    SnapshotFacts,
    SyncFacts,
    Trouble,
)
from workbench.errors import several
from workbench.linkedin.api_versions import Countdown
from workbench.schema.resources import CAMPAIGN_DAYS
from workbench.snapshots.catalog import offer_to_load

Line = tuple[str, str]
_STATES = {
    "missing": "embedded, not made yet: `workbench sync` or `workbench load` makes it",
    "unreachable": "out of reach",
    "empty": "it answers, and nothing was synced or loaded yet",
    "behind": "its tables are older than this workbench; the next sync migrates them",
    "newer": "it belongs to a newer workbench",
    "foreign": "another application's tables have the names of ours",
    "current": "ready",
}


def described(health: Health) -> str:
    """The whole status as text."""
    parts: list[tuple[str, list[Line]]] = [("Workbench", list(_workbench(health)))]
    if health.settings is None:
        parts += [
            ("LinkedIn", list(_linkedin(health))),
            ("Database", list(_database(health.database))),
            ("Syncs", list(_syncs(health.syncs))),
            ("Coverage", list(_coverage(health))),
            ("Snapshots", list(_snapshots(health.snapshots))),
        ]
    width = max(len(label) for _, lines in parts for label, _ in lines)
    return "\n\n".join("\n".join([title, *_aligned(lines, width)]) for title, lines in parts)


def brief(health: Health) -> str:
    """The status in a few lines, one for each part."""
    lines = [("settings", "cannot be used")] if health.settings else [*_brief_sign_in(health), *_brief_data(health)]
    width = max(len(label) for label, _ in lines)
    return "\n".join(f"{label:<{width}}  {printable(text)}" for label, text in lines)


def _brief_sign_in(health: Health) -> Iterator[Line]:
    """One line about the sign-in; what to do about it is listed under what needs attention."""
    facts, version = health.sign_in, health.linkedin_version
    if facts and facts.source == "file":
        yield "access token", _days_left(facts.access_token_days, facts.access_token_expires_at)
        if facts.has_refresh_token:
            yield "refresh token", _days_left(facts.refresh_token_days, facts.refresh_token_expires_at)
    elif facts:
        yield "sign-in", "LINKEDIN_ACCESS_TOKEN" if facts.source == "environment" else "none"
    if version:
        left = "unknown" if version.days_left is None else f"{several(version.days_left, 'day')} left"
        yield "API version", f"{version.version}, {left}"


def _brief_data(health: Health) -> Iterator[Line]:
    facts, kept = health.database, health.snapshots
    if facts:
        state = _STATES[facts.state]
        yield "database", state if state.startswith(facts.label) else f"{facts.label}: {state}"
        if facts.elsewhere:
            yield "other schemas", facts.elsewhere
    if health.syncs:
        yield "newest sync", f"{health.syncs[0].sync_id}: {_sync(health.syncs[0])}"
    ends = [
        covered.complete_through
        for covered in health.coverage
        if covered.resource == CAMPAIGN_DAYS and covered.complete_through
    ]
    if ends:
        accounts = f"{len(ends)} account{'s' * (len(ends) != 1)}"
        some = "" if min(ends) == max(ends) else f"; the last of them only until {min(ends)}"
        of = f" ({coverage_source(health)})" if health.coverage_from == "snapshots" else ""
        yield "complete", f"until {max(ends)}, {accounts}{some}{of}"
    if kept:
        yield "snapshots", f"{kept.count:,} in {kept.storage or kept.folder}, {_size(kept.size_bytes)}"


def coverage_source(health: Health) -> str:
    """The source of the coverage, where it is not the database; else ""."""
    state = health.database.state if health.database else None
    reason = {
        None: "",
        "missing": ", as there is no database yet",
        "empty": ", as the database is empty",
        "current": ", as the database holds nothing",
        "behind": ", as the database holds nothing",
    }.get(state, ", as the database cannot be read")
    return f"from the snapshots on disk{reason}"


def _aligned(lines: Iterable[Line], width: int) -> Iterator[str]:
    for label, text in lines:
        yield f"  {label:<{width}}  {printable(text)}".rstrip()


def _workbench(health: Health) -> Iterator[Line]:
    yield "version", health.workbench_version
    if health.home:
        yield "home", str(health.home)
    yield from _trouble(health.settings)


def _linkedin(health: Health) -> Iterator[Line]:
    if health.sign_in:
        yield from _sign_in(health.sign_in)
    yield from _trouble(health.connection)
    if version := health.linkedin_version:
        yield "API version", f"{version.version}: {_countdown(version)}"


def _sign_in(facts: SignInFacts) -> Iterator[Line]:
    if facts.source == "environment":
        yield "sign-in", "LINKEDIN_ACCESS_TOKEN; its end is unknown, and it is never renewed"
    elif facts.trouble:
        yield from _trouble(facts.trouble)
    elif facts.source == "none":
        yield (
            "sign-in",
            f"none: {'run `workbench auth login`' if facts.has_app else 'set LINKEDIN_CLIENT_ID and _SECRET'}",
        )
    else:
        yield "sign-in", str(facts.token_file)
        yield "access token", _days_left(facts.access_token_days, facts.access_token_expires_at)
        refresh = _days_left(facts.refresh_token_days, facts.refresh_token_expires_at)
        yield "refresh token", refresh if facts.has_refresh_token else "none"
        yield "scopes", ", ".join(facts.scopes) or "unknown"


def _days_left(days: int | None, end: datetime | None) -> str:
    return "end unknown" if end is None else f"{several(days, 'day')} left, until {end.astimezone(UTC):%Y-%m-%d}"


def _countdown(version: Countdown) -> str:
    if version.sunset is None:
        return "not a version we know"
    about = "" if version.published else "about "
    if version.standing == "gone":
        return f"ended {about}{version.sunset}; set LINKEDIN_VERSION to a newer one"
    soon = "; set LINKEDIN_VERSION to a newer one soon" if version.standing == "ending" else ""
    return f"{several(version.days_left, 'day')} left, until {about}{version.sunset}{soon}"


def _database(facts: DatabaseFacts | None) -> Iterator[Line]:
    if facts is None:
        return
    yield "database", facts.label
    yield "state", _STATES[facts.state]
    yield from _trouble(facts.trouble)
    if facts.server_version:
        yield "PostgreSQL", facts.server_version
    if facts.schema:
        yield "schema", facts.schema
    if facts.elsewhere:
        yield "other schemas", facts.elsewhere
    if facts.schema_version:
        expected = "" if facts.schema_version == facts.head else f" (expected: {facts.head})"
        yield "version of tables", f"{facts.schema_version}{expected}"
    for table in facts.tables:
        count = "not counted in time" if table.rows is None else f"{table.rows:,}"
        yield table.name, count if table.exact or table.rows is None else f"about {count} (an estimate)"


def _syncs(syncs: tuple[SyncFacts, ...]) -> Iterator[Line]:
    if not syncs:
        yield "none yet", ""
    shown: set[Trouble] = set()
    for sync in syncs:
        yield sync.sync_id, _sync(sync)
        for trouble in filter(None, [sync.error]):
            yield from _trouble(trouble) if trouble not in shown else ()
            shown.add(trouble)
        for step in sync.unfinished_steps if sync.status != "running" else ():
            where = f"account {step.account_id} " if step.account_id else ""
            why = f": {step.error.what}" if step.error and step.error not in shown else ""
            shown |= {step.error} if step.error else set()
            yield "", f"{where}{step.resource}: {step.status}{why}"


def _sync(sync: SyncFacts) -> str:
    steps = ", ".join(f"{count} {status}" for status, count in sync.steps.items()) or "none"
    words = [f"{sync.status} ({sync.trigger})", *([f"shard {sync.shard}"] if sync.shard else [])]
    if sync.window:
        words.append(f"{sync.window[0]} to {sync.window[1]}")
    if sync.api_calls is not None:
        words.append(f"{sync.api_calls:,} request{'s' * (sync.api_calls != 1)}")
    words.append(f"steps: {steps}")
    if sync.silent:
        since = sync.heartbeat_at or sync.started_at
        words.append(f"no sign of life since {since:%Y-%m-%d %H:%M:%S} UTC; the next sync goes on where it ended")
    return "; ".join(words)


def _coverage(health: Health) -> Iterator[Line]:
    if not health.coverage:
        yield "nothing yet", ""
        return
    if health.coverage_from == "snapshots":
        yield "source", coverage_source(health)
    account = None
    for covered in health.coverage:
        if covered.account_id != account:
            account = covered.account_id
            yield f"account {account}" if account else "all accounts", covered.account_name or ""
        yield f"  {covered.resource}", _covered(covered)


def _covered(covered: Coverage) -> str:
    if covered.newest_snapshot is None:
        return "nothing"
    if covered.first_day is None:
        return f"complete listing of {covered.newest_snapshot}"
    missing = "; missing: " + ", ".join(_span(*hole) for hole in covered.holes) if covered.holes else ""
    late = f"; older or missing: {', '.join(covered.late_pivots)}" if covered.late_pivots else ""
    return f"{covered.first_day} to {covered.last_day}{missing}{late}"


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _snapshots(facts: SnapshotFacts | None) -> Iterator[Line]:
    if facts is None:
        return
    if facts.storage:
        yield "object storage", facts.storage
    yield "folder", str(facts.folder)
    yield from _trouble(facts.trouble)
    yield "finished", f"{facts.count:,}" + (f", {facts.oldest} to {facts.newest}" if facts.count else "")
    if facts.unloaded:
        yield "not loaded", offer_to_load(facts.unloaded)
    for name in facts.unfinished:
        yield "unfinished", f"{name}: a sync is writing it, or the next one goes on with it"
    for unusable in facts.unusable:
        yield "cannot be used", f"{unusable.name}: {unusable.why}"
    yield "size", _size(facts.size_bytes)


def _size(size: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
    return ""


def _trouble(trouble: Trouble | None) -> Iterator[Line]:
    if trouble:
        yield "problem", trouble.what
        if trouble.why:
            yield "  why", trouble.why
        if trouble.next_step:
            yield "  next", trouble.next_step
