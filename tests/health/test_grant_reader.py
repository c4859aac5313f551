"""`workbench db grant-reader` on another owner's server: passwords, TCP, and an owner who is no superuser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import folders
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from workbench.cli.app import main
from workbench.database import migrations
from workbench.database.connection import Database
from workbench.database.embedded.binaries import choose
from workbench.database.embedded.layout import hand_over
from workbench.database.reader_role import grant_reader
from workbench.database.write_lock import WriteLock
from workbench.errors import ConfigurationError, StorageError
from workbench.schema.tables import metadata
from workbench.settings.fields import ReaderSettings, read_settings


@dataclass
class Elsewhere:
    """A server that asks for passwords."""

    port: int
    log: Path

    def url(self, user: str, password: str, database: str = "postgres") -> URL:
        return URL.create("postgresql+psycopg", user, password, "127.0.0.1", self.port, database)

    def as_superuser(self, *statements: str, database: str = "postgres") -> None:
        with Database(self.url("postgres", "root-password", database)).connect() as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    folder = folders.open_folder("elsewhere-")
    account, installation = choose(folder, owner=None)
    data, secret, log = folder / "data", folder / "secret", folder / "log"
    hand_over(data, account)
    secret.write_text("root-password")
    secret.chmod(0o644)
    initdb = [installation.program("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
    subprocess.run(list(map(str, initdb)), check=True, capture_output=True, cwd="/", **account.switch())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "log_statement": "all"}
    command = [installation.program("postgres"), "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
    with log.open("wb") as output:
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=output, cwd="/", **account.switch())
    server = Elsewhere(port, log)
    end = time.monotonic() + 120
    while True:
        try:
            server.as_superuser("select 1")
            break
        except StorageError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
    yield server
    process.terminate()
    process.wait(120)
    shutil.rmtree(folder)


@pytest.fixture
def owner_url(elsewhere: Elsewhere) -> Iterator[URL]:
    """A migrated database of an owner who may create roles, as a managed PostgreSQL gives it."""
    name = f"ads_{uuid4().hex[:8]}"
    elsewhere.as_superuser(
        f"create role {name} login createrole password 'owner-password'", f"create database {name} owner {name}"
    )
    url = elsewhere.url(name, "owner-password", name)
    engine = Database(url).engine()
    migrations.upgrade(engine)
    engine.dispose()
    yield url
    elsewhere.as_superuser(f"drop database {name} with (force)")


def reads(url: URL) -> list[str]:
    with Database(url).connect() as connection:
        for name in (*metadata.tables, "alembic_version"):
            connection.execute(f"select count(*) from {name}")
        return [str(connection.execute(f"show {name}").fetchone()[0]) for name in ("default_transaction_read_only",)]


def denied(url: URL, statement: str) -> bool:
    with Database(url).connect() as connection:
        connection.execute("set default_transaction_read_only = off")
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        return False


def role_name() -> str:
    return f"reader_{uuid4().hex[:8]}"


def test_a_new_role_gets_a_password_that_no_log_sees_and_can_read(elsewhere: Elsewhere, owner_url: URL) -> None:
    role = role_name()

    grant = grant_reader(Database(owner_url), role=role)

    assert grant.created
    assert grant.password is not None
    secret = grant.password.get_secret_value()
    assert len(secret) >= 32
    assert secret not in repr(grant) + elsewhere.log.read_text()
    assert reads(owner_url.set(username=role, password=secret)) == ["on"]


def test_a_user_who_may_not_create_roles_gets_the_sql_for_an_administrator(
    elsewhere: Elsewhere, owner_url: URL
) -> None:
    elsewhere.as_superuser(f"alter role {owner_url.username} nocreaterole")
    role = role_name()

    with pytest.raises(ConfigurationError, match="cannot be created") as refused:
        grant_reader(Database(owner_url), role=role)

    assert refused.value.exit_code == 78
    sql = refused.value.next_step.partition("in that database: ")[2].partition(" Then give it")[0]
    elsewhere.as_superuser(sql, f"alter role {role} password 'reader-password'", database=str(owner_url.database))
    reader = owner_url.set(username=role, password="reader-password")
    assert reads(reader) == ["on"]
    assert denied(reader, "delete from campaigns")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password": "wrong-4711"}, "the user or the password is wrong"),
        ({"username": "nobody"}, "the user or the password is wrong"),
        ({"database": "nowhere"}, "there is no such database"),
    ],
)
def test_a_refused_sign_in_is_a_setting_that_must_change_and_says_where_it_stands(
    owner_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], why: str
) -> None:
    env_file = tmp_path / ".env"
    url = owner_url.set(**change).set(drivername="postgresql").render_as_string(hide_password=False)
    env_file.write_text(f"DATABASE_URL={url}\nWORKBENCH_HOME={tmp_path}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    with pytest.raises(StorageError) as refused:
        Database.of(read_settings(ReaderSettings)).connect()

    assert refused.value.exit_code == 78
    assert why in refused.value.why
    assert str(env_file) in refused.value.next_step
    assert "4711" not in str(refused.value)


def test_what_an_owner_cannot_take_from_all_roles_is_said(owner_url: URL) -> None:
    grant = grant_reader(Database(owner_url), role=role_name(), password=SecretStr("reader-password"))

    assert grant.left == (
        "It may take advisory locks, and so hold up a sync; only a superuser can take that from all roles.",
        "It may create large objects, as every role may; only a superuser can take that from all roles.",
        "It may fill the write-ahead log, as every role may; only a superuser can take that from all roles.",
        "It may run anonymous code blocks with its own privileges, as every role may.",
    )
    reader = owner_url.set(username=grant.role, password="reader-password")
    for statement in (
        "create temporary table mine (x int)",
        "create table mine (x int)",
        "delete from campaigns",
        f"set role {owner_url.username}",
        f"grant {owner_url.username} to {grant.role}",
        "copy (select 1) to program 'id'",
    ):
        assert denied(reader, statement), statement


def test_a_superuser_takes_all_of_it_and_the_owner_still_syncs(elsewhere: Elsewhere, owner_url: URL) -> None:
    superuser = elsewhere.url("postgres", "root-password", owner_url.database or "")

    grant = grant_reader(Database(superuser), role=role_name(), password=SecretStr("reader-password"))

    assert grant.left == ()
    reader = owner_url.set(username=grant.role, password="reader-password")
    for statement in ("select pg_advisory_lock(20030505, 1)", "select lo_create(0)", "do 'begin end'"):
        assert denied(reader, statement), statement
    with WriteLock(Database(owner_url), "test"), Database(owner_url).connect() as owner:
        owner.execute("create temporary table mine (x int)")


def test_in_a_shared_database_others_keep_what_every_role_may(elsewhere: Elsewhere, owner_url: URL) -> None:
    elsewhere.as_superuser("drop role if exists neighbour", "create role neighbour login password 'n'")

    grant = grant_reader(Database(owner_url), role=role_name(), shared=True)

    assert "It may create temporary tables, as every role may in this database." in grant.left
    assert not denied(owner_url.set(username="neighbour", password="n"), "create temporary table mine (x int)")


def test_a_refresh_keeps_the_password_unless_a_new_one_is_given(owner_url: URL) -> None:
    database, role = Database(owner_url), role_name()
    grant_reader(database, role=role, password=SecretStr("first-password"))

    again = grant_reader(database, role=role)

    assert (again.created, again.password) == (False, None)
    assert reads(owner_url.set(username=role, password="first-password")) == ["on"]
    grant_reader(database, role=role, password=SecretStr("second-password"))
    assert reads(owner_url.set(username=role, password="second-password")) == ["on"]
    with pytest.raises(StorageError, match="cannot be used"):
        Database(owner_url.set(username=role, password="first-password")).connect()


@pytest.mark.parametrize(
    ("rights", "why"),
    [
        ("superuser", "It may do more than any grant could take away (superuser, createrole, createdb or the like)."),
        ("in role pg_read_server_files", "It is a member of other roles, and could become them."),
    ],
)
def test_a_role_that_could_do_more_is_refused(elsewhere: Elsewhere, owner_url: URL, rights: str, why: str) -> None:
    role = role_name()
    elsewhere.as_superuser(f"create role {role} login {rights}")

    with pytest.raises(ConfigurationError) as refused:
        grant_reader(Database(owner_url), role=role)

    assert refused.value.why == why


def test_the_role_of_the_sync_itself_is_refused(owner_url: URL) -> None:
    with pytest.raises(ConfigurationError, match="cannot become one that only reads"):
        grant_reader(Database(owner_url), role=str(owner_url.username))


@pytest.mark.slow
def test_the_command_shows_a_new_password_once(
    owner_url: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url.render_as_string(hide_password=False))
    role = role_name()

    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["db", "grant-reader", "--role", role])
        assert ended.value.code == 0

    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if line.startswith("Password (shown this once): ")]
    assert reads(owner_url.set(username=role, password=line.rpartition(" ")[2])) == ["on"]


@pytest.mark.slow
def test_the_command_takes_a_password_from_a_file(
    owner_url: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", owner_url.render_as_string(hide_password=False))
    (tmp_path / "secret").write_text("pässword from a file\n", encoding="utf-8")
    role = role_name()

    with pytest.raises(SystemExit):
        main(["db", "grant-reader", "--role", role, "--password-file", str(tmp_path / "secret")])

    assert "pässword" not in capsys.readouterr().out
    assert reads(owner_url.set(username=role, password="pässword from a file")) == ["on"]
