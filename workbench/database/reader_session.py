"""Limit the database sessions of served pages: refuse a role that can write, and set time limits.

`reader_role` makes roles that pass. Refused are others, such as the role of the `DATABASE_URL` that syncs.
"""

from __future__ import annotations

import logging

import psycopg

from workbench.database.own_schema import reporting_name
from workbench.database.reader_role import SETTINGS, TABLES, beyond_reading
from workbench.errors import ConfigurationError

_LOG = logging.getLogger(__name__)

_SYNCS = "DATABASE_URL, or POSTGRES_USER, names the role that syncs."
# Memberships count whether or not they are inherited: `set role` is enough to use them. So does the role that logged
# in, which `reset role` would bring back.
_WHY_UNFIT = """
    with recursive reachable as (
        select * from pg_roles
        where pg_has_role(current_user, oid, 'member') or pg_has_role(session_user, oid, 'member')
    ), schemas as (
        select oid, nspowner from pg_namespace where nspname in (current_setting('search_path'), 'public')
    ), ours as (
        select oid, relowner from pg_class
        where relnamespace in (select oid from schemas) and relkind in ('r', 'p') and relname = any(%(tables)s)
    ), touching as (  -- views, partitions and what foreign keys of ours follow: a change to them changes ours
        select oid, relowner from ours
        union
        select c.oid, c.relowner
        from touching t
        join lateral (
            select w.ev_class as oid
            from pg_depend d
            join pg_rewrite w on w.oid = d.objid
            where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
            union all
            select inhrelid from pg_inherits where inhparent = t.oid
            union all
            select confrelid from pg_constraint where contype = 'f' and conrelid = t.oid
        ) upon on true
        join pg_class c on c.oid = upon.oid and c.relkind in ('r', 'p', 'v', 'f')
    ), places as (  -- and the schema of the readable views, where they are
        select oid, nspowner from schemas
        union
        select n.oid, n.nspowner
        from pg_namespace n
        where n.nspname = %(reporting)s
          and exists (select from touching t join pg_class c on c.oid = t.oid where c.relnamespace = n.oid)
    ), triggering as (  -- tables of others whose triggers run with more rights than the role has
        select min(p.proname) as name
        from reachable r, pg_trigger t
        join pg_proc p on p.oid = t.tgfoid
        where not t.tgisinternal and p.prosecdef and p.proowner not in (select oid from reachable)
          and (
              has_table_privilege(r.oid, t.tgrelid, 'insert, update, delete, truncate')
              or has_any_column_privilege(r.oid, t.tgrelid, 'insert, update')
          )
    ), administering as (  -- functions that PostgreSQL gives to administrators, given to the role or to every role
        select min(p.proname) as name
        from pg_init_privs i
        join pg_proc p on p.oid = i.objoid and p.pronamespace = 'pg_catalog'::regnamespace
        cross join aclexplode(p.proacl) given
        where i.classoid = 'pg_proc'::regclass
          and p.proname !~ %(reading)s
          and not exists (select from aclexplode(i.initprivs) first where first.grantee = 0)
          and (
              given.grantee = 0
              or given.grantee in (select oid from reachable where rolname <> all(%(harmless)s))
          )
    ), writing as (
        select 'insert, update, delete, truncate, references, trigger'
            || case when current_setting('server_version_num')::int >= 170000 then ', maintain' else '' end
            as privileges
    )
    select case
        when exists (select from reachable where rolsuper)
          or exists (select from reachable r join ours t on t.relowner = r.oid)
          or exists (
              select from reachable r, touching t, writing
              where t.relowner not in (select oid from reachable)  -- a view of its own gives it no more than it has
                and (
                    has_table_privilege(r.oid, t.oid, privileges)
                    or has_any_column_privilege(r.oid, t.oid, 'insert, update, references')
                )
          )
            then %(syncs)s
        when exists (select from reachable where rolcreaterole or rolcreatedb or rolreplication)
            then 'It may make roles or databases, or replicate, by itself or as a member of another role.'
        when exists (
            select from reachable r, pg_parameter_acl p where has_parameter_privilege(r.oid, p.parname, 'alter system')
        )
            then 'It may change the settings of the server (ALTER SYSTEM).'
        when exists (
            select from reachable r, pg_parameter_acl p left join pg_settings s on lower(s.name) = p.parname
            where coalesce(s.context, 'hidden') in ('superuser', 'superuser-backend', 'hidden')
              and has_parameter_privilege(r.oid, p.parname, 'set')
        )
            then 'It may change settings that belong to administrators (SET on a parameter).'
        when exists (
            select from reachable where starts_with(rolname, 'pg_') and rolname <> all(%(harmless)s)
        )
            then 'It is a member of ' || (
                select min(rolname) from reachable where starts_with(rolname, 'pg_') and rolname <> all(%(harmless)s)
            ) || ', which may do more than read tables.'
        when (select name from administering) is not null
            then 'It may call ' || (select name from administering) || ', which belongs to administrators.'
        when (select name from triggering) is not null
            then 'It may write to a table whose trigger ' || (select name from triggering)
                || ' runs with the rights of its owner.'
        when exists (select from reachable r join pg_database d on d.datdba = r.oid and d.datname = current_database())
          or exists (select from reachable r join places s on s.nspowner = r.oid)
            then 'It owns the database or the schema, by itself or as a member of another role.'
        when exists (select from reachable r where has_database_privilege(r.oid, current_database(), 'create'))
          or exists (select from reachable r, places s where has_schema_privilege(r.oid, s.oid, 'create'))
            then 'It may create objects (CREATE on the schema or the database), perhaps as every role may.'
    end
"""
_READING = "^pg_(ls_|stat_get_|show_|get_|current_|hba_|ident_|config)"
"""Functions for administrators that only read."""
_HARMLESS = ("pg_read_all_data", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables", "pg_monitor")


def limit(connection: psycopg.Connection) -> None:
    """Make every transaction of this session read-only and short; in a transaction, it has to be committed.

    Raises:
        ConfigurationError: its role can write to our tables.
    """
    refuse_writer(connection)
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())
    connection.execute(f"select {settings}")


def refuse_writer(connection: psycopg.Connection) -> None:
    """Refuse a role that can change what pages show, or anything else of the server.

    Raises:
        ConfigurationError: by itself, or as a role that it could become, it is a superuser, may change a table of ours
            or a column of one, may create objects, roles or databases, or has one of PostgreSQL's own strong roles.
    """
    (schema,) = connection.execute("select current_setting('search_path')").fetchone() or ("",)
    values = {
        "tables": list(TABLES),
        "syncs": _SYNCS,
        "harmless": list(_HARMLESS),
        "reading": _READING,
        "reporting": reporting_name(schema),
    }
    row = connection.execute(_WHY_UNFIT, values).fetchone()
    if row and row[0]:
        raise ConfigurationError(
            "Pages for others are not served with a database role that can write.",
            why=row[0],
            next_step="Run `workbench db grant-reader`, and serve with a DATABASE_URL that names the role it creates."
            + (
                " Where all may create objects, run `revoke create on schema public from public`."
                * ("CREATE" in row[0])
            ),
        )


def warn_of_excess(connection: psycopg.Connection) -> None:
    """Log what the session's role may do although it only reads, such as filling the write-ahead log."""
    row = connection.execute("select current_user").fetchone()
    if row and (left := beyond_reading(connection, row[0])):
        _LOG.warning("The database role %s only reads our tables. %s", row[0], " ".join(left))
