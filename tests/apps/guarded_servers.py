"""What the tests talk to: uvicorn on a thread with a small app, or a process that serves notebooks."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from workbench.sandbox.prompt_server import PromptServer
from workbench.web.connections import Connections
from workbench.web.security import Addresses, Guard, Login
from workbench.web.server import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
FIGURE = "4711.42"
INSIDE = "postgresql://app:hunter2@db.internal/ads"


def until(condition: Callable[[], Any], *, seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return value


async def _page(request: Request) -> Response:
    return HTMLResponse(f"<script>let known = 1</script><p>{FIGURE}</p>", headers={"access-control-allow-origin": "*"})


async def _body(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


async def _fails(request: Request) -> Response:
    raise RuntimeError(INSIDE)


async def _answers_500(request: Request) -> Response:
    return JSONResponse({"detail": INSIDE}, 500)


async def _fails_half_way(request: Request) -> Response:
    async def halves() -> Any:
        yield b"<p>the first half</p>"
        raise RuntimeError(INSIDE)

    return StreamingResponse(halves(), media_type="text/html")


async def _asset(request: Request) -> Response:
    return PlainTextResponse("let a = 1", headers={"etag": '"1"'}, media_type="text/javascript")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        if text == "fail":
            raise RuntimeError(INSIDE)
        await socket.send_text(text)


SMALL_APP = Starlette(
    routes=[
        Route("/", _page),
        Route("/body", _body, methods=["POST"]),
        Route("/fails", _fails),
        Route("/answers-500", _answers_500),
        Route("/fails-half-way", _fails_half_way),
        Route("/assets/app-1a2b.js", _asset),
        Route("/health", _asset),
        WebSocketRoute("/ws", _echo),
        Route("/{anything:path}", _page),  # whatever the guard lets through finds something
    ]
)


class Running:
    """An ASGI app on a free port, served by a thread."""

    def __init__(self, app: ASGIApp, port: int, connections: Connections | None = None) -> None:
        options = (connections or Connections()).protocols()
        config = uvicorn.Config(app, port=port, log_level="critical", server_header=False, **options)
        self.port, self._server = port, PromptServer(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def server_state(self) -> Any:
        return self._server.server_state

    def __enter__(self) -> Running:
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.end()
        self._thread.join(10)
        assert not self._thread.is_alive()


class GuardedApp(Running):
    """The small app behind the guard; `client` is a browser that has never been here."""

    def __init__(
        self,
        login: Callable[[Addresses], Login],
        *,
        more_origins: tuple[str, ...] = (),
        connections: Connections | None = None,
        recheck: float = 15,
    ) -> None:
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self._clients: list[httpx.Client] = []
        self.addresses = Addresses.loopback(port, *more_origins)
        self.login: Any = login(self.addresses)
        super().__init__(
            Guard(
                SMALL_APP,
                addresses=self.addresses,
                login=self.login,
                public=lambda path: path == "/health",
                probes=("/health",),
                immutable=lambda path: path.startswith("/assets/"),
                max_body=1000,
                recheck=recheck,
            ),
            port,
            connections,
        )

    def client(self, **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=self.origin, headers={"accept": "text/html", **headers})
        self._clients.append(client)
        return client

    def ask(self, path: str, *headers: str) -> str:
        """The answer to a GET of exactly this path, which no client has tidied up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as wire:
            head = [f"GET {path} HTTP/1.1", *headers, "Accept: text/html", "Connection: close", "", ""]
            wire.sendall("\r\n".join(head).encode())
            return b"".join(iter(lambda: wire.recv(65536), b"")).decode()

    def __exit__(self, *failure: object) -> None:
        for client in self._clients:
            client.close()
        super().__exit__(*failure)

    def signed_in(self, **headers: str) -> httpx.Client:
        client = self.client(**headers)
        assert client.get(self.login.address(self.origin)).status_code == 303
        return client


