"""Write into PostgreSQL what each table and column means, so that every SQL client shows it."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from workbench.database.own_schema import VERSIONS
from workbench.schema import descriptions
from workbench.schema.tables import metadata

_Comments = Mapping[tuple[str, str], str]
"""By table and column; the column "" is the table itself."""
_FOUND = """
    select c.relname::text, coalesce(a.attname::text, ''), coalesce(d.description, '')
    from pg_class as c
    join lateral (
        select 0::smallint as attnum, null::name as attname
        union all
        select a.attnum, a.attname from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as a on true
    left join pg_description as d
        on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
    where c.relnamespace = to_regnamespace(%s) and c.relname = any(%s) and c.relkind in ('r', 'p')
"""


def wanted() -> _Comments:
    """The comment of every table and column of ours."""
    found = {(table.name, ""): str(table.comment) for table in metadata.tables.values()}
    found |= {
        (table.name, column.name): str(column.comment) for table in metadata.tables.values() for column in table.columns
    }
    found[VERSIONS, ""] = f"{descriptions.of_table(VERSIONS)}."
    found[VERSIONS, "version_num"] = descriptions.of_column(VERSIONS, "version_num").comment
    return found


def write(connection: psycopg.Connection, schema: str) -> None:
    """Correct the comments that are not as the catalogue has them; nothing is written where all are."""
    should = wanted()
    tables = sorted({table for table, _ in should})
    for table, column, text in connection.execute(_FOUND, [schema, tables]).fetchall():
        comment = should.get((table, column), text)
        if comment != text:
            name = Identifier(schema, table, column) if column else Identifier(schema, table)
            kind = SQL("column" if column else "table")
            connection.execute(SQL("comment on {} {} is {}").format(kind, name, Literal(comment)))
