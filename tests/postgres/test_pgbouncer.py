"""The write lock through PgBouncer: held when it pools by session, refused when it pools by transaction."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.pooler import backend_pid
from workbench.database.write_lock import WriteLock
from workbench.errors import ConfigurationError, StorageError

_PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.pgbouncer

Pooled = Callable[..., Database]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def server_for_all(server: embedded.EmbeddedServer) -> Iterator[embedded.EmbeddedServer]:
    """The tests' server, letting in the account that PgBouncer runs as: it refuses to be root, who alone has entry."""
    if os.geteuid():
        yield server
        return
    with psycopg.connect(**embedded.connection_parameters(server, "postgres"), autocommit=True) as connection:
        (name,) = connection.execute("show hba_file").fetchone() or ("",)
        rules = Path(name).read_text("utf-8")
        Path(name).write_text(f"local all all trust\n{rules}", "utf-8")
        connection.execute("select pg_reload_conf()")
        yield server
        Path(name).write_text(rules, "utf-8")
        connection.execute("select pg_reload_conf()")


@pytest.fixture
def pooled(server_for_all: embedded.EmbeddedServer, database_url: URL) -> Iterator[Pooled]:
    """The test's database behind a PgBouncer of one's own, in a folder that its account can enter."""
    assert _PROGRAM, "PgBouncer is missing: install it, or leave these tests out with -m 'not pgbouncer'"
    running: list[subprocess.Popen[bytes]] = []
    server = server_for_all
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir="/tmp"))
    folder.chmod(0o777)

    def start(mode: str, size: int, *more: str) -> Database:
        port = free_port()
        lines = [
            "[databases]", f"* = host={server.socket_dir} port={server.port} user={server.user}",
            "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}", "unix_socket_dir =", "auth_type = any",
            f"pool_mode = {mode}", f"default_pool_size = {size}", "query_wait_timeout = 20",
            f"logfile = {folder}/pgbouncer.log", *more,
        ]  # fmt: skip
        (folder / "pgbouncer.ini").write_text("\n".join([*lines, ""]))
        account = {"user": "nobody"} if os.geteuid() == 0 else {}
        running.append(
            subprocess.Popen(
                [str(_PROGRAM), "-q", str(folder / "pgbouncer.ini")],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ,
                **account,  # type: ignore[call-overload]
            )
        )
        _await(port)
        return Database(f"postgresql://{server.user}@127.0.0.1:{port}/{database_url.database}")

    yield start
    for process in running:
        process.terminate()
        process.wait(120)
    shutil.rmtree(folder)


def _await(port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("PgBouncer does not answer")


def test_pooling_by_session_keeps_the_lock(pooled: Pooled) -> None:
    database = pooled("session", 5)
    with WriteLock(database, "sync") as lock, database.connect() as other:
        assert other.info.backend_pid != backend_pid(other)
        with other.transaction():
            lock.check(other)
        lock.retake()
        with pytest.raises(StorageError, match="Another sync") as refused, WriteLock(database, "load"):
            pass
    assert refused.value.exit_code == 75
    with WriteLock(database, "load"):
        pass


@pytest.mark.parametrize("mode", ["transaction"])
@pytest.mark.parametrize("order", ["server_round_robin = 0", "server_round_robin = 1"])
@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize("idle", [0, 3])
def test_pooling_by_transaction_is_refused_at_once(pooled: Pooled, mode: str, order: str, size: int, idle: int) -> None:
    database = pooled(mode, size, order)
    busy: list[psycopg.Connection] = [database.connect() for _ in range(min(idle, size - 1))]
    for connection in busy:
        connection.execute("begin; select 1")
    for connection in busy:
        connection.execute("commit")
        connection.close()

    with pytest.raises(ConfigurationError, match="through this pooler") as refused, WriteLock(database, "sync"):
        pass

    assert refused.value.exit_code == 78
    assert "pool_mode = session" in refused.value.next_step
