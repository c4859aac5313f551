"""Check `DATABASE_URL` as libpq reads it; the errors show nothing of it."""

from __future__ import annotations

import re

from workbench.errors import ConfigurationError

_SCHEME = re.compile(r"^postgres(ql)?(\+[a-z0-9_]+)?://")
_UNESCAPED = re.compile(r"[/?#\[\]@ ]|%(?![0-9A-Fa-f]{2})")
_UNKNOWN = re.compile(r'invalid URI query parameter: "([a-z_]{1,40})"')
_NOT_POSTGRESQL = "It is not the URL of a PostgreSQL database."
_SHAPE = "Write it as postgresql://HOST:5432/DATABASE, with USER:PASSWORD@ before the host."


def libpq_uri(text: str) -> str:
    """The URL for libpq; SQLAlchemy's way of naming a driver (`postgresql+psycopg://`) is understood, blanks too.

    Raises:
        ConfigurationError: it is not the URL of a PostgreSQL database, or its password is not percent-encoded.
    """
    text = text.strip()
    if not _SCHEME.match(text):
        raise _refusal(_NOT_POSTGRESQL, _SHAPE)
    uri = _SCHEME.sub("postgresql://", text).replace(" ", "%20")
    said, parts = _read(uri)
    if said is None and not _is_torn(uri, parts):
        return uri
    if _password_unescaped(text):
        raise _refusal(
            "Its password, or its user, holds a character that has another meaning in a URL.",
            "Write such characters as their codes: / is %2F, @ is %40, ? is %3F, # is %23, [ is %5B, ] is %5D, "
            "% is %25. Or leave DATABASE_URL empty and set POSTGRES_HOST, POSTGRES_USER and POSTGRES_PASSWORD, "
            "which take them as they are.",
        )
    unknown = _UNKNOWN.search(said or "")
    if unknown:
        raise _refusal(
            f"It has a parameter {unknown[1]}, which PostgreSQL's library does not know.",
            "Take it out; application_name, connect_timeout, options, service, sslmode, sslrootcert and "
            "target_session_attrs are some that it knows.",
        )
    raise _refusal(_NOT_POSTGRESQL, _SHAPE)


def _read(uri: str) -> tuple[str | None, dict[str, str]]:
    """The complaint of libpq, or None; and the parts that it finds."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict  # late: not every process that reads settings asks a database

    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(uri).items()}
    except ProgrammingError as error:
        return str(error), {}
    ports = [port for port in parts.get("port", "").split(",") if port]
    return (None if all(port.isdecimal() for port in ports) else "a port"), parts


def _is_torn(uri: str, parts: dict[str, str]) -> bool:
    """Whether libpq took part of a password for a host or a database: an `@` ended the user too early, or too late."""
    if any(host.find("@") > 0 for host in parts.get("host", "").split(",")):
        return True
    unescaped = (uri.rpartition("?")[0] or uri).count("@")
    return unescaped > 1 or (unescaped == 1 and not parts.keys() & {"user", "password"})


def _password_unescaped(text: str) -> bool:
    user_info, at, _ = _SCHEME.sub("", text).rpartition("@")
    return bool(at and _UNESCAPED.search(user_info))


def _refusal(why: str, next_step: str) -> ConfigurationError:
    return ConfigurationError("DATABASE_URL cannot be used.", why=why, next_step=next_step)
