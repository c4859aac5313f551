"""What the tests of the embedded server share: clients in processes of their own, and looks at a home from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

import workbench
from workbench.database import embedded
from workbench.database.embedded import shutdown_watcher
from workbench.database.embedded.file_locks import attempt, open_lock
from workbench.database.embedded.layout import Home

CHECKOUT = Path(workbench.__file__).parent

# What a process that uses the server does: join it, tell what it sees, stay until its input ends.
CLIENT = """
import json, os, sys
from pathlib import Path
from workbench import errors
from workbench.database import embedded
from workbench.database.embedded import shutdown_watcher, server_process
from workbench.database.embedded.layout import Home
import psycopg, encodings.idna

def server_facts(home):
    server = embedded.ensure(home)
    children = {child.args[3]: child.pid for child in server_process._children if len(child.args) > 3}
    address = str(server.socket_dir / f".s.PGSQL.{server.port}")
    with psycopg.connect(**embedded.connection_parameters(server, 'postgres')) as connection:
        rows = connection.execute("select current_user, current_setting('TimeZone'), current_database()").fetchall()
    return {"postmaster": shutdown_watcher.listening_process(address),
            "keeper": children.get(shutdown_watcher.__file__),
            "account": os.stat(Home(home).data).st_uid, "rows": rows}

def tell(home):
    try:
        facts = server_facts(Path(home))
    except errors.WorkbenchError as error:
        facts = error.as_dict()
    print(json.dumps(facts), flush=True)
"""


class Client:
    """A process of its own that uses a server."""

    def __init__(self, home: Path, *, before: str = "", after: str = "sys.stdin.read()", **options: Any) -> None:
        code = f"{CLIENT}\n{before}\ntell(sys.argv[1])\n{after}\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT.parent,
            **options,
        )

    def facts(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the client ended with {self.process.wait()}"
        return json.loads(line)

    def leave(self) -> None:
        self.process.communicate(timeout=120)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=120)


def wait_until(happens: Callable[[], bool], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def postmaster_of(home: Path) -> int | None:
    return shutdown_watcher.listening_process(str(Home(home).socket))


def is_free(home: Path, lock: str) -> bool:
    descriptor = open_lock(Home(home).lock(lock))
    try:
        return attempt(descriptor)
    finally:
        os.close(descriptor)


def has_stopped(home: Path) -> bool:
    """Nothing of the server is left: neither the postmaster nor one of its children."""
    return is_free(home, "alive")


def remember(home: Path, words: str) -> None:
    with psycopg.connect(**embedded.connection_parameters(embedded.ensure(home), "postgres")) as connection:
        connection.execute("create table if not exists memory (words text)")
        connection.execute("insert into memory values (%s)", [words])


def remembered(home: Path) -> list[str]:
    with psycopg.connect(**embedded.connection_parameters(embedded.ensure(home), "postgres")) as connection:
        return [words for (words,) in connection.execute("select words from memory")]
