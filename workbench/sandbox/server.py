"""Run the sandbox LinkedIn on loopback: inside a test or the demo, or as a program of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable
from datetime import date
from types import TracebackType

import uvicorn

from workbench.errors import ConfigurationError, StorageError
from workbench.sandbox.app import create_app
from workbench.sandbox.clock import Clock
from workbench.sandbox.control.faults import Faults
from workbench.sandbox.control.request_log import Journal
from workbench.sandbox.control.service import Service
from workbench.sandbox.expected.truth import Truth
from workbench.sandbox.oauth.authority import DEFAULT_SCOPES, Authority
from workbench.sandbox.prompt_server import PromptServer
from workbench.sandbox.switches import Switches
from workbench.sandbox.world.inventions import SIZES, WORLDS
from workbench.sandbox.world.world import World

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_START_SECONDS = 10


class Sandbox:
    """An invented LinkedIn, served from a thread while the `with` block lasts.

    Args:
        world: `hostile`, the one for tests, or `believable`, the one to look at.
        size: `small`, `medium` or `large`.
        today: the UTC day it is; None: the real one.
        seed: another seed, another world.
        host: a loopback address.
        port: 0 for a free one.
        quirks: (hostile) with fields and enum values that no documentation names.
        anchor: the day on which the world's stories end; None: `today`.
        stories: (believable) which stories happen; None: all.
        any_loopback_redirect: accept every http redirect URL on loopback.
        auto_approve: the authorization URL answers at once with the redirect, as if Allow had been pressed.
    """

    def __init__(
        self,
        *,
        world: str = "hostile",
        size: str = "small",
        today: date | None = None,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        quirks: bool = True,
        anchor: date | None = None,
        stories: frozenset[str] | None = None,
        any_loopback_redirect: bool = False,
        auto_approve: bool = False,
    ) -> None:
        _check(world, size, host)
        self.clock = Clock(today)
        self.world = World(
            world=world, size=size, seed=seed, clock=self.clock, quirks=quirks, anchor=anchor, stories=stories
        )
        self.oauth = Authority(clock=self.clock, any_loopback_redirect=any_loopback_redirect, auto_approve=auto_approve)
        self.truth = Truth(self.world)
        self._service = Service(self.world, self.oauth)
        self._host, self._port = host, port
        self._server: PromptServer | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    @property
    def client_id(self) -> str:
        return self.oauth.client_id

    @property
    def client_secret(self) -> str:
        return self.oauth.client_secret

    @property
    def faults(self) -> Faults:
        return self._service.faults

    @property
    def requests(self) -> Journal:
        return self._service.journal

    @property
    def switches(self) -> Switches:
        return self._service.switches

    def issue_token(self, *, scopes: Iterable[str] = DEFAULT_SCOPES, expires_in: int | None = None) -> str:
        """An access token without a sign-in."""
        return self.oauth.issue(scopes, expires_in=expires_in)[0]

    def advance(self, days: int = 1) -> None:
        """Let days pass: new rows, settled ones, older tokens."""
        self.world.advance(days)

    def __enter__(self) -> Sandbox:
        listener = _listen(self._host, self._port)
        self.url = _origin(self._host, listener.getsockname()[1])
        self._server = PromptServer(_config(self._service))
        self._thread = threading.Thread(target=self._run, args=(listener,), name="sandbox", daemon=True)
        self._thread.start()
        _wait_until_started(self._server, self._thread)
        return self

    def _run(self, listener: socket.socket) -> None:
        if self._server is not None:
            with listener:
                self._server.run(sockets=[listener])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.end()
            self._thread.join(_START_SECONDS)


def serve(
    *,
    world: str = "believable",
    size: str = "small",
    host: str = "127.0.0.1",
    port: int = 8770,
    today: date | None = None,
    seed: int = 1,
) -> None:
    """Run the sandbox until interrupted, after printing how to reach it."""
    sandbox = Sandbox(world=world, size=size, today=today, seed=seed, host=host, port=port, any_loopback_redirect=True)
    listener = _listen(host, port)
    sandbox.url = _origin(host, listener.getsockname()[1])
    print(introduction(sandbox), flush=True)  # noqa: T201
    with listener, contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal again once it has closed
        uvicorn.Server(_config(sandbox._service)).run(sockets=[listener])


def introduction(sandbox: Sandbox) -> str:
    """How to reach a running sandbox, with lines for `.env`."""
    accounts = ", ".join(str(account.id) for account in sandbox.world.listed_accounts()[:5])
    return f"""The sandbox LinkedIn is at {sandbox.url} (today is {sandbox.clock.today}; accounts {accounts}).
Everything it answers is invented. Lines for .env:

LINKEDIN_API_URL={sandbox.url}
LINKEDIN_OAUTH_URL={sandbox.url}
LINKEDIN_CLIENT_ID={sandbox.client_id}
LINKEDIN_CLIENT_SECRET={sandbox.client_secret}

Faults, clock and request log: {sandbox.url}/_sandbox. Stop with Ctrl-C."""


def _check(world: str, size: str, host: str) -> None:
    if world not in WORLDS:
        raise ConfigurationError(
            f"There is no sandbox world {world!r}.",
            why="A world is one of the sets of accounts that are invented here.",
            next_step=f"Choose one of {', '.join(WORLDS)}.",
        )
    if size not in SIZES:
        raise ConfigurationError(
            f"There is no sandbox of size {size!r}.",
            why="A size says how many campaigns and ads are invented.",
            next_step=f"Choose one of {', '.join(SIZES)}.",
        )
    if host not in LOOPBACK:
        raise ConfigurationError(
            f"The sandbox does not listen on {host!r}.",
            why="It has switches that ask for no password.",
            next_step="Use 127.0.0.1, ::1 or localhost.",
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise StorageError(
            f"The sandbox cannot listen on {host}:{port}.", why=str(error), next_step="Choose another port, or 0."
        ) from error
    return listener


def _origin(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(service: Service) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(service),
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        proxy_headers=False,
        date_header=False,  # the app sends its own
        server_header=False,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=64 * 1024,
        log_config=None,
    )


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise StorageError(
                "The sandbox did not start.",
                why="Its server thread ended or is stuck.",
                next_step="Start it again, when this machine has less to do.",
            )
        time.sleep(0.005)
