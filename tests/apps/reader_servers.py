"""`workbench serve` as a person starts it: a real installation with secrets in it, and a process that is watched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import folders
import httpx
import websockets
from browsers import beside
from guarded_servers import CHECKOUT
from sqlalchemy import URL
from sync.installation import TODAY, Installation

from workbench.database import embedded
from workbench.sandbox import Sandbox
from workbench.web.server import free_port

SECRETS = {
    "LINKEDIN_CLIENT_ID": "canary-client-id",
    "LINKEDIN_CLIENT_SECRET": "canary-client-secret",
    "LINKEDIN_ACCESS_TOKEN": "canary-environment-token",
}
TOKEN = {"access_token": "canary-access-token", "refresh_token": "canary-refresh-token", "scope": "r_ads"}
CANARY = "canary-"
PASSWORD = "correct horse & battery=stäple"

# Loaded by Python before anything else: writes down which files are opened, which modules are loaded, and what is put
# into the environment.
_WATCH = """
import os, sys

_record = os.open(os.environ.pop("WATCHED_IN"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

def _watch(event, arguments):
    if event in ("open", "import", "os.putenv") and isinstance(arguments[0], (str, bytes)):
        os.write(_record, f"{event} {os.fsdecode(arguments[0])}\\n".encode(errors="replace"))

sys.addaudithook(_watch)
"""


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder that root's unprivileged account may enter; pytest's own are closed."""
    folder = folders.open_folder(f"workbench-{name}-")
    yield folder
    shutil.rmtree(folder)


@contextmanager
def synced_installation(
    name: str, *, size: str = "small", prepare: Callable[[Sandbox], None] = lambda sandbox: None
) -> Iterator[Installation]:
    """A sandbox, synced once into the embedded database of a home of its own; secrets lie where they do."""
    with open_folder(name) as folder, Sandbox(size=size, today=TODAY) as sandbox:
        prepare(sandbox)
        installation = Installation(sandbox, URL.create("postgresql"), folder, changes={"DATABASE_URL": None})
        assert beside(installation.sync).exit_code == 0
        plant_secrets(folder)
        yield installation
        embedded.stop(embedded.default_home(folder / "home"))


def plant_secrets(folder: Path, **settings: str) -> None:
    """An `.env` and a token file as they lie on the machine of a user who syncs."""
    settings_of_file = {"WORKBENCH_HOME": "home", "SNAPSHOT_DIR": "snapshots", **SECRETS, **settings}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings_of_file.items()))
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "token.json").write_text(json.dumps(TOKEN))
    (folder / "home" / "token.json").chmod(0o600)


@contextmanager
def with_snapshots_alone(**settings: str) -> Iterator[Path]:
    """Snapshots copied from the machine that syncs, and whatever else was copied along; no database."""
    sample = CHECKOUT / "snapshots" / "sample"
    with open_folder("snapshots-only") as folder:
        plant_secrets(folder, **settings)
        shutil.copytree(sample, folder / "snapshots")
        yield folder


def checkout_with_secrets(folder: Path) -> Path:
    """The checkout of a user who syncs from it: with an `.env` of its own, which marimo would load into a server."""
    checkout = folder / "checkout"
    for name in ("notebooks", "workbench", "sql"):
        shutil.copytree(CHECKOUT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", checkout)
    settings_of_file = {
        **SECRETS,
        "DATABASE_URL": f"postgresql://{CANARY}user@127.0.0.1:1/ads",
        "SNAPSHOT_DIR": "nowhere",
    }
    (checkout / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings_of_file.items()))
    return checkout


def home_with_secrets(folder: Path) -> Path:
    """The home of a user who uses marimo for other things, with what these need in marimo's settings."""
    settings = folder / "person" / ".config" / "marimo" / "marimo.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'[ai]\nrules = "{CANARY}rules"\n'
        f'[ai.open_ai]\nbase_url = "https://{CANARY}user@ai.example"\n'
        f'[mcp.mcpServers.tool]\ncommand = "tool"\nargs = ["--token", "{CANARY}argument"]\n'
        f'[runtime]\npythonpath = ["/{CANARY}place"]\ndotenv = ["{folder}/.env"]\n'
    )
    return folder / "person"


def password_file(folder: Path) -> Path:
    file = folder / "readers.password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    file.chmod(0o600)
    return file


