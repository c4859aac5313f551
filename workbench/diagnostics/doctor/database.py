"""Check the database: reachable, migrated, reached without a pooler, writable. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.database import own_schema
from workbench.database.connection import Database, explained
from workbench.database.rights import rights_of
from workbench.diagnostics.doctor.finding import Finding, of_trouble, ok, problem, warning
from workbench.diagnostics.status import Health
from workbench.errors import capitalized
from workbench.settings.fields import Settings

OLDEST_MAJOR = 15


def state(settings: Settings, health: Health) -> Iterator[Finding]:
    """Check that the database is reachable, its schema current, its PostgreSQL supported; and the embedded home."""
    facts = health.database
    if facts is None:
        return
    if facts.embedded:
        yield from _embedded_home(settings)
    if facts.trouble:
        yield of_trouble("database", facts.trouble)
        return
    if facts.server_version and int(facts.server_version.split(".")[0]) < OLDEST_MAJOR:
        what = f"{facts.label} is PostgreSQL {facts.server_version}."
        yield problem("database", what, why=f"{OLDEST_MAJOR} or newer is needed.", next_step="Use a newer server.")
    if facts.state == "missing":
        yield ok("database", "The embedded database will be made by the first sync.")
    elif facts.state == "empty":
        yield warning("database", f"{facts.label} answers; nothing was synced yet.", next_step="Run `workbench sync`.")
    elif facts.state == "behind":
        what = f"{facts.label} has tables of version {facts.schema_version}; this workbench expects {facts.head}."
        what = what if facts.schema_version else str(facts.elsewhere)
        yield warning("database", what, next_step="Run `workbench db upgrade`, or sync, which does it too.")
    else:
        yield ok("database", f"{facts.label} answers, and its tables are the newest ({facts.head}).")
    if facts.elsewhere and facts.state != "behind":
        yield ok("database", facts.elsewhere)


def connection(settings: Settings, health: Health) -> Iterator[Finding]:
    """Whether a session keeps its backend: a transaction pooler would give the write lock to other clients."""
    if not _answers(health):
        return
    database = Database.of(settings)
    with explained(database.label), database.connect() as one, database.connect() as other:
        first = _pid(one)
        with other.transaction():
            others, again = _pid(other), _pid(one)
        yield direct(announced=one.info.backend_pid, first=first, again=again, others=others)


def direct(*, announced: int, first: int, again: int, others: int) -> Finding:
    """Judge from the backends' process ids whether a pooler stands between.

    Args:
        announced: the process number sent when the connection opened; a pooler sends one of its own.
        first: who answered its first statement.
        again: who answered its second, while the other connection was in a transaction.
        others: who answered the other connection in that transaction.
    """
    if first != again or first == others:
        return problem(
            "connection",
            "A transaction pooler stands between us and the database.",
            why="It hands one session to several clients, and a sync's lock with it.",
            next_step="Point DATABASE_URL at PostgreSQL itself (its own port, often 5432), or pool by session.",
        )
    if announced != first:
        step = "Pool by session, or better, point DATABASE_URL at PostgreSQL itself."
        return warning("connection", "A pooler stands between us and the database.", next_step=step)
    return ok("connection", "The connection is direct.")


def role(settings: Settings, health: Health) -> Iterator[Finding]:
    """Whether the role may do what a sync does."""
    if not _answers(health):
        return
    database = Database.of(settings)
    with explained(database.label), database.connect() as asked:
        rights = rights_of(asked)
        sql = rights.granting(asked)
        if not rights.create:
            sql = f"{own_schema.sql_for_administrator(asked.info.user, database.schema)} {sql}".rstrip()
    lacks = list(rights.lacking())
    if lacks:
        why = f"{'; '.join(lacks)}."
        yield problem(
            "database role",
            f"This role cannot sync into {database.label}.",
            why=capitalized(why),
            next_step="Use the role that owns the tables, on the primary; for pages that only read this is fine."
            + (f" To let it sync, have an administrator run: {sql}" if sql and not rights.standby else ""),
        )
    else:
        yield ok("database role", "This role may write.")


def _embedded_home(settings: Settings) -> Iterator[Finding]:
    from workbench.database import embedded

    found = embedded.status(embedded.default_home(settings.home))
    if found.version is None:
        yield ok("embedded home", f"{found.home} will be made by the first sync.")
    else:
        size = f"{found.data_bytes / 10**6:,.0f} MB"
        yield ok("embedded home", f"{found.home} holds data of PostgreSQL {found.version}, {size}.")


def _answers(health: Health) -> bool:
    return health.database is not None and health.database.state not in ("missing", "unreachable")


def _pid(connection: Any) -> int:
    row = connection.execute("select pg_backend_pid()").fetchone()
    return int(row[0])
