"""Keep LinkedIn's data and invented data apart: a database holds data of one origin.

The first account that is loaded decides, in its own transaction; everything of another origin is refused after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError
from workbench.schema.literals import Origin

if TYPE_CHECKING:
    import psycopg

_HOLDS = {
    "linkedin": "data of real ad accounts",
    "loopback": "data of a LinkedIn on loopback, such as the sandbox's or the demo's",
    "sample": "the sample's invented data",
}


class OtherOriginError(ConfigurationError):
    """Data that are not loaded, because the database holds data of another origin."""


def data_origin(connection: psycopg.Connection) -> Origin | None:
    """Whose data the database holds; None where nothing was loaded yet."""
    row = connection.execute("select min(origin) from data_origin").fetchone()
    return row[0] if row else None


def refuse_other_origin(connection: psycopg.Connection, origin: Origin, what: str) -> None:
    """Refuse data of another origin than those that the database holds.

    Args:
        what: what is refused, as a sentence.

    Raises:
        OtherOriginError: the database holds data of another origin.
    """
    held = data_origin(connection)
    if held in (None, origin):
        return
    raise OtherOriginError(
        what,
        why=f"It brings {_HOLDS[origin]}, but the database holds {_HOLDS[str(held)]}, and the two are never mixed.",
        next_step=_NEXT[origin],
    )


def claim_origin(connection: psycopg.Connection, origin: Origin, what: str) -> None:
    """Refuse as `refuse_other_origin` does, or write down whose data the database holds from now on."""
    refuse_other_origin(connection, origin, what)
    connection.execute("insert into data_origin values (%s) on conflict do nothing", [origin])


_NEW = "Name a new database in DATABASE_URL"
_NEXT = {
    "linkedin": f"{_NEW}, or delete the one that holds invented data; then `workbench load --all` fills it from your"
    " snapshots.",
    "loopback": f"{_NEW}, or run `workbench demo`, which has one of its own.",
    "sample": f"Look at it with `--source sample`, which needs no database. Or: {_NEW[0].lower()}{_NEW[1:]}.",
}