@dataclass
class ReaderServer:
    """A running `workbench serve`."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    said: Path
    watched: Path
    address: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """What the address of every page begins with; the owner's holds a path that cannot be guessed."""
        return self.address.partition("?")[0].rstrip("/")

    def client(self) -> httpx.Client:
        """A browser without a screen that has never been here."""
        return httpx.Client(base_url=self.origin, timeout=120, headers={"accept": "text/html", "origin": self.origin})

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """One that knows the password."""
        with self.client() as client:
            answer = client.post("/login", data={"password": PASSWORD, "next": "/"})
            assert answer.status_code == 303
            yield client

    def logs(self) -> str:
        """Everything it said and wrote down."""
        files = [self.said, *(self.folder / "home" / "logs").glob("*")]
        return "\n".join(file.read_text(errors="replace") for file in files if file.is_file())

    def opened(self) -> set[str]:
        return self._events("open")

    def imported(self) -> set[str]:
        return self._events("import")

    def exported(self) -> set[str]:
        """Names that this process has put into its environment, for itself and whatever it starts."""
        return self._events("os.putenv")

    def loaded(self) -> set[str]:
        """Modules of ours that this process has loaded."""
        return {name for name in self.imported() if name.startswith("workbench.")}

    def _events(self, kind: str) -> set[str]:
        lines = self.watched.read_text(errors="replace").splitlines()
        return {line.removeprefix(f"{kind} ") for line in lines if line.startswith(f"{kind} ")}


@contextmanager
def serving(
    folder: Path,
    *arguments: str,
    command: str = "serve",
    program: Sequence[str] = ("-m", "workbench"),
    exported: Mapping[str, str] | None = None,
    checkout: Path = CHECKOUT,
) -> Iterator[ReaderServer]:
    """`workbench serve …` in `folder`, whose `.env` it finds by itself; stopped as systemd would."""
    port = free_port()
    watch = Path(tempfile.mkdtemp(prefix="watch-", dir=folder))
    (watch / "sitecustomize.py").write_text(_WATCH)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        "PYTHONPATH": f"{watch}{os.pathsep}{checkout}",
        "PYTHONUNBUFFERED": "1",
        "WATCHED_IN": str(watch / "events"),
        "MARIMO_SKIP_UPDATE_CHECK": "1",
    }
    with (watch / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, *program, command, "--port", str(port), *arguments],
            env={**kept, **environment, **(exported or {})},
            cwd=folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=said,
        )
    server = ReaderServer(folder, port, process, watch / "said", watch / "events")
    assert process.stdout is not None
    try:
        server.address = process.stdout.readline().removeprefix("Open ").strip()
        assert server.address, server.logs()
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(120)
        finally:
            process.kill()
            process.stdout.close()


async def page_messages(server: ReaderServer, client: httpx.Client, page: str, *, query: str = "") -> list[str]:
    """All that the server tells a page until its cells have run."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = f"ws://127.0.0.1:{server.port}/{page}/ws?session_id=s_{os.urandom(3).hex()}{query}"
    messages: list[str] = []
    async with websockets.connect(
        url,
        origin=websockets.Origin(server.origin),
        additional_headers={"cookie": cookie},
        proxy=None,
        max_size=None,
    ) as socket_:
        while not messages or "completed-run" not in messages[-1]:
            messages.append(str(await socket_.recv()))
    return messages


class Wire:
    """A TCP address that leads to a PostgreSQL, until it is cut; it counts who came and keeps what they asked."""

    def __init__(self, target: str | None = None) -> None:
        """Args:
        target: the server's socket; without one, every connection is closed.
        """
        self.target, self.port, self.came = target, free_port(), 0
        self.asked = b""
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Wire:
        self.restore()
        return self

    def __exit__(self, *failure: object) -> None:
        self.cut()

    def restore(self) -> None:
        """Answer, on the same address as before."""
        listener = self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """End every connection and take no new one."""
        listener, self._listener = self._listener, None
        for end in [*([listener] if listener else []), *self._open]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                self.came += 1
                if self.target is None:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self._open += [near, far]
                for source, sink, heard in ((near, far, self._hear), (far, near, _ignore)):
                    threading.Thread(target=_pump, args=(source, sink, heard), daemon=True).start()

    def _hear(self, data: bytes) -> None:
        with self._lock:
            self.asked += data


def _ignore(data: bytes) -> None:
    return None


def _pump(source: socket.socket, sink: socket.socket, heard: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            heard(data)
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
