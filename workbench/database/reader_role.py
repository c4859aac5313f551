"""Make the role that served pages use: it may select from our tables, no more.

Its limits that only itself could lift (`default_transaction_read_only`, timeouts) are a second line; the first are
privileges it does not have. PostgreSQL gives some of those to every role (PUBLIC): temporary tables, procedural
languages, and functions that lock out a sync, fill the disk or end connections. In a database that is ours they are
taken from PUBLIC and given back to those who write.

`listen` and `notify` cannot be denied to any role; nothing of ours listens.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from psycopg.sql import SQL, Composed, Identifier
from pydantic import SecretStr

from workbench.database import embedded, own_schema, reporting
from workbench.database.advisory_keys import READER_GRANT, key_in
from workbench.database.connection import Database, explained
from workbench.errors import ConfigurationError
from workbench.logs import hide
from workbench.schema.tables import metadata

TABLES = (*sorted(metadata.tables), "alembic_version")
CONNECTION_LIMIT = 40  # a crowd of readers leaves connections for a sync
SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}

_DANGEROUS = r"""
    select p.oid::regprocedure::text
    from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace
      and (
          p.proname ~ '^pg_(try_)?advisory_(xact_)?(lock|unlock)'      -- would hold up every sync
          or p.proname in (
              'lo_creat', 'lo_create', 'lo_from_bytea', 'lo_open', 'lo_put', 'lo_truncate', 'lo_truncate64',
              'lo_unlink', 'lowrite', 'lo_import', 'lo_export',        -- before PostgreSQL 16 even when read-only
              'pg_logical_emit_message',                               -- fills the write-ahead log
              'pg_cancel_backend', 'pg_terminate_backend'              -- ends other readers' connections
          )
      )
    order by 1
"""
_AS_OWNERS = """
    select p.oid::regproc::text
    from pg_proc p
    where p.prosecdef
      and p.pronamespace <> all(array['pg_catalog', 'information_schema']::regnamespace[])
      and p.proowner <> (select oid from pg_roles where rolname = %(role)s)
      and has_function_privilege(%(role)s, p.oid, 'execute')
    order by 1
    limit 5
"""
_WRITERS = """
    select current_user
    union select pg_get_userbyid(datdba) from pg_database where datname = current_database()
    union select tableowner from pg_tables where schemaname = current_schema() and tablename = any(%s)
"""
_UNFIT = """
    select case
        when %(role)s = current_user then 'It is the role that this command itself uses.'
        when rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
            then 'It may do more than any grant could take away (superuser, createrole, createdb or the like).'
        when exists (select from pg_auth_members where member = r.oid)
            then 'It is a member of other roles, and could become them.'
        when exists (select from pg_class where relowner = r.oid)
          or exists (select from pg_database where datdba = r.oid)
          or exists (select from pg_namespace where nspowner = r.oid)
            then 'It owns something in this database, and owners may change what is theirs.'
    end
    from pg_roles r
    where rolname = %(role)s
