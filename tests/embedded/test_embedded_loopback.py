"""Other programs reach the embedded database on loopback, as one role with a password that can only read."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import psycopg
import pytest

from workbench.cli.db_connection import configured, described
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.embedded import loopback
from workbench.database.embedded.loopback import startup
from workbench.database.reader_role import grant_reader
from workbench.settings.fields import ReaderSettings

VERSION_3 = struct.pack("!i", 3 << 16)
ROLE = embedded.BI


def packet(*words: str) -> bytes:
    return VERSION_3 + b"".join(word.encode() + b"\0" for word in words) + b"\0"


def passed_on(*words: str) -> list[str]:
    made = startup(packet(*words), role=ROLE, database="ads")
    assert struct.unpack("!i", made[:4]) == (len(made),)
    assert made[4:8] == VERSION_3
    return made[8:].decode().split("\0")[:-2]


# --- what is passed on ---------------------------------------------------------------------------------------------


def test_the_role_is_the_one_that_needs_a_password() -> None:
    assert passed_on("user", ROLE) == ["user", ROLE, "database", "ads"]
    assert passed_on("user", ROLE, "database", "other", "client_encoding", "UTF8") == [
        *("user", ROLE, "database", "other", "client_encoding", "UTF8"),
    ]
    assert "replication" not in passed_on("user", ROLE, "replication", "database")


@pytest.mark.parametrize(
    "words",
    [
        ("user", "workbench"),
        ("user", "workbench_reader"),
        ("user", ROLE, "user", "workbench"),
        ("database", "ads"),
        ("user",),
        (),
    ],
    ids=str,
)
def test_another_role_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(loopback._RefusedError):
        startup(packet(*words), role=ROLE, database="ads")


@pytest.mark.parametrize("raw", [struct.pack("!i", 2 << 16) + b"user\0x\0\0", VERSION_3 + b"user\0workbench_bi"])
def test_what_is_no_start_up_packet_is_refused(raw: bytes) -> None:
    with pytest.raises(loopback._RefusedError):
        startup(raw, role=ROLE, database="ads")


def test_a_request_to_cancel_goes_as_it_is() -> None:
    raw = struct.pack("!iii", 80_877_102, 12, 34)
    assert startup(raw, role=ROLE, database="ads") == struct.pack("!i", 16) + raw


# --- through the listener ------------------------------------------------------------------------------------------


@dataclass
class Reachable:
    port: int
    password: str
    database: str

    def connect(self, **changes: object) -> psycopg.Connection:
        facts = {"host": "127.0.0.1", "port": self.port, "user": ROLE, "password": self.password}
        return psycopg.connect(**{**facts, "dbname": self.database, "connect_timeout": 10, **changes}, autocommit=True)


@pytest.fixture
def reachable(server: embedded.EmbeddedServer, database: Database) -> Iterator[Reachable]:
    name = database.label.rpartition("/")[2]
    with listening(server, name) as port:
        password = grant_reader(database, role=ROLE).password
        assert password is not None
        yield Reachable(port, password.get_secret_value(), name)
    with database.connect() as connection:
        connection.execute(f"drop owned by {ROLE}")
        connection.execute(f"drop role {ROLE}")


@contextmanager
def listening(server: embedded.EmbeddedServer, name: str) -> Iterator[int]:
    """The port of a listener in a thread of its own."""
    ports: Queue[int] = Queue()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def listen() -> None:
        async with await loopback.listen(server, port=0, role=ROLE, database=name) as listener:
            ports.put(listener.sockets[0].getsockname()[1])
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # ends what clients left open
            runner.run(listen())

    thread = threading.Thread(target=run)
    thread.start()
    yield ports.get(timeout=120)
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


def test_the_role_reads_and_cannot_write(reachable: Reachable) -> None:
    with reachable.connect() as connection:
        assert connection.execute("select current_user, count(*) from days group by 1").fetchall() == []
        assert connection.execute("select current_user").fetchone() == (ROLE,)
        assert connection.execute("select count(*) from linkedin_ads.campaigns").fetchone() == (0,)
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into linkedin_ads.sync_log (sync_id) values ('x')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set role workbench")
        assert len(connection.execute("select repeat('x', 1000000)").fetchone()[0]) == 1_000_000


@pytest.mark.parametrize(
    "changes",
    [{"password": "wrong"}, {"password": ""}, {"user": "workbench"}, {"user": embedded.READER}, {"user": "postgres"}],
    ids=str,
)
def test_without_the_password_or_as_another_role_nothing_is_let_in(
    reachable: Reachable, changes: dict[str, str]
) -> None:
    with pytest.raises(psycopg.OperationalError):
        reachable.connect(**changes)


def test_who_gives_no_password_takes_no_place_of_those_who_do(
    reachable: Reachable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them has a process of the server; the one that came first makes room."""
    monkeypatch.setattr(loopback, "_UNPROVEN", 3)
    first = packet("user", ROLE)
    with ExitStack() as opened, reachable.connect() as let_in:
        silent = [
            opened.enter_context(socket.create_connection(("127.0.0.1", reachable.port), timeout=60)) for _ in range(8)
        ]
        for one in silent:
            with suppress(OSError):
                one.sendall(struct.pack("!i", len(first) + 4) + first)
        ended = [_until_its_end(one) for one in silent[:5]]
        with reachable.connect() as connection:
            assert connection.execute("select current_user").fetchone() == (ROLE,)
        assert let_in.execute("select 1").fetchone() == (1,)

    assert len(ended) == 5


