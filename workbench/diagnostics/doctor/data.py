"""Check the data: checksums of all snapshots, outcome of syncs, days missing between covered ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from workbench.diagnostics.doctor.finding import Finding, of_trouble, ok, warning
from workbench.diagnostics.status import Coverage, Health
from workbench.diagnostics.status.facts import SyncFacts
from workbench.errors import ValidationError, capitalized, several
from workbench.schema.snapshot_names import moment_of
from workbench.snapshots.catalog import list_snapshots, offer_to_load

_NAMED = 10  # accounts, so that what is found of thousands stays readable


def snapshots(health: Health) -> Iterator[Finding]:
    """Check every file of every snapshot against its manifest, checksums included."""
    facts = health.snapshots
    if facts is None:
        return
    if facts.storage and facts.trouble:
        yield from unloaded(health)
        return
    listing = list_snapshots(facts.folder)
    damaged: list[ValidationError] = list(listing.unreadable.values())
    for snapshot in listing.finished:
        try:
            snapshot.verify()
        except ValidationError as error:
            damaged.append(error)
    yield from (of_trouble("snapshots", error) for error in damaged)
    if not damaged:
        yield ok("snapshots", f"{len(listing.finished):,} finished, every file as its manifest says ({facts.folder}).")
    for folder in listing.unfinished:
        yield from _unfinished(folder.name, health)
    yield from unloaded(health)


def unloaded(health: Health) -> Iterator[Finding]:
    """Find snapshots that the database does not have, or object storage, and storage that cannot be asked."""
    if health.snapshots and health.snapshots.storage and health.snapshots.trouble:
        yield of_trouble("snapshots", health.snapshots.trouble)
    if health.snapshots and health.snapshots.unstored:
        names = health.snapshots.unstored
        what = f"{several(len(names), 'snapshot')} still to be put into {health.snapshots.storage}, such as {names[0]}."
        yield warning("snapshots", what, next_step="Run `workbench sync`: it puts them there.")
    if health.snapshots and health.snapshots.unloaded:
        what, _, next_step = offer_to_load(health.snapshots.unloaded).partition(": ")
        yield warning("snapshots", f"{what}.", next_step=capitalized(next_step))


def syncs(health: Health) -> Iterator[Finding]:
    """Check how the newest sync ended; of shards, the newest of each."""
    for sync in health.newest:
        yield _ended(sync, health)


def _ended(sync: SyncFacts, health: Health) -> Finding:
    of = f" of shard {sync.shard}" if sync.shard else ""
    again = f"workbench sync{f' --shard {sync.shard}' if sync.shard else ''}"
    if sync in health.running:
        return ok("syncs", f"Sync {sync.sync_id}{of} is running.")
    if sync in health.interrupted:
        what = f"Sync {sync.sync_id}{of} was interrupted."
        return warning("syncs", what, next_step=f"Run `{again}`; what is on disk is not asked for again.")
    if sync.status == "done":
        return ok("syncs", f"The newest sync{of}, {sync.sync_id}, brought everything.")
    why = " ".join(filter(None, (sync.error.what, sync.error.why))) if sync.error else ""
    step = sync.error.next_step if sync.error else ""
    what = f"Sync {sync.sync_id}{of} ended as {sync.status}."
    return warning("syncs", what, why=why, next_step=step or f"Run `{again}` again.")


def coverage(health: Health) -> Iterator[Finding]:
    """Find days that nothing covers, with the command that asks for them; of each kind, of the first accounts."""
    yield from _first_few(health.holes, _hole, "with days missing")
    uncovered = [covered for covered in health.coverage if covered.newest_snapshot is None]
    yield from _first_few(uncovered, _uncovered, "of which nothing is covered")
    yield from _first_few([one for one in health.coverage if one.late_pivots], _late, "with older or missing audiences")
    if health.coverage and not health.holes:
        yield ok("coverage", "No day is missing between the first and the last.")


def _first_few(found: Sequence[Coverage], say: Callable[[Coverage], Finding], what: str) -> Iterator[Finding]:
    """The findings of the first accounts, and one for all the others."""
    accounts = list(dict.fromkeys(one.account_id for one in found))
    yield from (say(one) for one in found if one.account_id in accounts[:_NAMED])
    if others := len(accounts[_NAMED:]):
        more = f"There are more accounts {what}: {others:,}."
        yield warning("coverage", more, next_step="Run `workbench status -v`: it shows each account.")


def _uncovered(covered: Coverage) -> Finding:
    what = f"Nothing of {covered.resource} is covered for {_account(covered)}."
    return warning("coverage", what, next_step=f"Run `workbench sync --force --account {covered.account_id}`.")


def _late(covered: Coverage) -> Finding:
    what = f"Audiences of {_account(covered)} by {', '.join(covered.late_pivots)} are older, or missing."
    return warning("coverage", what, next_step="Read in `workbench status` why the newest sync could not read them.")


def _hole(covered: Coverage) -> Finding:
    first, last = covered.holes[0][0], covered.holes[-1][1]
    days = sum((end - start).days + 1 for start, end in covered.holes)
    spans = ", ".join(f"{start} to {end}" for start, end in covered.holes)
    return warning(
        "coverage",
        f"{several(days, 'day')} of {covered.resource} {'is' if days == 1 else 'are'} missing for {_account(covered)}.",
        why=f"No snapshot covers {spans} completely.",
        next_step=f"Run `workbench sync --force --account {covered.account_id} --from {first} --to {last}`.",
    )


def _unfinished(name: str, health: Health) -> Iterator[Finding]:
    if health.checked_at - moment_of(name) < timedelta(days=1) or health.running:
        yield ok("snapshots", f"{name} is unfinished: a sync is writing it, or the next one goes on with it.")
    else:
        why = "Its sync was interrupted, and none has run since."
        yield warning("snapshots", f"{name} was never finished.", why=why, next_step="Run `workbench sync`.")


def _account(covered: Coverage) -> str:
    return f"account {covered.account_id}" if covered.account_id else "the list of accounts"
