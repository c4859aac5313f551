"""`workbench open --edit`: marimo's editor, all of it behind the guard."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import websockets
from editors import EDIT, Editor, editing
from guarded_servers import write_notebooks

from workbench.web.server import free_port

CODE = "SECRET-IN-THE-CODE"


@pytest.fixture(scope="module")
def owner(editor: Editor) -> Iterator[httpx.Client]:
    with editor.client() as client:
        assert client.get(editor.address).status_code == 303
        yield client


def _cookie(client: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def _first_word(editor: Editor, *, origin: str | None, cookie: str, host: str | None = None) -> str:
    port = int(editor.origin.rpartition(":")[2])
    base = editor.base.removeprefix(editor.origin)
    url = f"ws://{host or f'127.0.0.1:{port}'}{base}/ws?session_id=s_a1b2c3&file=overview.py"
    async with websockets.connect(
        url,
        origin=None if origin is None else websockets.Origin(origin),
        additional_headers={"cookie": cookie},
        proxy=None,
        max_size=None,
        host="127.0.0.1",
        port=port,
    ) as socket:
        return str(await socket.recv())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/?file=overview.py"),
        ("GET", "/health"),
        ("GET", "/api/status"),
        ("GET", "/?access_token="),
        ("POST", "/api/kernel/run"),
        ("POST", "/api/files/list_files"),
        ("GET", "/lsp/pylsp"),
    ],
)
def test_a_stranger_gets_nothing_of_it(editor: Editor, method: str, path: str) -> None:
    with editor.client() as stranger:
        answer = stranger.request(method, path, headers={"origin": editor.origin})

    assert (answer.status_code, CODE in answer.text, "set-cookie" in answer.headers) == (403, False, False)


def test_its_address_opens_it_once(editor: Editor, owner: httpx.Client) -> None:
    with editor.client() as stranger:
        assert stranger.get(editor.address).status_code == 403
    assert owner.get("/?file=overview.py").status_code == 200


def test_its_cookie_is_sent_to_no_other_server_of_this_machine(editor: Editor, owner: httpx.Client) -> None:
    base = editor.base.removeprefix(editor.origin)
    assert re.fullmatch(r"/[\w-]{22}", base)
    assert {cookie.path for cookie in owner.cookies.jar} == {f"{base}/"}
    for path in ("/", "/health/", "/api/status", "/assets/index.js"):
        answer = httpx.get(f"{editor.origin}{path}", headers={"accept": "text/html"}, trust_env=False)
        assert (answer.status_code, base in answer.text, base in str(answer.headers)) == (403, False, False), path


@pytest.mark.parametrize("host", ["10.1.2.3", "rebound.example", "[::1]:9"])
def test_whether_it_lives_is_answered_to_a_probe_under_any_name(editor: Editor, host: str) -> None:
    answer = httpx.get(f"{editor.origin}/health", headers={"host": host}, trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"healthy": True})
    forged = {"host": host, "origin": "http://evil.example"}
    assert httpx.get(f"{editor.origin}/health", headers=forged, trust_env=False).status_code == 403
    assert httpx.post(f"{editor.origin}/health", headers={"host": host}, trust_env=False).status_code == 421


def test_under_another_name_it_is_not_there(owner: httpx.Client) -> None:
    assert owner.get("/", headers={"host": "rebound.example"}).status_code == 421


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_no_other_page_runs_code_with_the_owners_cookie(owner: httpx.Client, origin: str | None) -> None:
    headers = {"origin": origin} if origin else {}

    assert owner.post("/api/kernel/run", json={"cellIds": ["x"], "codes": ["1"]}, headers=headers).status_code == 403


@pytest.mark.anyio
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
async def test_no_other_page_opens_its_websocket_with_the_owners_cookie(
    editor: Editor, owner: httpx.Client, origin: str | None
) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await _first_word(editor, origin=origin, cookie=_cookie(owner))


@pytest.mark.anyio
async def test_its_own_page_opens_its_websocket(editor: Editor, owner: httpx.Client) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await _first_word(editor, origin=editor.origin, cookie=_cookie(owner), host="rebound.example")

    assert CODE in await _first_word(editor, origin=editor.origin, cookie=_cookie(owner))


@pytest.mark.slow
def test_the_command_prints_one_address_and_ends_when_it_is_told(tmp_path: Path) -> None:
    settings = {"WORKBENCH_HOME": str(tmp_path / "home")}
    command = ("-m", "workbench", "open", "--edit", "--no-browser", "--port", str(free_port()))
    with editing(*command, **settings) as process:
        editor = Editor(process)
        with editor.client() as client:
            assert client.get(editor.address).status_code == 303
            assert client.get("/").status_code == 200
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=120)

    assert (process.returncode, said) == (0, "")


def test_an_environment_that_leaves_the_guard_out_opens_no_editor(tmp_path: Path) -> None:
    settings = {"WORKBENCH_HOME": str(tmp_path / "home"), "MARIMO_SERVER_ASGI_LIFESPAN_ALLOWLIST": "other"}
    with editing("-m", "workbench", "open", "--edit", "--no-browser", **settings) as process:
        said, complained = process.communicate(timeout=120)

    assert (process.returncode, said, complained.splitlines()[0]) == (78, "", "The editor cannot be opened.")


IMPATIENT = """
import sys, pathlib
from workbench.web.connections import Limits
from workbench.web.editor import edit
edit(pathlib.Path(sys.argv[1]), browser=False, limits=Limits(total=40, each=30, spare=3, head=0.5))
"""


def test_silent_connections_keep_the_owner_from_nothing(tmp_path: Path) -> None:
    """Those of another account of this machine: each has a deadline, and there is a bound on their number."""
    with editing("-c", IMPATIENT, str(write_notebooks(tmp_path))) as process, ExitStack() as wires:
        editor = Editor(process)
        place = ("127.0.0.1", int(editor.origin.rpartition(":")[2]))
        silent = [wires.enter_context(socket.create_connection(place, timeout=20)) for _ in range(60)]
        silent[-1].sendall(b"GET / HTTP/1.1\r\nHo")
        with editor.client() as client:
            assert client.get(editor.address).status_code == 303
            assert client.get("/").status_code == 200
        assert [wire.recv(1) for wire in silent] == [b""] * 60  # closed, before their time or after it


@pytest.mark.slow
@pytest.mark.anyio
async def test_nothing_is_loaded_that_lies_in_a_working_directory_of_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted, spoken = tmp_path / "planted", tmp_path / "it was loaded"
    planted.mkdir()
    planted.chmod(0o1777)  # as `/tmp` is
    for name in ("multiprocessing", "struct", "marimo", "msgspec"):
        (planted / f"{name}.py").write_text(f"open({str(spoken)!r}, 'w')")
    monkeypatch.chdir(planted)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "command").write_text(f"if __name__ == '__main__':\n    {EDIT}\n")
    with editing(str(folder / "command"), str(write_notebooks(folder))) as process:
        editor = Editor(process)
        with editor.client() as client:
            assert client.get(editor.address).status_code == 303
            assert CODE in await _first_word(editor, origin=editor.origin, cookie=_cookie(client))
    assert not spoken.exists()