def test_who_gives_no_password_is_not_waited_for(reachable: Reachable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_SECONDS", 0.5)
    first = packet("user", ROLE)
    with socket.create_connection(("127.0.0.1", reachable.port), timeout=60) as silent:
        silent.sendall(struct.pack("!i", len(first) + 4) + first)
        _until_its_end(silent)


def _until_its_end(connection: socket.socket) -> None:
    """Read until the other side hangs up; a socket that does not has a limit of a minute."""
    with suppress(ConnectionError):
        while connection.recv(1024):
            pass


def test_a_client_that_prefers_encryption_is_let_in_without(reachable: Reachable) -> None:
    with reachable.connect(sslmode="prefer") as connection:
        assert connection.execute("select 1").fetchone() == (1,)


# --- the command ---------------------------------------------------------------------------------------------------


def test_a_configured_database_is_described_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://anna:hunter2@db.example.com:6432/marketing?sslmode=require"
    settings = ReaderSettings.model_validate({"DATABASE_URL": url, "DATABASE_SCHEMA": "client_a"})

    text = "\n".join(described(configured(settings)))

    assert "hunter2" not in text
    assert re.search(r"^host +db\.example\.com$", text, re.MULTILINE)
    assert re.search(r"^schemas +client_a_reporting, client_a$", text, re.MULTILINE)
    assert "psql 'host=db.example.com port=6432 dbname=marketing user=anna sslmode=require'" in text


@pytest.mark.slow
def test_the_command_keeps_the_embedded_database_reachable_until_it_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="workbench-bi-", dir="/tmp"))
    home.chmod(0o755)  # root's account for the server must be able to enter
    environment = {**os.environ, "WORKBENCH_HOME": str(home)}
    command = [sys.executable, "-m", "workbench", "db", "connection", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Reachable"):
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        password = re.search(r"^password +(\S+)", "".join(lines), re.MULTILINE)[1]
        found = Reachable(port, password, "linkedin_ads")
        with found.connect() as connection:
            assert connection.execute("select current_user").fetchone() == (ROLE,)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)
    assert process.returncode in (0, 130)
    with pytest.raises(psycopg.OperationalError):
        found.connect()
    assert embedded.default_home(home) == home / "postgres"
    embedded.stop(home / "postgres")
    shutil.rmtree(home)