"""


@dataclass(frozen=True)
class Grant:
    """The result of making or refreshing a role.

    Attributes:
        created: whether it was new.
        password: the one that was generated, to be shown once; None if it was given, or stays as it was.
        left: what this database still lets it do beyond reading, one sentence each.
    """

    role: str
    created: bool
    password: SecretStr | None = field(default=None, repr=False)
    left: tuple[str, ...] = ()


def ensure_reader(database: Database) -> None:
    """Create or refresh the embedded database's reader, which needs no password: the kernel identifies it.

    Idempotent, and quick enough for every start of a server; needs neither tables nor the write lock.

    Raises:
        StorageError: the database refuses.
    """
    with explained(database.label), database.connect() as connection:
        _grant(connection, database, embedded.READER, verifier=None, ours=True)
        for other in ("postgres", "template1"):
            connection.execute(SQL("revoke connect, temporary on database {} from public").format(Identifier(other)))


def grant_reader(database: Database, *, role: str, password: SecretStr | None = None, shared: bool = False) -> Grant:
    """Create or refresh a reader of a configured database.

    Args:
        database: as whom a sync connects, so that later tables are readable too.
        role: its name.
        password: its new password; without one, a new role gets a random one and an old role keeps its own.
        shared: whether others use the database for other things: what PostgreSQL gives to every role is left alone.

    Raises:
        ConfigurationError: such a role exists and could do more than read; or this user may not create or change it:
            the error holds the SQL for an administrator.
        StorageError: the database refuses.
    """
    with explained(database.label), database.connect() as connection:
        known = _refuse_unfit(connection, role)
        generated = None if known or password else made_up_password()
        secret = password or generated
        if secret is not None:
            hide(secret.get_secret_value())
        verifier = _verifier(connection, role, secret) if secret else None
        try:
            _grant(connection, database, role, verifier=verifier, ours=not shared)
        except psycopg.errors.InsufficientPrivilege:
            raise _not_allowed(connection, role, database.label, known=known) from None
        return Grant(role, created=not known, password=generated, left=beyond_reading(connection, role))


def made_up_password() -> SecretStr:
    """A password that cannot be guessed."""
    return SecretStr(secrets.token_urlsafe(24))


def _grant(connection: psycopg.Connection, database: Database, role: str, *, verifier: str | None, ours: bool) -> None:
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s, %s)", key_in(database.schema, READER_GRANT))
        own_schema.make(connection, database.schema, database.label)
        known = connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is not None
        for statement in _statements(connection, role, known=known, verifier=verifier):
            connection.execute(statement)
        if ours:
            _take_from_public(connection)


def _refuse_unfit(connection: psycopg.Connection, role: str) -> bool:
    """Whether the role exists already."""
    row = connection.execute(_UNFIT, {"role": role}).fetchone()
    if row and row[0]:
        raise ConfigurationError(
            f"The role {role} cannot become one that only reads.",
            why=row[0],
            next_step="Choose another name with --role; it is created for you.",
        )
    return row is not None


def _verifier(connection: psycopg.Connection, role: str, password: SecretStr) -> str:
    """The verifier that PostgreSQL stores, so that neither the wire nor a server's log holds the password."""
    secret = password.get_secret_value().encode()
    return connection.pgconn.encrypt_password(secret, role.encode(), b"scram-sha-256").decode()


def _statements(connection: psycopg.Connection, role: str, *, known: bool, verifier: str | None) -> list[Composed]:
    """The statements that make the role and let it select, in order."""
    schema, name, superuser = connection.execute(
        "select current_setting('search_path'), current_database(), current_setting('is_superuser') = 'on'"
    ).fetchone() or ("public", "", False)
    there = connection.execute(
        "select tablename from pg_tables where schemaname = current_schema() and tablename = any(%s)", [list(TABLES)]
    ).fetchall()
    parts = {"role": Identifier(role), "schema": Identifier(schema), "database": Identifier(name)}
    limits = SETTINGS | ({"temp_file_limit": "2GB"} if superuser else {})
    places = SQL(", ").join(Identifier(place) for place in (schema, own_schema.reporting_name(schema)))
    return [
        _role(role, known=known, verifier=verifier),
        SQL("alter role {role} reset all").format(**parts),
        *(
            SQL("alter role {role} in database {database} set {setting} = {value}").format(
                **parts, setting=Identifier(setting), value=sql.Literal(value)
            )
            for setting, value in limits.items()
        ),
        SQL("alter role {role} in database {database} set search_path = {places}").format(**parts, places=places),
        *(SQL(statement).format(**parts) for statement in _ONLY_SELECT),
        *(SQL("grant select on {schema}.{table} to {role}").format(**parts, table=Identifier(one)) for (one,) in there),
        *reporting.grants(connection, schema, parts["role"].as_string(connection)),
    ]


_ONLY_SELECT = (
    "revoke all on all tables in schema {schema} from {role}",
    "revoke all on all sequences in schema {schema} from {role}",
    "revoke all on schema {schema} from {role}",
    "revoke all on database {database} from {role}",
    "grant connect on database {database} to {role}",
    "grant usage on schema {schema} to {role}",
    "alter default privileges in schema {schema} grant select on tables to {role}",
)
"""Take everything, then give what reading needs: of our tables, those that are there and those to come."""


def _role(role: str, *, known: bool, verifier: str | None) -> Composed:
    secret = SQL(" password {}").format(sql.Literal(verifier)) if verifier else SQL("")
    # Only a superuser may name `nosuperuser` and its like for an existing role; that it has none of them was checked.
    rights = SQL("login noinherit connection limit {}").format(sql.Literal(CONNECTION_LIMIT))
    if not known:
        rights = SQL("{} nosuperuser nocreatedb nocreaterole noreplication nobypassrls").format(rights)
    verb = SQL("alter" if known else "create")
    return SQL("{} role {} {}{}").format(verb, Identifier(role), rights, secret)


