"""marimo's sessions belong to the visitor who opened them, are bounded in number, and end when he signs out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from guarded_servers import PagesServer, until
from starlette.types import Message, Receive, Scope, Send

from workbench.web.page_sessions import PageLimits, PageSessions
from workbench.web.security.logins import VISITOR

pytestmark = pytest.mark.anyio


class _Manager:
    """Stands for marimo's."""

    def __init__(self) -> None:
        self.sessions: dict[str, object] = {}
        self.closed: list[str] = []

    def close_session(self, session_id: str) -> bool:
        self.closed.append(session_id)
        return self.sessions.pop(session_id, None) is not None


class _Marimo:
    """Accepts each WebSocket and keeps it until it is closed; answers each request."""

    def __init__(self, *, starting: float = 0) -> None:
        self.manager, self.asked, self._starting = _Manager(), list[str](), starting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["query_string"].decode())
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await receive()
        await send({"type": "websocket.accept"})
        session = scope["query_string"].decode().partition("session_id=")[2][:8]
        asyncio.get_running_loop().call_later(self._starting, self.manager.sessions.setdefault, session, object())
        await asyncio.sleep(0)
        while (await receive())["type"] != "websocket.disconnect":
            pass


class _Page:
    """A visitor's open page: what it is sent, and a way to close it."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._told.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> Message:
        return await self._told.get()

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.close()

    def close(self) -> None:
        self._told.put_nowait({"type": "websocket.disconnect", "code": 1001})

    @property
    def is_open(self) -> bool:
        return [message["type"] for message in self.sent] == ["websocket.accept"]


class _House:
    def __init__(self, *, starting: float = 0, **limits: int) -> None:
        self.marimo, self.now = _Marimo(starting=starting), 0.0
        managers = {"/overview": self.marimo.manager}
        self.sessions = PageSessions(
            self.marimo, managers, limits=PageLimits(**limits) if limits else None, clock=lambda: self.now
        )
        self._tasks = set[asyncio.Task[None]]()

    async def open(self, visitor: str, session: str, query: str = "") -> _Page:
        self.now += 1
        page = _Page()
        query_string = f"session_id={session}{query}".encode()
        scope = {
            "type": "websocket",
            "path": "/overview/ws",
            "query_string": query_string,
            "headers": [],
            VISITOR: visitor,
        }
        task = asyncio.create_task(self.sessions(scope, page.receive, page.send))
        self._tasks.add(task)
        await _a_while()
        return page

    async def ask(self, visitor: str, *sessions: str, method: str = "POST", query: str = "") -> int:
        self.now += 1
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": "/overview/api/kernel/set_ui_element_value",
            "query_string": query.encode(),
            "headers": [(b"marimo-session-id", session.encode()) for session in sessions],
            VISITOR: visitor,
        }
        await self.sessions(scope, _Page().receive, send)
        status: int = sent[0]["status"]
        return status


async def _a_while() -> None:
    """So many turns of the loop that whatever can go on has gone on."""
    await asyncio.sleep(0.01)
    for _ in range(50):
        await asyncio.sleep(0)


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110  (nothing of it is an event)
            await asyncio.sleep(0.01)


async def test_another_visitors_session_is_refused() -> None:
    house = _House()
    mine = await house.open("anna", "s_aaaaaa")

    theirs = await house.open("berta", "s_aaaaaa")

    assert (mine.is_open, [message["type"] for message in theirs.sent]) == (True, ["websocket.close"])
    assert await house.ask("anna", "s_aaaaaa") == 200
    assert [await house.ask("berta", "s_aaaaaa"), await house.ask("anna", "s_bbbbbb"), await house.ask("anna")] == [
        404
    ] * 3
    assert await house.ask("anna", "s_aaaaaa", "s_aaaaaa") == 404


async def test_a_page_may_come_back_to_its_own_session() -> None:
    house = _House()
    first = await house.open("anna", "s_aaaaaa")
    first.close()
    await _a_while()

    assert (await house.open("anna", "s_aaaaaa")).is_open
    assert not (await house.open("berta", "s_aaaaaa")).is_open


@pytest.mark.parametrize("session", ["", "s_a&session_id=s_b", "..%2Fx", "s" * 65, "s%00"])
async def test_a_session_without_a_plain_id_is_refused(session: str) -> None:
    assert not (await _House().open("anna", session)).is_open


async def test_one_visitor_has_a_share_and_the_page_that_is_used_least_goes_first() -> None:
    house = _House(each=3, total=10)
    pages = [await house.open("anna", f"s_aaaaa{number}") for number in range(3)]
    other = await house.open("berta", "s_bbbbbb")
    await house.ask("anna", "s_aaaaa0")

    newest = await house.open("anna", "s_cccccc")

    assert [page.is_open for page in (*pages, other, newest)] == [True, False, True, True, True]
    assert house.marimo.manager.closed == ["s_aaaaa1"]


async def test_a_closed_page_goes_before_any_open_one() -> None:
    house = _House(each=2, total=10)
    first, second = await house.open("anna", "s_aaaaaa"), await house.open("anna", "s_bbbbbb")
    second.close()
    await _a_while()

    await house.open("anna", "s_cccccc")

    assert (first.is_open, house.marimo.manager.closed) == (True, ["s_bbbbbb"])


async def test_where_all_have_too_many_the_visitor_with_most_makes_room() -> None:
    house = _House(each=3, total=4)
    calm = await house.open("anna", "s_aaaaaa")
    greedy = [await house.open("berta", f"s_bbbbb{number}") for number in range(3)]

    newest = await house.open("carla", "s_cccccc")

    assert [page.is_open for page in (calm, *greedy, newest)] == [True, False, True, True, True]


async def test_a_page_that_is_closed_says_calmly_why_and_does_not_come_back() -> None:
    house = _House(each=1, total=10)
    page = await house.open("anna", "s_aaaaaa")

    await house.open("anna", "s_bbbbbb")

    banner, close = page.sent[1:]
    shown = json.loads(banner["text"])
    assert (shown["op"], shown["data"]["title"]) == ("banner", "This page was closed to make room.")
    assert (close["code"], close["reason"]) == (1000, "MARIMO_SHUTDOWN")


async def test_a_visitor_who_signs_out_leaves_every_page() -> None:
    house = _House()
    mine = [await house.open("anna", f"s_aaaaa{number}") for number in range(3)]
    other = await house.open("berta", "s_bbbbbb")

    await house.sessions.leave("anna")

    assert [page.is_open for page in (*mine, other)] == [False, False, False, True]
    assert len(house.marimo.manager.closed) == 3


async def test_a_connection_that_takes_no_goodbye_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.web.page_sessions._GOODBYE_SECONDS", 0.05)
    house = _House(each=1, total=10)
    page = await house.open("anna", "s_aaaaaa")

    async def never(message: Message) -> None:
        await asyncio.sleep(60)

    page.send = never  # type: ignore[method-assign]
    house.sessions._open["/overview", "s_aaaaaa"].wire._send = never  # type: ignore[union-attr]
    await house.open("anna", "s_bbbbbb")
    await _until(lambda: house.marimo.manager.closed)

    assert house.marimo.manager.closed == ["s_aaaaaa"]


@pytest.mark.parametrize(("gone", "each"), [("closed by its visitor", 2), ("closed to make room", 1)])
async def test_a_session_that_still_starts_is_ended_as_soon_as_it_has(gone: str, each: int) -> None:
    """marimo would keep it for two minutes, and a visitor could have any number of them."""
    house = _House(starting=1000, each=each, total=10)
    page = await house.open("anna", "s_aaaaaa")
    if gone == "closed by its visitor":
        page.close()
    await house.open("anna", "s_bbbbbb")

    house.marimo.manager.sessions.update(s_aaaaaa=object(), s_bbbbbb=object())

    await _until(lambda: set(house.marimo.manager.sessions) == {"s_bbbbbb"})


async def test_a_visitor_who_opens_pages_faster_than_they_start_has_to_wait() -> None:
    house = _House(starting=60, each=2, total=10)
    pages = [await house.open("anna", f"s_aaaaa{number}") for number in range(9)]

    assert sum(page.sent[0]["type"] == "websocket.accept" for page in pages) == 4
    assert (await house.open("berta", "s_bbbbbb")).is_open


@pytest.mark.parametrize("name", ["file", "kiosk", "access_token"])
async def test_only_the_address_says_which_notebook_runs(name: str) -> None:
    house = _House()
    await house.open("anna", "s_aaaaaa", f"&{name}=__new__&period=90d&note=a%20b")
    await house.ask("anna", method="GET", query=f"{name}=/etc/passwd&period=90d")

    assert house.marimo.asked == ["session_id=s_aaaaaa&period=90d&note=a+b", "period=90d"]


# --- marimo itself --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(notebooks: Path) -> Iterator[PagesServer]:
    with PagesServer(notebooks, each=3, total=5) as server:
        yield server


def _cookie(client: httpx.Client) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


async def _opened(server: PagesServer, client: httpx.Client, session: str) -> Any:
    """A page whose cells have run."""
    url, origin = f"ws://127.0.0.1:{server.port}/overview/ws?session_id={session}", websockets.Origin(server.origin)
    page = await websockets.connect(url, origin=origin, additional_headers=_cookie(client), proxy=None, max_size=None)
    while "completed-run" not in str(await asyncio.wait_for(page.recv(), 30)):
        pass
    return page


async def _hasty(server: PagesServer, client: httpx.Client, session: str) -> None:
    """A page that is left before it has started."""
    url, origin = f"ws://127.0.0.1:{server.port}/overview/ws?session_id={session}", websockets.Origin(server.origin)
    with suppress(websockets.WebSocketException):
        async with websockets.connect(url, origin=origin, additional_headers=_cookie(client), proxy=None):
            pass


def _files(server: PagesServer) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def _threads(server: PagesServer) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts files as Linux shows them")
async def test_what_is_closed_to_make_room_gives_back_its_kernel_and_files(small: PagesServer) -> None:
    with small.client() as client:
        pages = [await _opened(small, client, f"s_{number:06}") for number in range(3)]
        files, threads = _files(small), _threads(small)

        pages += [await _opened(small, client, f"s_{number:06}") for number in range(10, 16)]
        await asyncio.gather(*(_hasty(small, client, f"s_{number:06}") for number in range(20, 40)))
        messages = [str(message) async for message in pages[0]]

        assert any("closed to make room" in message for message in messages)
        assert (pages[0].close_code, pages[0].close_reason) == (1000, "MARIMO_SHUTDOWN")
        until(lambda: _files(small) <= files + 6 and _threads(small) <= threads + 2)
        for page in pages:
            await page.close()


@pytest.mark.slow
async def test_another_logins_session_is_refused_by_a_real_server(small: PagesServer) -> None:
    with small.client() as mine, small.client() as theirs:
        page = await _opened(small, mine, "s_a1b2c3")
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await _opened(small, theirs, "s_a1b2c3")
        request = {"headers": {"marimo-session-id": "s_a1b2c3"}, "json": {"objectIds": [], "values": []}}
        path = "/overview/api/kernel/set_ui_element_value"

        assert [client.post(path, **request).status_code for client in (mine, theirs)] == [200, 404]  # type: ignore[arg-type]
        await page.close()
