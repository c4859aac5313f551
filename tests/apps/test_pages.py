"""Notebooks served by a process of their own: what a page needs is there, and nothing else is."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import threading
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import httpx
import pytest
import uvicorn
import websockets
from guarded_servers import INSIDE, PagesServer, until
from marks import slow_except
from starlette.applications import Starlette

from workbench.errors import ConfigurationError
from workbench.web import lifespan
from workbench.web import server as web_server
from workbench.web.account_rules import AccountRules
from workbench.web.app import OWNER_PAGES, READER_PAGES, create_app
from workbench.web.security import Addresses, ProxyLogin, TokenLogin
from workbench.web.serve import serve_to_readers
from workbench.web.server import free_port, must_be_guarded, must_name_proxies, open_address, serve

NEEDED = {
    "/",
    "/health",
    "/public-files-sw.js",
    "/api/kernel/set_ui_element_value",
    "/api/kernel/set_model_value",
    "/api/kernel/function_call",
}


@pytest.fixture(scope="module")
def client(pages: PagesServer) -> Any:
    with pages.client() as browser:
        yield browser


@pytest.mark.slow
def test_the_first_page_comes_first(client: httpx.Client) -> None:
    assert client.get("/").headers["location"] == "/overview/"
    assert client.get("/status?weeks=3").headers["location"] == "/status/?weeks=3"
    assert client.get("/overview/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/sync/", "/start/", "/nothing/", "/overview/../sync/", "/overview.py", "/overview/nothing"]
)
def test_a_page_that_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_page_carries_neither_code_nor_the_folder_it_lies_in(client: httpx.Client, pages: PagesServer) -> None:
    page = client.get("/overview/").text

    assert "<title>" in page
    assert not any(word in page for word in ("SECRET-IN-THE-CODE", "import polars", str(pages.folder), "%2Ftmp"))


def test_scripts_and_styles_have_one_place_for_all_pages(client: httpx.Client, pages: PagesServer) -> None:
    named = {name: set(re.findall(r'="([^"]*/assets/[^"]+)"', client.get(f"/{name}/").text)) for name in READER_PAGES}
    script = next(path for path in named["overview"] if path.endswith(".js"))
    answer = client.get(script)

    assert {path.partition("assets/")[0] for paths in named.values() for path in paths} == {"/"}
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")
    assert "javascript" in answer.headers["content-type"]
    assert client.get("/assets/nothing.js").status_code == client.get("/assets/../index.html").status_code == 404
    assert httpx.get(f"{pages.origin}{script}").status_code == 403


@pytest.mark.parametrize("file", ["/etc/passwd", "../status.py", "__new__", "{folder}/status.py"])
def test_a_page_shows_no_other_file(client: httpx.Client, pages: PagesServer, file: str) -> None:
    answer = client.get("/overview/", params={"file": file.format(folder=pages.folder)})

    assert not any(word in answer.text for word in ("root:", "SECRET-IN-THE-CODE", "Traceback"))


def _marimo_endpoints() -> list[tuple[str, str]]:
    """Each (method, path) that marimo itself answers."""
    from marimo._server.api.router import build_routes

    def under(routes: Any, prefix: str) -> Any:
        for route in routes:
            if hasattr(route, "methods"):
                yield from ((method, prefix + route.path) for method in route.methods or ())
            elif hasattr(route, "routes") and route.path != "/assets":
                yield from under(route.routes, prefix + route.path)

    return sorted(set(under(build_routes(), "")))


def test_marimos_own_endpoints_are_known() -> None:
    """The list below is not empty by accident."""
    assert {("POST", "/api/kernel/read_code"), ("POST", "/api/kernel/run"), ("GET", "/sse")} <= set(_marimo_endpoints())


@pytest.mark.slow
def test_no_other_endpoint_of_marimo_answers(client: httpx.Client) -> None:
    answers = {}
    for method, path in _marimo_endpoints():
        body = {"code": "1"} if method == "POST" else None
        answer = client.request(method, "/overview" + re.sub(r"\{.*?\}", "status.py", path), json=body)
        assert "SECRET-IN-THE-CODE" not in answer.text
        if answer.status_code != 404 and path not in NEEDED:
            answers[method, path] = answer.status_code

    assert answers == {}


def test_files_of_a_page_cannot_be_guessed(client: httpx.Client) -> None:
    for file in ("10-status.py", "\u00b2-status.py", f"{'9' * 5000}-status.py"):
        assert client.get(f"/overview/@file/{file}").status_code == 404


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="a folder of Linux")
def test_no_shared_memory_of_this_machine_is_a_file_of_a_page(notebooks: Path) -> None:
    """Before the first page has begun, and at the end, when marimo would remove what it has opened."""
    with NamedTemporaryFile(dir="/dev/shm", prefix="workbench-test-") as secret:
        secret.write(b"SECRET-OF-ANOTHER-PROGRAM")
        secret.flush()
        with PagesServer(notebooks) as server, server.client() as client:
            answer = client.get(f"/overview/@file/25-{Path(secret.name).name}")
        assert (answer.status_code, "SECRET" in answer.text) == (404, False)
        assert Path(secret.name).exists()


def _cookie(client: httpx.Client) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


async def _messages(pages: PagesServer, client: httpx.Client, page: str, *, last: str) -> list[Any]:
    """What the server tells a page, until something holds `last`."""
    url = f"ws://127.0.0.1:{pages.port}/{page}/ws?session_id=s_{os.urandom(3).hex()}"
    origin, messages = websockets.Origin(pages.origin), []
    async with websockets.connect(
        url, origin=origin, additional_headers=_cookie(client), proxy=None, max_size=None
    ) as socket:
        while not messages or last not in messages[-1]:
            messages.append(str(await socket.recv()))
    return messages


@pytest.mark.anyio
async def test_a_mounted_notebook_gets_no_arguments_and_sends_no_code(pages: PagesServer, client: httpx.Client) -> None:
    messages = await _messages(pages, client, "overview", last="completed-run")

    assert any("arguments={}" in message for message in messages)
    assert not any("SECRET-IN-THE-CODE" in message or "import polars" in message for message in messages)


@pytest.mark.anyio
async def test_a_cell_that_fails_shows_no_detail(pages: PagesServer, client: httpx.Client) -> None:
    messages = await _messages(pages, client, "status", last="completed-run")

    assert any("internal error" in message.lower() for message in messages)
    assert not any(word in message for message in messages for word in (INSIDE, "hunter2", "Traceback"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["/overview/terminal/ws", "/overview/ws_sync", "/overview/lsp/pylsp", "/ws", "/sync/ws"]
)
async def test_no_other_websocket_opens(pages: PagesServer, client: httpx.Client, path: str) -> None:
    url, origin = f"ws://127.0.0.1:{pages.port}{path}", websockets.Origin(pages.origin)
    with pytest.raises(websockets.InvalidStatus, match="403"):
        async with websockets.connect(url, origin=origin, additional_headers=_cookie(client), proxy=None):
            pass


# --- health and readiness ----------------------------------------------------------------------------------------


def test_health_and_readiness_need_no_login(pages: PagesServer) -> None:
    assert httpx.get(f"{pages.origin}/health").json() == {"healthy": True}
    answer = httpx.get(f"{pages.origin}/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "source": "snapshots", "age_hours": 3})


@pytest.mark.slow
def test_data_out_of_reach_is_a_503_without_its_reason_and_recovers(pages: PagesServer) -> None:
    broken = pages.folder / "out-of-order"
    broken.touch()
    try:
        answer = until(lambda: (found := httpx.get(f"{pages.origin}/ready")).status_code == 503 and found)
        assert answer.json() == {"ready": False}
    finally:
        broken.unlink()
    until(lambda: httpx.get(f"{pages.origin}/ready").status_code == 200)


# --- where and how -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_everything_moves_under_a_base_url(notebooks: Path) -> None:
    with PagesServer(notebooks, base_url="/team/ads") as server, server.client() as client:
        assert client.get("/team/ads").headers["location"] == "/team/ads/overview/"
        assert client.get("/team/ads/overview/").status_code == 200
        assert client.get("/overview/").status_code == 403
        assert httpx.get(f"{server.origin}/team/ads/health").json() == {"healthy": True}
        assert next(iter(client.cookies.jar)).path == "/team/ads/"


@pytest.mark.slow
@pytest.mark.parametrize("number", slow_except(signal.SIGTERM, of=[signal.SIGINT, signal.SIGTERM]))
def test_a_signal_stops_serving_and_lets_the_caller_go_on(notebooks: Path, number: int) -> None:
    with PagesServer(notebooks) as server:
        assert server.stop(number) == 5  # what the process says after `serve` has returned


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_page_left_open_does_not_keep_the_process(notebooks: Path) -> None:
    with PagesServer(notebooks) as server, server.client() as client:
        url, origin = f"ws://127.0.0.1:{server.port}/overview/ws?session_id=s_a1b2c3", websockets.Origin(server.origin)
        async with websockets.connect(
            url, origin=origin, additional_headers=_cookie(client), proxy=None, max_size=None
        ) as page:
            while "completed-run" not in str(await page.recv()):
                pass
            assert await asyncio.to_thread(server.stop, signal.SIGTERM) == 5


def test_a_second_ctrl_c_leaves_the_first_one_its_order() -> None:
    server = web_server._Server(uvicorn.Config(Starlette()), lambda: None)
    for _ in range(2):
        server.handle_exit(signal.SIGINT, None)

    assert (server.should_exit, server.force_exit) == (True, False)


def test_a_port_in_use_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Nothing can be served on 127.0.0.1:{port}"):
            serve(Starlette(), port=port)


def test_an_address_of_another_machine_is_explained() -> None:
    with pytest.raises(ConfigurationError, match=r"Nothing can be served on 192\.0\.2\.7\."):
        free_port("192.0.2.7")


def test_readers_get_no_page_that_writes(notebooks: Path) -> None:
    assert set(READER_PAGES) < set(OWNER_PAGES)
    assert not {"start", "sync", "snapshots"} & set(READER_PAGES)
    addresses = Addresses.loopback(8080)
    with pytest.raises(ConfigurationError, match="sync"):
        create_app(addresses=addresses, login=ProxyLogin(), notebooks=["sync"], folder=notebooks)


def test_a_missing_page_and_a_wrong_base_url_are_configuration_errors(notebooks: Path) -> None:
    addresses = Addresses.loopback(8080)
    with pytest.raises(ConfigurationError, match="missing: today, budget"):
        create_app(addresses=addresses, login=ProxyLogin(), mode="owner", folder=notebooks)
    with pytest.raises(ConfigurationError, match="base URL"):
        create_app(addresses=addresses, login=ProxyLogin(), notebooks=["overview"], folder=notebooks, base_url="ads/..")


def test_a_token_alone_is_enough_on_this_machine_only() -> None:
    everywhere = "0.0.0.0"  # noqa: S104
    must_be_guarded("127.0.0.1", password=False, proxy=False)
    must_be_guarded(everywhere, password=True, proxy=False)
    must_be_guarded(everywhere, password=False, proxy=True)
    with pytest.raises(ConfigurationError, match="needs a login"):
        must_be_guarded(everywhere, password=False, proxy=False)


@pytest.mark.parametrize("trusted", ["*", "127.0.0.1, *", "0.0.0.0/0", "::/0", "proxy.example", "10.0.0.1/8", ""])
def test_not_every_address_is_trusted_as_a_proxy(trusted: str) -> None:
    with pytest.raises(ConfigurationError, match="--trusted-proxies"):
        must_name_proxies(trusted)


@pytest.mark.parametrize("trusted", [None, "127.0.0.1", "::1, 172.16.0.0/12"])
def test_a_proxy_is_named_by_its_address_or_network(trusted: str | None) -> None:
    must_name_proxies(trusted)


def test_no_team_is_served_where_every_address_is_trusted() -> None:
    options = {
        "host": "127.0.0.1",
        "port": 0,
        "base_url": "",
        "origins": (),
        "password_file": None,
        "proxy_login": True,
    }
    with pytest.raises(ConfigurationError, match="--trusted-proxies"):
        serve_to_readers(**options, snapshots_only=True, trusted_proxies="*", accounts=AccountRules())


def test_one_address_is_printed() -> None:
    said: list[str] = []
    open_address(TokenLogin(Addresses.loopback(8080)).address("http://127.0.0.1:8080"), browser=False, echo=said.append)

    assert [re.sub(r"=[\w-]{43}$", "=…", line) for line in said] == ["Open http://127.0.0.1:8080/?token=…"]


def test_a_server_that_stops_waits_for_what_it_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that ends while a thread of its own is inside DuckDB aborts."""
    prepared = threading.Event()

    def prepare() -> dict[str, object]:
        time.sleep(0.2)
        prepared.set()
        return {}

    async def no_sessions(notebooks: object) -> None: ...

    async def start_and_stop() -> None:
        async with lifespan.lifespan_of(Starlette(), prepare)(None):
            pass

    monkeypatch.setattr(lifespan, "end_sessions", no_sessions)
    asyncio.run(start_and_stop())
    assert prepared.is_set()
