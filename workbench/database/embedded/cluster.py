"""The data folder of the embedded server: made whole or not at all, and readable by one major version only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from workbench.database.embedded.binaries import MAJOR, Installation, safe_for_shell
from workbench.database.embedded.layout import Home, hand_over
from workbench.database.embedded.os_account import ENVIRONMENT, OWN_DATABASE, Account
from workbench.errors import StorageError

SUPERUSER = "workbench"
READER = "workbench_reader"
BI = "workbench_bi"
"""The role of other programs of this machine: it reads too, and must give its password."""

_MAP = "workbench"
_INITDB = (
    # UTF-8 everywhere with PostgreSQL's own rules: no locale of the system is asked, which may have none.
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--data-checksums", "--auth=peer", f"--username={SUPERUSER}", "--no-instructions"),
)


def data_version(home: Home) -> int | None:
    """The major version that wrote the data folder, or None where there is no data yet.

    Raises:
        StorageError: the folder holds something else.
    """
    if not home.data.exists():
        return None
    try:
        return int((home.data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError) as error:
        raise StorageError(
            f"{home.data} is not a PostgreSQL data folder that can be read.",
            why=f"Its file PG_VERSION cannot be read ({type(error).__name__}).",
            next_step=_load_again(home.data),
        ) from error


def refuse_other_major(home: Home) -> None:
    """Refuse data of another major version of PostgreSQL, which this one cannot read.

    Raises:
        StorageError: with the way out.
    """
    found = data_version(home)
    if found not in (None, MAJOR):
        raise StorageError(
            f"The embedded PostgreSQL {MAJOR} cannot open the data in {home.data}.",
            why=f"PostgreSQL {found} wrote it, and each major version has its own format.",
            next_step=_load_again(home.data),
        )


def make_data(home: Home, account: Account, installation: Installation, *, start_lock: int) -> None:
    """Make the data folder if there is none, under another name until it is complete.

    Args:
        home: where.
        account: the account that will own it.
        installation: the PostgreSQL that makes it.
        start_lock: the descriptor that holds `start.lock`; initdb inherits it, so that no second one starts
            when this process is killed and the server goes on.

    Raises:
        StorageError: initdb failed, most often on a full disk.
    """
    if home.data.exists():
        return
    shutil.rmtree(home.unfinished_data, ignore_errors=True)
    hand_over(home.unfinished_data, account)
    with safe_for_shell(installation) as safe:
        finished = subprocess.run(
            [str(safe.program("initdb")), f"--pgdata={home.unfinished_data}", *_INITDB],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(start_lock,),
            check=False,
            **account.switch(),
        )
    if finished.returncode != 0:
        raise StorageError(
            "The embedded PostgreSQL could not make its data folder.",
            why=" ".join(finished.stdout.split())[-500:] or f"initdb ended with {finished.returncode}.",
            next_step=f"Free space, set WORKBENCH_HOME to another folder, or {OWN_DATABASE}.",
        )
    home.unfinished_data.rename(home.data)


def write_access_rules(home: Home, users: list[str]) -> tuple[Path, Path]:
    """Write who may connect, and return the two files: pg_hba.conf and pg_ident.conf.

    The kernel names the account at the other end of the socket (peer authentication). Each of `users` may become the
    superuser, and the role that can only read, which serves notebooks to others. No other account can connect, unless
    as `BI` with its password, once that role was made.
    """
    hba, ident = home.path / "pg_hba.conf", home.path / "pg_ident.conf"
    _write(hba, [f"local all {SUPERUSER},{READER} peer map={_MAP}", f"local all {BI} scram-sha-256"])
    _write(ident, [f"{_MAP} {_quoted(user)} {role}" for user in users for role in (SUPERUSER, READER)])
    return hba, ident


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    path.chmod(0o644)  # root writes it, the server's account reads it


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _load_again(data: Path) -> str:
    return (
        f"Move {data} away and run `workbench load --all`: everything is loaded again from the snapshots. "
        f"Or {OWN_DATABASE}."
    )
