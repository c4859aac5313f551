"""Explain the driver's errors: what the database refuses, why, and what to do."""

from __future__ import annotations

import re
import sys

import psycopg

from workbench import exit_codes
from workbench.errors import StorageError

_REFUSED = re.compile(
    r"(?P<password>(password|sasl|ldap|pam|radius|certificate|\"\w+\") authentication failed)"
    r"|(?P<none>no password supplied|fe_sendauth)|(?P<hba>pg_hba\.conf|no entry for host)"
    r"|(?P<role>role \"[^\"]*\" (does not exist|is not permitted to log in)|no such user)"
    r"|(?P<peer>(peer|ident) authentication failed)|(?P<database>database \"[^\"]*\" does not exist|no such database)"
    r"|(?P<connect>permission denied for database \"(?P<name>[^\"]*)\")",
    re.IGNORECASE,
)
_REFUSALS = {
    "password": "the user or the password is wrong",
    "none": "it needs a password, and there is none",
    "role": "there is no such user, or it may not sign in",
    "hba": "its rules (pg_hba.conf) do not let this user in from here",
    "peer": "the account of this machine is not that user",
    "database": "there is no such database",
    "connect": "this user may not connect to that database",
}
_FULL = re.compile(r"too many connections for|too many clients|connection slots are reserved|connection limit exceeded")
_MISSET = re.compile(
    r"invalid (\w+) value|bad value for|invalid (integer|URI) |definition of service|service file"
    r"|unrecognized configuration parameter|invalid value for parameter|invalid command-line argument"
    r"|permission denied to set parameter|unsupported startup parameter|does not support SSL"
    r"|certificate|private key file|channel binding required|GSSAPI|methods? requirement .* failed",
    re.IGNORECASE,
)
"""What the settings of the connection say and the server, or libpq, does not accept: the same will happen again."""


def storage_error(
    error: BaseException, label: str, setting: str = "DATABASE_URL", role: str | None = None
) -> StorageError:
    """A StorageError for whatever the driver raised.

    Args:
        setting: the settings that say where the database is, and where they stand.
        role: the user that signs in, where it is known.
    """
    cause = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's error there
    code = exit_codes.FAILED
    at_sign_in = isinstance(cause, psycopg.OperationalError) and not getattr(cause, "sqlstate", None)
    if (
        is_of_the_pool(error, "TimeoutError")
        or isinstance(cause, psycopg.errors.TooManyConnections)
        or (at_sign_in and _FULL.search(str(cause)))
    ):
        why = _first_line(cause) if at_sign_in else "It has no connection left."
        step = "Try again in a moment, or have its limit of connections raised."
    elif isinstance(cause, psycopg.OperationalError) and (refused := _REFUSED.search(str(cause))):
        why = f"It refuses this sign-in: {_REFUSALS[_kind(refused)]}."
        step, code = f"Correct {setting}.", exit_codes.CONFIGURE
        if refused["connect"]:
            grant = f'grant connect on database "{refused["name"]}" to {_quoted(role)};'
            step = f"Have an administrator run: {grant} Or correct {setting}."
    elif (at_sign_in or isinstance(cause, psycopg.ProgrammingError)) and _is_misset(cause):
        why, step, code = _first_line(cause), f"Correct {setting}.", exit_codes.CONFIGURE
    elif at_sign_in:
        why = _first_line(cause) or "It cannot be reached."
        step = "Start it or correct DATABASE_URL (leave it empty to use the embedded database), then try again."
    elif isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        why, step = "It only lets us read: a standby, or a read-only role.", "Point DATABASE_URL at the primary."
    elif isinstance(cause, psycopg.errors.DiskFull):
        why, step = "Its disk is full.", "Free some space there, then try again; nothing fetched is lost."
    elif isinstance(cause, psycopg.errors.InsufficientPrivilege):
        why, step = _first_line(cause), "Grant the role what it lacks, or use another role."
    else:
        why, step = _first_line(cause), "Try again; nothing fetched is lost."
    told = StorageError(f"The database {label} cannot be used.", why=why, next_step=step)
    told.exit_code = code
    return told


def is_of_the_pool(error: BaseException, name: str = "SQLAlchemyError") -> bool:
    """Whether it is an error of SQLAlchemy, which is not imported for the answer no."""
    exceptions = sys.modules.get("sqlalchemy.exc")
    return exceptions is not None and isinstance(error, getattr(exceptions, name))


def _kind(refused: re.Match[str]) -> str:
    return next(name for name in _REFUSALS if refused[name])


def _is_misset(error: BaseException) -> bool:
    """Whether the parameters of the connection are at fault; an error of SQL has a code."""
    return not getattr(error, "sqlstate", None) and bool(_MISSET.search(str(error)))


def _quoted(role: str | None) -> str:
    return "its user" if role is None else '"' + role.replace('"', '""') + '"'


def _first_line(error: BaseException) -> str:
    """The driver's first line, without the connection's user (libpq names it in some)."""
    line = str(error).strip().partition("\n")[0]
    return re.sub(r'\buser "[^"]*"', "user", line)