NOTEBOOK = """import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="{title}")

with app.setup:
    import altair as alt
    import marimo as mo
    import polars as pl


@app.cell
def title():
    mo.md("# {title}")
    return


@app.cell
def arguments():
    # SECRET-IN-THE-CODE
    mo.md(f"arguments={{mo.cli_args().to_dict()!r}}")
    return


@app.cell
def choice():
    weeks = mo.ui.slider(1, 9, value=3, label="Weeks")
    weeks
    return (weeks,)


@app.cell
def figure(weeks):
    mo.md(f"Spend {{weeks.value * 1234}}")
    return


@app.cell
def drawing(weeks):
    _days = pl.DataFrame({{"day": list(range(weeks.value)), "clicks": list(range(weeks.value))}})
    bars = mo.ui.altair_chart(alt.Chart(_days).mark_bar().encode(x="day:O", y="clicks:Q", tooltip="clicks"))
    bars
    return (bars,)


@app.cell
def rows():
    table = mo.ui.table(pl.DataFrame({{"campaign": [f"Campaign {{n}}" for n in range(30)]}}), page_size=5)
    table
    return (table,)


@app.cell
def outside():
    {outside}
    return


if __name__ == "__main__":
    app.run()
"""
HOSTILE = 'mo.Html("<img src=x onerror=\\"document.title=1\\"><script>document.title=1</script><b>hostile</b>")'
BROKEN = f'raise ValueError("{INSIDE}")'


def write_notebooks(folder: Path) -> Path:
    """`overview` is well, `status` has a cell that fails, `campaigns` carries foreign markup."""
    for name, outside in (("overview", "pass"), ("status", BROKEN), ("campaigns", HOSTILE)):
        (folder / f"{name}.py").write_text(NOTEBOOK.format(title=name.title(), outside=outside))
    return folder


class PagesServer:
    """`serve(create_app(…))` in a process of its own, as a person would have it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder, self.options = folder, options
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.base_url = options.get("base_url", "")

    def __enter__(self) -> PagesServer:
        options = {"folder": str(self.folder), "port": self.port, **self.options}
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "MARIMO_SKIP_UPDATE_CHECK": "1"},
        )
        assert self.process.stdout is not None
        self.addresses = [self.process.stdout.readline().removeprefix("Open ").strip() for _ in range(9)]
        assert all(self.addresses), "the server did not start"
        return self

    def address(self) -> str:
        """An unused address with its token."""
        return self.addresses.pop()

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A signed-in browser without a screen."""
        headers = {"accept": "text/html", "origin": self.origin}
        with httpx.Client(base_url=self.origin, timeout=120, headers=headers) as client:
            assert client.get(self.address()).status_code == 303
            yield client

    def complaints(self) -> bytes:
        """What it has written to stderr."""
        self._log.seek(0)
        return self._log.read()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def __exit__(self, *failure: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(120)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


def _serve(options: dict[str, Any]) -> None:
    from workbench.web.app import create_app
    from workbench.web.page_sessions import PageLimits
    from workbench.web.security import TokenLogin
    from workbench.web.security.sessions import HOUR, Sessions
    from workbench.web.server import open_address, serve

    def ready() -> dict[str, Any]:
        if Path(options["folder"], "out-of-order").exists():
            raise RuntimeError(INSIDE)
        return {"source": "snapshots", "age_hours": 3}

    if "files" in options:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options["files"], options["files"]))
    base_url = options.get("base_url", "")
    addresses = Addresses.loopback(options["port"])
    if "life" in options:
        Guard.__init__.__kwdefaults__["recheck"] = 0.2
    login = TokenLogin(addresses, base_url=base_url, sessions=Sessions(life=options.get("life", HOUR)))
    app = create_app(
        addresses=addresses,
        login=login,
        source="snapshots",
        notebooks=["overview", "campaigns", "status"],
        folder=Path(options["folder"]),
        base_url=base_url,
        ready=ready,
        limits=PageLimits(each=options["each"], total=options["total"]) if "each" in options else None,
    )

    def announce() -> None:
        for _ in range(9):
            open_address(login.address(f"http://127.0.0.1:{options['port']}"), browser=False)
        sys.stdout.flush()

    serve(app, port=options["port"], started=announce)
    sys.exit(5)  # reached only if a signal ends `serve`, not the process


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
