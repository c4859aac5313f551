"""Secrets of a form that nothing else has, and where they turned up."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

from sync.installation import Installation
from workbench.database.connection import Database

_GZIP = 31
CANARY = "kanarienvogel"
PASSWORD = f"{CANARY}-passwort-4711"
SECRET = f"{CANARY}-client-secret-4711"


def keep_secrets(installation: Installation) -> None:
    """Give an installation a sign-in and a database whose secrets are canaries (the server asks for no password)."""
    installation.database_url = installation.database_url.set(password=PASSWORD)
    installation.sandbox.oauth.client_secret = SECRET
    installation.changes |= {
        "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": SECRET,
        "LOG_LEVEL": "DEBUG",
    }


def leaks(installation: Installation, *texts: str, more: Sequence[str] = ()) -> list[str]:
    """Where a secret was found: in a text, a file or a table. The token file alone may hold any."""
    secrets = [CANARY, installation.token, installation.token[:24], *more]
    found = [f"output: {text[:200]}" for text in texts for secret in secrets if secret in text]
    for path in [path for path in installation.folder.rglob("*") if path.is_file() and path.name != "token.json"]:
        content = _plain(path)
        found += [f"{path}" for secret in secrets if secret.encode() in content]
    with Database(installation.database_url).connect() as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
        for (table,) in tables:
            rows = connection.execute(f"select to_jsonb(t)::text from {table} t").fetchall()  # type: ignore[arg-type]
            found += [f"table {table}" for secret in secrets if any(secret in row for (row,) in rows)]
    return found


def _plain(path: Path) -> bytes:
    """What a file says; of a part that was left unfinished as far as it got."""
    data = path.read_bytes()
    return zlib.decompressobj(_GZIP).decompress(data) if ".gz" in path.suffixes else data
