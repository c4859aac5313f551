"""Start PostgreSQL's server process and find out whether it answers."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.database.embedded.binaries import Installation, choose
from workbench.database.embedded.cluster import SUPERUSER, make_data, refuse_other_major, write_access_rules
from workbench.database.embedded.file_locks import POLL_SECONDS, attempt, open_lock
from workbench.database.embedded.layout import PORT, Home, hand_over
from workbench.database.embedded.os_account import ENVIRONMENT, OWN_DATABASE, account_of
from workbench.database.embedded.shutdown_watcher import listening_process
from workbench.errors import StorageError
from workbench.files import private_descriptor

_LOG_BYTES = 1_000_000

_children: list[subprocess.Popen[bytes]] = []  # of the process: they are its children, and are reaped by it


def bring_up(home: Home, start_lock: int, *, seconds: float) -> None:
    """Return when the server answers; start it when nothing of it is alive.

    Args:
        home: where it lives.
        start_lock: the descriptor with which the caller holds `start.lock`.
        seconds: how long the start, or the recovery after a crash, may take.

    Raises:
        StorageError: it does not come up.
        ConfigurationError: no server can run here.
    """
    deadline = time.monotonic() + seconds
    log_start: int | None = None
    while time.monotonic() < deadline:
        alive = open_lock(home.lock("alive"))
        try:
            if attempt(alive):
                if log_start is not None:
                    break  # it was started, and died
                log_start = _start(home, start_lock, alive)
        finally:
            os.close(alive)
        if is_ready(home):
            return
        time.sleep(POLL_SECONDS)
    raise not_ready(home, _log_since(home, log_start))


def is_ready(home: Home) -> bool:
    """Whether the server answers a start-up packet with anything but "I am starting up"."""
    parameters = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
    packet = struct.pack("!ii", 8 + len(parameters), 3 << 16) + parameters
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        try:
            connection.connect(str(home.socket))
            connection.sendall(packet)
            answer = connection.recv(1024)
            if answer[:1] == b"R":
                connection.sendall(b"X\0\0\0\4")  # goodbye; to hang up would leave a line in the log every time
                while connection.recv(1024):
                    pass
        except OSError:
            return False
    return answer[:1] == b"R" or (answer[:1] == b"E" and b"C57P03\0" not in answer)  # 57P03: cannot_connect_now


def launch(
    command: Sequence[str], *, pass_fds: Sequence[int], output: int = subprocess.DEVNULL, **account: Any
) -> None:
    """Start a process that outlives this one, in its own session, so that Ctrl-C in this terminal does not reach it."""
    _children[:] = [child for child in _children if child.poll() is None]
    child = subprocess.Popen(
        command,
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        pass_fds=pass_fds,
        **account,
    )
    _children.append(child)


def disown() -> None:
    """Before this process exits: mark started processes as ended, or `subprocess` would warn that they still run."""
    for child in _children:
        child.returncode = child.poll() or 0


def not_ready(home: Home, why: str) -> StorageError:
    """The error of a server that does not come up."""
    return StorageError(
        f"The embedded PostgreSQL in {home.path} does not answer.",
        why=why,
        next_step=f"Look into {home.log}, or {OWN_DATABASE}.",
    )


def _start(home: Home, start_lock: int, alive: int) -> int:
    """Start a postmaster that inherits `alive`; returns where its part of the log begins."""
    refuse_other_major(home)
    owner = account_of(home.data.stat().st_uid) if home.data.exists() else None
    account, installation = choose(home.path, owner=owner)
    make_data(home, account, installation, start_lock=start_lock)
    hand_over(home.socket_folder, account)
    _remove_leftovers(home)
    users = list(dict.fromkeys((account_of(os.geteuid()).name, "root")))
    rules = write_access_rules(home, users)
    log = _open_log(home)
    try:
        beginning = os.fstat(log).st_size
        launch(_command(home, installation, *rules), output=log, pass_fds=[alive], **account.switch())
    finally:
        os.close(log)
    return beginning


def _command(home: Home, installation: Installation, hba: Path, ident: Path) -> list[str]:
    settings = {
        "hba_file": hba,
        "ident_file": ident,
        "port": PORT,
        "unix_socket_directories": home.socket_folder,
        "unix_socket_permissions": "0700",
        "listen_addresses": "",
        "dynamic_shared_memory_type": "mmap",  # /dev/shm is tiny in many containers
        # What statements do wrong is the client's to say: the log would keep their text, and values of rows.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "timezone": "UTC",
        "max_wal_size": "2GB",
    }
    flags = (f"--{name}={value}" for name, value in settings.items())
    return [str(installation.program("postgres")), "-D", str(home.data), *flags]


def _remove_leftovers(home: Home) -> None:
    """Remove the files of a killed server: its process id may belong to another process now and would block a start.

    Raises:
        StorageError: a server that was started by hand runs on the data; it does not hold `alive.lock`.
    """
    pid_file = home.data / "postmaster.pid"
    lines = pid_file.read_text(errors="replace").splitlines() if pid_file.exists() else []
    # Its lines: pid, data folder, start time, port, socket folder, … (PostgreSQL, "miscadmin.h")
    sockets = [str(home.socket)] + ([f"{lines[4]}/.s.PGSQL.{lines[3]}"] if len(lines) > 4 and lines[4] else [])
    if any(listening_process(address) for address in sockets):
        raise StorageError(
            f"The embedded PostgreSQL in {home.path} cannot be started.",
            why="Another server, which was started by hand, runs on its data.",
            next_step="Stop that server (`pg_ctl stop`), then try again.",
        )
    for leftover in (home.socket, home.socket.with_name(f"{home.socket.name}.lock"), pid_file):
        leftover.unlink(missing_ok=True)


def _open_log(home: Home) -> int:
    if home.log.exists() and home.log.stat().st_size > _LOG_BYTES:
        home.log.replace(home.log.with_suffix(".log.1"))
    return private_descriptor(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _log_since(home: Home, beginning: int | None) -> str:
    if beginning is None or not home.log.exists():
        return "It is alive, but nothing answers on its socket."
    with home.log.open("rb") as log:
        log.seek(beginning)
        return " ".join(log.read().decode(errors="replace").split())[-500:] or "It ended without a word."
