"""Turn a status into rows: summary, syncs, coverage, tables, places. Pure.

Readers see how fresh and complete the data is and whether the database answers; never a path, a reason from
inside the machine, or anything about the sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from workbench.analytics import formatting
from workbench.diagnostics.status import Coverage, DatabaseFacts, Health, SignInFacts, SyncFacts
from workbench.errors import several
from workbench.linkedin.api_versions import Countdown
from workbench.pages.components.tables import Pill
from workbench.schema.resources import BY_NAME, CAMPAIGN_DAYS, CORE_DAYS, FIGURES, LABELS, LISTINGS
from workbench.schema.snapshot_names import day_of

ROW_FIGURES = frozenset({"Rows"})
SYNC_FIGURES = frozenset({"Calls"})

_FIGURES = {
    **{name: f"{formatting.term(BY_NAME[name].entity)} figures" for name in CORE_DAYS},
    **{name: LABELS[name] for name in FIGURES if name not in CORE_DAYS},
}
_LISTINGS = {name: LABELS[name].lower() for name in LISTINGS}
_STATES = {
    "missing": "none yet",
    "unreachable": "out of reach",
    "empty": "empty",
    "behind": "older tables",
    "newer": "newer tables",
    "foreign": "other tables",
    "current": "ready",
}


def tiles(health: Health, *, readers: bool) -> list[tuple[str, str, str]]:
    """The tiles of the main facts: label, value, remark."""
    shown = [] if readers else [_sign_in(health.sign_in)]
    if health.linkedin_version and not readers:
        shown.append(_version(health.linkedin_version))
    if health.database:
        shown += [_database(health.database, readers), _newest_sync(health)]
    else:
        shown.append(_newest_snapshot(health))
    shown.append(_complete(health))
    if health.snapshots and not readers:
        kept = health.snapshots
        shown.append(("Snapshots", formatting.number(kept.count), f"{formatting.size(kept.size_bytes)} on disk"))
    return shown


def sync_rows(health: Health, *, readers: bool) -> list[Mapping[str, str]]:
    """The newest syncs, newest first, each with why it did not end well, if one did not."""
    explained = not readers and any(map(_went_wrong, health.syncs))
    return [
        {
            "Started": _moment(sync.started_at),
            "Status": Pill("interrupted" if sync.silent else sync.status),
            "Started by": sync.trigger,
            "Window": formatting.days(*sync.window) if sync.window else formatting.NOT_AVAILABLE,
            "Calls": formatting.number(sync.api_calls),
            "Steps": ", ".join(f"{count} {status}" for status, count in sync.steps.items()) or "none",
            **({"What went wrong": _went_wrong(sync)} if explained else {}),
        }
        for sync in health.syncs
    ]


def coverage_rows(health: Health) -> list[Mapping[str, str]]:
    """A row per account: how far each resource is complete, and what is missing."""
    by_account: dict[int, dict[str, Coverage]] = {}
    for covered in health.coverage:
        if covered.account_id:
            by_account.setdefault(covered.account_id, {})[covered.resource] = covered
    return [
        {
            "Account": f"{_name(found.values())} ({account_id})",
            **{title: _covered(found.get(resource)) for resource, title in _FIGURES.items()},
            "Listed": _listed(found),
        }
        for account_id, found in by_account.items()
    ]


def table_rows(facts: DatabaseFacts | None) -> list[Mapping[str, str]]:
    """A row per table: its number of rows."""
    tables = facts.tables if facts else ()
    return [
        {
            "Table": table.name,
            "Rows": f"{'' if table.exact or table.rows is None else 'about '}{formatting.number(table.rows)}",
        }
        for table in tables
    ]


def places(health: Health) -> list[Mapping[str, str]]:
    """The folders and files of the installation, for its owner."""
    known = {
        "Home": health.home,
        "Token": health.sign_in.token_file if health.sign_in else None,
        "Database": health.database.label if health.database else None,
        "Snapshots": health.snapshots.folder if health.snapshots else None,
    }
    return [{"What": what, "Where": str(where)} for what, where in known.items() if where is not None]


def _sign_in(facts: SignInFacts | None) -> tuple[str, str, str]:
    if facts is None or facts.source == "none":
        return "Sign-in", "none", "no sign-in yet"
    if facts.source == "environment":
        return "Sign-in", "token given", "in the settings; its end is unknown"
    consent = (
        f"; consent for {several(facts.refresh_token_days, 'day')}" if facts.refresh_token_days is not None else ""
    )
    return "Sign-in", several(facts.access_token_days, "day"), f"left on the access token{consent}"


def _version(countdown: Countdown) -> tuple[str, str, str]:
    left = "unknown" if countdown.days_left is None else several(countdown.days_left, "day")
    about = "" if countdown.published else "about "
    until = f"left, until {about}{formatting.day(countdown.sunset)}" if countdown.sunset else "not a version we know"
    return f"API version {countdown.version}", left, until


def _database(facts: DatabaseFacts, readers: bool) -> tuple[str, str, str]:
    about = f"PostgreSQL {facts.server_version}" if facts.server_version else ""
    kind = "" if readers or not facts.embedded else "embedded"
    return "Database", _STATES[facts.state], ", ".join(filter(None, (about, kind)))


def _newest_sync(health: Health) -> tuple[str, str, str]:
    if not health.syncs:
        return "Last sync", "none", "nothing synced yet"
    newest = health.syncs[0]
    status = "interrupted" if newest.silent else newest.status
    return "Last sync", status, formatting.age(newest.finished_at or newest.started_at, health.checked_at)


def _newest_snapshot(health: Health) -> tuple[str, str, str]:
    """The tile of the newest snapshot, where no database has the last sync."""
    newest = health.snapshots.newest if health.snapshots else None
    if newest is None:
        return "Newest snapshot", "none", "nothing synced yet"
    fetched = day_of(newest)
    return "Newest snapshot", formatting.day(fetched), formatting.days_ago(fetched, health.checked_at)


def _complete(health: Health) -> tuple[str, str, str]:
    days = [
        covered.complete_through
        for covered in health.coverage
        if covered.resource == CAMPAIGN_DAYS and covered.complete_through
    ]
    if not days:
        return "Complete until", formatting.NOT_AVAILABLE, "no day is complete yet"
    oldest, newest = min(days), max(days)
    late = "" if oldest == newest else f"; one account only until {formatting.day(oldest)}"
    return "Complete until", formatting.day(newest), f"{formatting.days_ago(newest, health.checked_at)}{late}"


def _went_wrong(sync: SyncFacts) -> str:
    """What went wrong in a sync, step by step; why and what next stand with the findings above."""
    steps = sync.unfinished_steps if sync.status != "running" else ()
    said = [
        f"{f'account {step.account_id}, ' if step.account_id else ''}{step.resource}: "
        f"{step.error.what if step.error else step.status}"
        for step in steps
    ]
    if sync.error and not any(sync.error.what in line for line in said):
        said.insert(0, sync.error.what)
    return " ".join(line if line.endswith(".") else f"{line}." for line in said)


def _covered(covered: Coverage | None) -> str:
    if covered is None or covered.newest_snapshot is None:
        return "never fetched"
    if covered.first_day is None or covered.complete_through is None or covered.complete_through < covered.first_day:
        return "no complete day yet"
    days = formatting.days(covered.first_day, covered.complete_through)
    missing = ", ".join(formatting.days(*hole) for hole in covered.holes)
    late = ", ".join(map(formatting.pivot, covered.late_pivots))
    return f"{days}{f'; missing: {missing}' if missing else ''}{f'; older or missing: {late}' if late else ''}"


def _listed(found: Mapping[str, Coverage]) -> str:
    """The day on which campaigns, ad sets and ads were listed; one day where it is the same for all.

    What not every sign-in may read, such as lead forms, is named only where it was listed.
    """
    asked = {name: word for name, word in _LISTINGS.items() if name in found or not BY_NAME[name].optional}
    newest = {word: found[name].newest_snapshot if name in found else None for name, word in asked.items()}
    said = {word: formatting.day(day_of(snapshot)) if snapshot else "never" for word, snapshot in newest.items()}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return ", ".join(f"{word} {day}" for word, day in said.items())


def _name(found: Iterable[Coverage]) -> str:
    return next((covered.account_name for covered in found if covered.account_name), "Unnamed account")


def _moment(moment: datetime) -> str:
    return f"{formatting.day(moment.date())}, {moment:%H:%M} UTC"
