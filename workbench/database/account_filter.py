"""Let a statement on PostgreSQL see the rows of some accounts only. Pure.

`filtered` puts a common table expression of the same name over each of our tables. PostgreSQL resolves an unqualified
name to the expression first, so a statement cannot forget the filter, whatever parameters it was given.
"""

from __future__ import annotations

import re

from sqlalchemy import Column

from workbench.schema.tables import LOADED, account_loads, coverage, coverage_summary, sync_log, sync_steps

ACCOUNTS = "allowed_accounts"
"""The parameter that a filtered statement takes: a list of account ids."""

_OWN_EXPRESSIONS = re.compile(r"\s*with\s+", re.IGNORECASE)
_OF_ACCOUNTS = (*LOADED, account_loads, coverage, coverage_summary, sync_steps)
_SUMS = ("api_calls", "accounts", "fetched", "rejected", "inserted", "updated", "deleted")
_UNKNOWN = {**dict.fromkeys(_SUMS, "cast(null as bigint)"), "error": "cast(null as jsonb)"}
_STATUS = """
    case
        when l.status = 'partial' and not exists (
            select from sync_steps as t where t.sync_id = l.sync_id and t.status <> 'done'
        ) then 'done'
        else l.status
    end as status
"""


def filtered(statement: str, parameter: str = f"%({ACCOUNTS})s") -> str:
    """A `select` that sees the rows of the accounts in its parameter `allowed_accounts`.

    What a sync did for all accounts together (its calls, its error) is null: it is not known of these accounts. A sync
    that is `partial` because of other accounts is `done`.

    Args:
        statement: a select without a semicolon that names our tables without a schema.
        parameter: the placeholder for the ids; by default psycopg's named one.
    """
    tables = [
        f"{table.name} as not materialized ("
        f"select t.* from {table.name} as t where t.account_id = any(cast({parameter} as bigint[])))"
        for table in _OF_ACCOUNTS
    ]
    columns = ", ".join(_of_sync(column) for column in sync_log.columns)
    tables.append(f"{sync_log.name} as not materialized (select {columns} from {sync_log.name} as l)")
    own = _OWN_EXPRESSIONS.match(statement)
    rest = f", {statement[own.end() :]}" if own else f" {statement}"  # one statement takes one list of expressions
    return f"with {', '.join(tables)}{rest}"


def literal(accounts: frozenset[int]) -> str:
    """The ids as text for a statement: for statements with parameters of their own."""
    return f"'{{{','.join(str(int(account)) for account in sorted(accounts))}}}'"


def _of_sync(column: Column[object]) -> str:
    if column.name == "status":
        return _STATUS.strip()
    return f"{_UNKNOWN[column.name]} as {column.name}" if column.name in _UNKNOWN else f"l.{column.name}"
