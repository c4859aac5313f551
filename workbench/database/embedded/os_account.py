"""Choose the operating-system account that PostgreSQL runs as: the user's own, or an unprivileged one for root.

PostgreSQL refuses to run as root. No account is ever created or changed.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ConfigurationError

OWN_DATABASE = "set DATABASE_URL to a PostgreSQL server of your own"
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}

_UNPRIVILEGED = ("nobody", "daemon", "bin")


@dataclass(frozen=True)
class Account:
    """An entry of the system's account database."""

    name: str
    uid: int
    gid: int

    def switch(self) -> dict[str, Any]:
        """Arguments for `subprocess` that run a program as this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def is_root() -> bool:
    """Whether this process may become any account, and PostgreSQL therefore refuses to run as it."""
    return os.geteuid() == 0


def account_of(uid: int) -> Account:
    """The account with this id.

    Raises:
        ConfigurationError: the system has no name for it, as in a container with an arbitrary user id.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise ConfigurationError(
            "The embedded PostgreSQL cannot be started.",
            why=f"User id {uid} has no entry in the system's account database, and PostgreSQL asks for its name.",
            next_step=f"Add an entry to /etc/passwd, or {OWN_DATABASE}.",
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def candidates() -> Iterator[Account]:
    """Accounts that may run the server, best first."""
    if not is_root():
        yield account_of(os.geteuid())
        return
    entries = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in dict.fromkeys((*_UNPRIVILEGED, *entries)):
        if name in entries:
            yield Account(name, entries[name].pw_uid, entries[name].pw_gid)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account reaches the folder through everything above it."""
    # `cwd=` would prove nothing: the folder is entered before the account is changed.
    return _succeeds(account, 'cd -- "$1"', folder)


def can_run(account: Account, program: Path, *, inside: Path) -> bool:
    """Whether the account can run `program -V` from inside a folder."""
    return _succeeds(account, 'cd -- "$1" && exec "$2" -V', inside, program)


def _succeeds(account: Account, script: str, *arguments: Path) -> bool:
    command = ["/bin/sh", "-c", script, "sh", *map(str, arguments)]
    try:
        finished = subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, timeout=30, check=False, cwd="/", **account.switch()
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return finished.returncode == 0
