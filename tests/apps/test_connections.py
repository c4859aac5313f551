"""Silent, slow and unanswerable connections, over real sockets: they end, and `/health` answers all the time."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from guarded_servers import GuardedApp, PagesServer, until

from workbench.web.connections import Connections, Limits, quiet_handler
from workbench.web.security import ProxyLogin

SHORT = Limits(total=40, each=12, spare=3, head=0.4, body=0.6, stalled=0.6)
LONG = Limits(total=40, each=12, spare=3, head=60, body=60, stalled=60)
UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
_LONGEST = 60  # seconds: what is not closed by then never is
KEY = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


@contextmanager
def _serving(limits: Limits) -> Iterator[GuardedApp]:
    with GuardedApp(lambda addresses: ProxyLogin(), connections=Connections(limits)) as app:
        yield app


@pytest.fixture(scope="module")
def impatient() -> Iterator[GuardedApp]:
    with _serving(SHORT) as app:
        yield app


@pytest.fixture(scope="module")
def patient() -> Iterator[GuardedApp]:
    with _serving(LONG) as app:
        yield app


@contextmanager
def _wires(app: Any, count: int, said: str = "", *, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        wires = []
        for _ in range(count):
            address = ("127.0.0.1", app.port)
            wire = stack.enter_context(socket.create_connection(address, timeout=60, source_address=(source, 0)))
            wire.sendall(said.encode())
            wires.append(wire)
        yield wires


def _head(app: GuardedApp, first: str = "GET /ws HTTP/1.1", more: str = "") -> str:
    return f"{first}\r\nHost: 127.0.0.1:{app.port}\r\nOrigin: {app.origin}\r\n{more}"


def _ended(wire: socket.socket) -> bool:
    try:
        while wire.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def _still_open(wire: socket.socket) -> bool:
    wire.setblocking(False)
    try:
        return bool(wire.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _healthy(app: Any) -> bool:
    """Whether `/health` answers one of a host that floods it from the same address."""
    with socket.create_connection(("127.0.0.1", app.port), timeout=60) as wire:
        wire.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\nConnection: close\r\n\r\n".encode())
        return wire.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "said",
    [
        lambda app: "",
        lambda app: "GET / HT",
        lambda app: _head(app, "GET / HTTP/1.1"),
        lambda app: _head(app, "GET /health HTTP/1.1") + "\r\nGET /health HT",
        lambda app: _head(app, "POST /body HTTP/1.1", "Content-Length: 100\r\n\r\nhalf"),
        lambda app: _head(app, "POST /body HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n"),
        lambda app: _head(app, more=UPGRADE),
        lambda app: _head(app, "POST /ws HTTP/1.1", f"{UPGRADE}{KEY}Content-Length: 5\r\n\r\n"),
        lambda app: _head(app, more=f"{UPGRADE}\r\n"),
        lambda app: _head(app, more=UPGRADE + KEY + "X: y\r\n" * 200 + "\r\n"),
        lambda app: _head(app, "GET /not-there HTTP/1.1", f"{UPGRADE}{KEY}\r\n"),
        lambda app: "\x16\x03\x01\x02",
    ],
    ids=[
        "silent",
        "half a line",
        "half a head",
        "half a second head",
        "half a body",
        "no chunk",
        "half an upgrade",
        "an upgrade with a body",
        "an upgrade without a key",
        "an upgrade with many headers",
        "an upgrade that no route takes",
        "TLS",
    ],
)
def test_what_never_becomes_a_request_is_closed(impatient: GuardedApp, said: Callable[[GuardedApp], str]) -> None:
    with _wires(impatient, 1, said(impatient)) as (wire,):
        assert _ended(wire)
    until(lambda: not impatient.server_state.connections)
    assert _healthy(impatient)


def test_what_trickles_in_does_not_get_more_time(impatient: GuardedApp) -> None:
    with _wires(impatient, 1) as (wire,):
        assert _refused_after(wire, b"G", pause=0.05) < _LONGEST


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_closed(impatient: GuardedApp) -> None:
    """First the server stops reading, because its answers are not taken; then it has waited long enough."""
    with _wires(impatient, 1) as (wire,):
        assert _refused_after(wire, (_head(impatient, "GET /health HTTP/1.1") + "\r\n").encode() * 100) < _LONGEST
    until(lambda: not impatient.server_state.connections)


def _refused_after(wire: socket.socket, said: bytes, *, pause: float = 0) -> float:
    """Seconds until the other end has closed a connection that sends and reads nothing."""
    began = time.monotonic()
    wire.settimeout(0.2)
    while time.monotonic() - began < _LONGEST:
        try:
            wire.sendall(said)
        except TimeoutError:
            continue
        except OSError:
            break
        time.sleep(pause)
    return time.monotonic() - began


@pytest.mark.anyio
async def test_an_open_websocket_may_be_silent(impatient: GuardedApp) -> None:
    url = f"ws://127.0.0.1:{impatient.port}/ws"
    async with websockets.connect(url, origin=websockets.Origin(impatient.origin), proxy=None) as socket_:
        await asyncio.sleep(1)
        await socket_.send("still here")
        assert await socket_.recv() == "still here"


def test_one_client_has_its_share_and_the_oldest_silent_one_makes_room(patient: GuardedApp) -> None:
    with _wires(patient, 30) as wires:
        until(lambda: [_still_open(wire) for wire in wires] == [False] * 18 + [True] * 12)
        assert _healthy(patient)
        with _wires(patient, 5, source="127.0.0.2") as others:
            assert _healthy(patient)
            assert all(_still_open(wire) for wire in others)


def test_all_together_have_a_bound_and_health_answers_throughout(patient: GuardedApp) -> None:
    with ExitStack() as stack:
        wires = []
        for number in range(10):
            wires += stack.enter_context(_wires(patient, 12, "GET / HT", source=f"127.0.0.{number + 10}"))
            assert _healthy(patient)
        until(lambda: sum(_still_open(wire) for wire in wires) <= LONG.total)


@pytest.mark.anyio
async def test_where_all_are_busy_newcomers_are_told_so_but_health_answers(patient: GuardedApp) -> None:
    url, origin = f"ws://127.0.0.1:{patient.port}/ws", websockets.Origin(patient.origin)
    sockets = [await websockets.connect(url, origin=origin, proxy=None) for _ in range(LONG.each)]
    try:
        assert _healthy(patient)
        answer = patient.ask("/", f"Host: 127.0.0.1:{patient.port}")
        assert (answer.split()[1], "Try again" in answer) == ("503", True)
        with pytest.raises(websockets.InvalidStatus, match="503"):
            await websockets.connect(url, origin=origin, proxy=None)
        with _wires(patient, 20):
            assert _healthy(patient)
        await sockets[0].send("undisturbed")
        assert await sockets[0].recv() == "undisturbed"
    finally:
        for one in sockets:
            await one.close()


def test_a_proxy_may_hold_the_connections_of_many(patient: GuardedApp) -> None:
    connections = Connections(LONG, proxies=["127.0.0.0/8"])
    with GuardedApp(lambda addresses: ProxyLogin(), connections=connections) as app, _wires(app, 30) as wires:
        assert _healthy(app)
        assert all(_still_open(wire) for wire in wires)


def test_complaints_of_the_event_loop_are_written_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    handle = quiet_handler(every=60, clock=lambda: now[0])
    caplog.set_level(logging.ERROR)
    context = {"message": "socket.accept() out of system resource", "exception": OSError(24, "too many")}

    for second in range(0, 121, 10):
        now[0] = second
        handle(None, context)  # type: ignore[arg-type]

    assert [record.exc_info for record in caplog.records] == [None] * 3


@pytest.mark.slow
def test_a_flood_stops_neither_health_nor_fills_the_log(notebooks: Path) -> None:
    """More connections than the process has files, from addresses enough to have no share each."""
    with PagesServer(notebooks, files=400) as server, ExitStack() as stack:
        for number in range(40):
            stack.enter_context(_wires(server, 20, "GET / HT", source=f"127.0.1.{number + 1}"))
            assert _healthy(server)
        for wire in stack.enter_context(_wires(server, 200, "", source="127.0.2.1")):
            wire.sendall(b"nonsense\r\n\r\n")
        assert _healthy(server)
        assert len(server.complaints()) < 2000
