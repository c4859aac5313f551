"""Servers and roles that do not let a sync write are refused before any request, with the SQL that would let it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import folders
import psycopg
import pytest
from sqlalchemy import URL

from sync.installation import Installation, differences, new_installation
from workbench import Workbench
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.embedded.binaries import choose
from workbench.database.embedded.layout import hand_over
from workbench.errors import ConfigurationError, WorkbenchError

_OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def _refused(installation: Installation) -> WorkbenchError:
    code, outcome = installation.outcome(force=True)
    assert isinstance(outcome, ConfigurationError), outcome
    assert (code, installation.requests()) == (78, [])
    return outcome


def _role(database_url: URL) -> tuple[str, URL]:
    """A new role that may do nothing, and how it reaches the database."""
    role = f"syncer_{uuid4().hex[:8]}"
    with Database(database_url).connect() as connection:
        connection.execute(f'create role "{role}" login')
    return role, database_url.set(username=role)


@pytest.fixture(scope="module")
def server() -> Iterator[URL]:
    folder = folders.open_folder("rights-")
    with _server(None, folder) as url:
        yield url


@pytest.fixture
def open_to_all(server: URL, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose server lets in every role."""
    name = f"ads_{uuid4().hex[:8]}"
    with Database(server).connect() as connection:
        connection.execute(f"create database {name}")
    with new_installation(server.set(database=name), tmp_path) as installation:
        yield installation


@pytest.mark.slow
def test_a_standby_serves_questions_and_refuses_a_sync(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"workbench-standby-{os.getpid()}"
    folder.mkdir(mode=0o755)
    home = folder / "postgres"
    try:
        with new_installation(_url(home), tmp_path) as installation:
            assert installation.sync().exit_code == 0
            embedded.stop(home)
            (home / "data" / "standby.signal").touch()
            _hand_over_like(home / "data" / "PG_VERSION", home / "data" / "standby.signal")
            installation.database_url = _url(home, create=False)
            installation.sandbox.requests.clear()

            error = _refused(installation)

            assert error.why == "The server is a standby."
            assert "primary" in error.next_step
            with Workbench(installation.settings()) as workbench:
                assert workbench.query("accounts", source="database").height > 0
            assert installation.run("status").code == 0
    finally:
        embedded.stop(home)
        shutil.rmtree(folder)


def _hand_over_like(model: Path, file: Path) -> None:
    found = model.stat()
    os.chown(file, found.st_uid, found.st_gid)


def _url(home: Path, *, create: bool = True) -> URL:
    server = embedded.ensure(home)
    if create:
        embedded.create_database(server, "standby")
    facts = embedded.connection_parameters(server, "standby")
    where = {"host": facts["host"]}
    return URL.create("postgresql+psycopg", facts["user"], database="standby", port=facts["port"], query=where)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["database", "role"])
def test_what_makes_transactions_read_only_is_named_with_the_sql_that_ends_it(
    open_to_all: Installation, where: str
) -> None:
    installation = open_to_all
    name = installation.database_url.database if where == "database" else installation.database_url.username
    role, url = _role(installation.database_url)
    with Database(installation.database_url).connect() as connection:
        subject = f'role "{role}"' if where == "role" else f'database "{name}"'
        connection.execute(f"alter {subject} set default_transaction_read_only = on")
    installation.database_url = url

    error = _refused(installation)

    assert error.why == "Its transactions are read-only."
    assert f"alter {subject} reset default_transaction_read_only;" in error.next_step


@pytest.mark.slow
def test_the_sql_that_a_refused_role_is_told_lets_it_sync(open_to_all: Installation) -> None:
    installation = open_to_all
    owner = installation.database_url
    assert installation.sync().exit_code == 0
    role, installation.database_url = _role(owner)
    with Database(owner).connect() as connection:
        connection.execute(f'revoke temporary on database "{owner.database}" from public')
        connection.execute("revoke execute on function pg_try_advisory_lock(integer, integer) from public")
        connection.execute(f'grant usage, create on schema linkedin_ads to "{role}"')
    installation.sandbox.requests.clear()

    error = _refused(installation)

    assert error.why.startswith(
        "It may not create temporary tables; it may not take advisory locks; it may not write account_loads, "
    )
    sql = error.next_step.removeprefix("Have an administrator run: ").partition(" Or use")[0]
    with Database(owner).connect() as connection:
        connection.execute(sql)
    assert installation.sync(force=True).exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("program", _OTHERS, ids=lambda path: path.parts[4])
def test_every_other_postgresql_of_this_machine_is_synced_into(program: Path, tmp_path: Path) -> None:
    folder = folders.open_folder("other-")
    with _server(program.parent, folder) as url, new_installation(url, tmp_path) as installation:
        assert installation.sync().exit_code == 0
        assert installation.sync(force=True).exit_code == 0
        assert differences(installation) == []
        found = installation.run("doctor").out
        assert "problem  database" not in found, found
        assert "problem  connection" not in found, found
        assert installation.run("db", "grant-reader", "--role", "ads_reader").code == 0


@contextmanager
def _server(programs: Path | None, folder: Path) -> Iterator[URL]:
    """A server that asks for no passwords; of the workbench's own programs where none are named."""
    account, ours = choose(folder, owner=None)
    programs = programs or Path(ours.program("postgres")).parent
    data = folder / "data"
    hand_over(data, account)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = {"cwd": "/", **account.switch()}
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(list(map(str, initdb)), check=True, capture_output=True, **run)
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", ""]
    process = subprocess.Popen(
        [str(programs / "postgres"), "-D", str(data), *options], stderr=subprocess.DEVNULL, **run
    )
    url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres")
    try:
        for _ in range(1200):
            try:
                psycopg.connect(url.set(drivername="postgresql").render_as_string(), connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=120)
        shutil.rmtree(folder)
