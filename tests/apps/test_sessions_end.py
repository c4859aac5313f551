"""A session counts for the account of the machine that began it, and its end is the end of what it has opened."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import websockets
from editors import Editor
from guarded_servers import FIGURE, GuardedApp, PagesServer, until

from workbench.web.security import Password, PasswordLogin, TokenLogin
from workbench.web.security.peers import account_of
from workbench.web.security.sessions import Sessions

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux says whose socket is at the other end")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
NOBODY = 65534
PASSWORD = "correct horse battery staple"

# Sends what it is given, and says how the answer begins.
_SEND = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=120) as wire:
    wire.sendall(sys.argv[2].encode())
    print(wire.recv(100).decode())
"""


@pytest.fixture
def now() -> list[float]:
    """The clock of `brief`, to be turned."""
    return [0.0]


@pytest.fixture
def brief(now: list[float]) -> Iterator[GuardedApp]:
    """An app whose sessions last a second."""
    sessions = Sessions(life=1, clock=lambda: now[0])
    with GuardedApp(lambda addresses: TokenLogin(addresses, sessions=sessions), recheck=0.05) as app:
        yield app


def _cookie(client: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def _open(app: GuardedApp | PagesServer, client: httpx.Client, path: str = "/ws") -> websockets.connect:
    url, origin = f"ws://127.0.0.1:{app.port}{path}", websockets.Origin(app.origin)
    return websockets.connect(url, origin=origin, additional_headers={"cookie": _cookie(client)}, proxy=None)


@pytest.mark.anyio
async def test_an_open_websocket_ends_with_its_session(brief: GuardedApp, now: list[float]) -> None:
    async with _open(brief, brief.signed_in()) as wire:
        await wire.send("still there?")
        assert await wire.recv() == "still there?"
        now[0] += 2
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(wire.recv(), 120)
    assert wire.close_code == 1008


@pytest.mark.anyio
async def test_an_open_websocket_stays_while_its_session_lasts(brief: GuardedApp) -> None:
    async with _open(brief, brief.signed_in()) as wire:
        await asyncio.sleep(0.3)
        await wire.send("still there?")
        assert await wire.recv() == "still there?"


@pytest.mark.anyio
async def test_signing_out_ends_every_websocket_of_the_session_and_no_other() -> None:
    login = lambda addresses: PasswordLogin(Password(PASSWORD), addresses)  # noqa: E731
    with GuardedApp(login, recheck=0.05) as app:
        mine, theirs = app.client(origin=app.origin), app.client(origin=app.origin)
        for client in (mine, theirs):
            assert client.post("/login", data={"password": PASSWORD, "next": "/"}).status_code == 303
        async with _open(app, mine) as wire, _open(app, theirs) as other:
            assert mine.post("/logout").status_code == 303
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(wire.recv(), 120)
            await other.send("still there?")
            assert await other.recv() == "still there?"


def test_asking_whether_a_session_lasts_does_not_keep_it_running() -> None:
    now = [0.0]
    sessions = Sessions(idle=10, clock=lambda: now[0])
    value = sessions.start()
    now[0] = 9
    assert sessions.lasts(value)
    now[0] = 11
    assert not sessions.lasts(value)


@pytest.mark.parametrize("login", ["", "mallory"])
def test_who_signs_in_again_and_again_ends_his_own_sessions(login: str) -> None:
    now = [0.0]
    sessions = Sessions(most=10, each=8, clock=lambda: now[0])
    others = [sessions.start(name, network="192.0.2.1") for name in ("", "anna", "berta")]
    flood = []
    for now[0] in range(1, 50):
        flood.append(sessions.start(login, network="192.0.2.2"))
    assert all(map(sessions.lasts, others))
    assert [value for value in flood if sessions.lasts(value)] == flood[-7:]


@pytest.mark.anyio
@pytest.mark.slow
async def test_an_open_page_says_that_its_sign_in_has_ended_and_gives_its_kernel_back(notebooks: Path) -> None:
    with PagesServer(notebooks, life=8) as server, server.client() as client:
        async with _open(server, client, "/overview/ws?session_id=s_a1b2c3") as wire:
            said = [str(message) async for message in wire]
    assert any("Your sign-in has ended." in message for message in said), said[-1]
    assert (wire.close_code, wire.close_reason) == (1000, "MARIMO_SHUTDOWN")


# --- another account of the machine, with a stolen cookie -----------------------------------------------------------


def _as_another_account(port: int, *head: str) -> str:
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    arguments = [sys.executable, "-I", "-S", "-c", _SEND, str(port), "\r\n".join([*head, "", ""])]
    return subprocess.run([*become, *arguments], capture_output=True, text=True, check=True, cwd="/").stdout


@LINUX
@AS_ROOT
@pytest.mark.parametrize("way", ["token", "password"])
def test_a_stolen_cookie_is_worth_nothing_to_another_account(guarded: GuardedApp, way: str) -> None:
    with ExitStack() as opened:
        if way == "token":
            app, mine = guarded, guarded.signed_in()
        else:
            app = opened.enter_context(GuardedApp(lambda addresses: PasswordLogin(Password(PASSWORD), addresses)))
            mine = opened.enter_context(app.client())
            form = {"password": PASSWORD, "next": "/"}
            assert mine.post("/login", data=form, headers={"origin": app.origin}).status_code == 303
        stolen = (f"Host: 127.0.0.1:{app.port}", f"Cookie: {_cookie(mine)}", "Accept: text/html")

        assert _as_another_account(app.port, "GET / HTTP/1.1", *stolen).startswith("HTTP/1.1 403")
        assert FIGURE in mine.get("/").text


@LINUX
@AS_ROOT
def test_a_stolen_cookie_and_a_known_path_open_no_editor_for_another_account(editor: Editor) -> None:
    with editor.client() as mine:
        assert mine.get(editor.address).status_code == 303
        port, base = int(editor.origin.rpartition(":")[2]), editor.base.removeprefix(editor.origin)
        stolen = (f"Host: 127.0.0.1:{port}", f"Origin: {editor.origin}", f"Cookie: {_cookie(mine)}")
        upgrade = (
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {'A' * 22}==",
        )

        for words in ((f"GET {base}/ HTTP/1.1",), (f"GET {base}/terminal/ws HTTP/1.1", *upgrade)):
            assert _as_another_account(port, *words, *stolen).startswith("HTTP/1.1 403"), words
        assert mine.get("/").status_code == 200


@LINUX
def test_the_account_at_the_other_end_is_known_until_it_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, peer = listener.accept()
        scope = {"client": peer, "server": listener.getsockname()}
        with far:
            assert account_of(scope) == os.geteuid()
            near.close()  # the kernel shows it as root's from now on
            until(lambda: account_of(scope) is None)


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"client": None, "server": ("127.0.0.1", 1)},
        {"client": ("192.0.2.1", 50000), "server": ("127.0.0.1", 1)},
        {"client": ("testclient", 50000), "server": ("testserver", 80)},
        {"client": ("127.0.0.1", 0), "server": ("/run/socket", None)},
    ],
)
def test_who_is_not_on_this_machine_has_no_account_here(scope: dict[str, object]) -> None:
    assert account_of(scope) is None