def _not_allowed(connection: psycopg.Connection, role: str, label: str, *, known: bool) -> ConfigurationError:
    """The error of a user who may not create roles, with the SQL for one who may."""
    statements = [one.as_string(connection) for one in _statements(connection, role, known=known, verifier=None)]
    default = f"alter default privileges for role {Identifier(connection.info.user).as_string(connection)} in"
    text = "; ".join(statements).replace("alter default privileges in", default)
    password = "" if known else f" Then give it a password (in psql: \\password {role})."
    return ConfigurationError(
        f"The role {role} cannot be {'changed' if known else 'created'} in {label}.",
        why=f"The user {connection.info.user} may not do that.",
        next_step=f"Have an administrator run this in that database: {text};{password}",
    )


def _take_from_public(connection: psycopg.Connection) -> None:
    """Take from PUBLIC what readers must not have, and give it to the roles that write; what is refused stays."""
    schema, name = connection.execute("select current_schema(), current_database()").fetchone() or ("public", "")
    functions = [SQL(signature) for (signature,) in connection.execute(_DANGEROUS).fetchall()]
    things = [
        (SQL("temporary"), SQL("database {}").format(Identifier(name))),
        (SQL("create"), SQL("schema {}").format(Identifier(schema))),
        (SQL("create"), SQL("schema public")),
        (SQL("usage"), SQL("language plpgsql")),
        *((SQL("execute"), SQL("function {}").format(function)) for function in functions),
    ]
    writers = [Identifier(writer) for (writer,) in connection.execute(_WRITERS, [list(TABLES)]).fetchall()]
    connection.execute("set local client_min_messages = error")  # a refusal may be a mere warning
    for privilege, thing in things:
        _move(connection, privilege, thing, writers)


def _move(
    connection: psycopg.Connection, privilege: sql.Composable, thing: sql.Composable, writers: Iterable[Identifier]
) -> None:
    try:
        with connection.transaction():
            to = SQL(", ").join(writers)
            connection.execute(SQL("grant {} on {} to {}").format(privilege, thing, to))
            connection.execute(SQL("revoke {} on {} from public").format(privilege, thing))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName):
        pass  # what is left is found out afterwards, by asking what the role may do


def beyond_reading(connection: psycopg.Connection, role: str) -> tuple[str, ...]:
    """What a reader could do beyond reading, because PostgreSQL lets every role: one sentence each."""
    temporary, create, lock, large, message, plpgsql = (
        connection.execute(
            """
        select has_database_privilege(%(role)s, current_database(), 'temporary'),
               has_schema_privilege(%(role)s, current_schema(), 'create')
                   or coalesce(has_schema_privilege(%(role)s, to_regnamespace('public'), 'create'), false),
               has_function_privilege(%(role)s, 'pg_advisory_lock(integer, integer)', 'execute'),
               has_function_privilege(%(role)s, 'lo_create(oid)', 'execute'),
               exists (
                   select from pg_proc p
                   where proname = 'pg_logical_emit_message' and has_function_privilege(%(role)s, p.oid, 'execute')
               ),
               has_language_privilege(%(role)s, 'plpgsql', 'usage')
        """,
            {"role": role},
        ).fetchone()
        or (False,) * 6
    )
    sentences = {
        "It may create temporary tables, as every role may in this database.": temporary,
        "It may create tables of its own, as every role may in its schema or in public.": create,
        "It may take advisory locks, and so hold up a sync; only a superuser can take that from all roles.": lock,
        "It may create large objects, as every role may; only a superuser can take that from all roles.": large,
        "It may fill the write-ahead log, as every role may; only a superuser can take that from all roles.": message,
        "It may run anonymous code blocks with its own privileges, as every role may.": plpgsql,
    }
    left = [sentence for sentence, applies in sentences.items() if applies]
    if functions := [name for (name,) in connection.execute(_AS_OWNERS, {"role": role}).fetchall()]:
        left.append(f"It may call functions that run with their owner's rights: {', '.join(functions)}.")
    return tuple(left)
