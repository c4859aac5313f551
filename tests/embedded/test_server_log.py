"""What the embedded server writes into its log: what went wrong, and no value of a row or statement."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from workbench.database import embedded

CANARY = "canary-Müller-4711"


def test_no_value_stands_in_the_servers_log(home: Path) -> None:
    server = embedded.ensure(home)
    parameters = {"host": server.socket_dir, "port": server.port, "user": server.user, "dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute("create temporary table people (name text primary key, age int)")
        connection.execute(f"insert into people values ('{CANARY}', 1)")
        with pytest.raises(psycopg.errors.UniqueViolation, match=CANARY):
            connection.execute("insert into people values (%s, 2)", [CANARY])
        with pytest.raises(psycopg.errors.UndefinedColumn):
            connection.execute(f"select '{CANARY}', nothing from people")
        with (
            pytest.raises(psycopg.errors.InvalidTextRepresentation),
            connection.cursor().copy("copy people from stdin (format csv)") as copy,
        ):
            copy.write(f"x,{CANARY}\n")
    said = (home / "server.log").read_text()
    assert "ready to accept connections" in said
    assert CANARY not in said
