"""Loopback that is IPv6 only, or IPv4 only: what listens there finds an address, and says it."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from workbench.cli import demo_environment
from workbench.database.embedded import loopback
from workbench.database.embedded.server import EmbeddedServer
from workbench.errors import ConfigurationError
from workbench.linkedin.auth import redirect_listener
from workbench.linkedin.auth.redirect_listener import Callback
from workbench.paths import http_origin, loopback_address
from workbench.sandbox import Sandbox
from workbench.web.server import free_port

_IPV6 = socket.has_ipv6


class _OnlyOne(socket.socket):
    lacking = socket.AF_INET

    def bind(self, address: Any) -> None:
        if self.family == self.lacking:
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        super().bind(address)


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["no IPv4", "no IPv6"])
def lacking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> socket.AddressFamily:
    monkeypatch.setattr(_OnlyOne, "lacking", request.param)
    monkeypatch.setattr(socket, "socket", _OnlyOne)
    return request.param


def test_the_address_of_loopback_is_one_that_there_is(lacking: socket.AddressFamily) -> None:
    address = "::1" if lacking == socket.AF_INET else "127.0.0.1"
    assert loopback_address() == address
    assert free_port() > 0
    assert http_origin(address, 80) == ("http://[::1]:80" if ":" in address else "http://127.0.0.1:80")


def test_the_redirect_is_received_at_localhost(lacking: socket.AddressFamily) -> None:
    port = free_port()

    async def listen() -> list[socket.AddressFamily]:
        async with Callback(f"http://localhost:{port}/callback", lambda query: None) as callback:
            return [listener.family for server in callback._servers for listener in server.sockets]

    (family,) = asyncio.run(listen())
    assert family != lacking


def test_the_demo_is_sent_back_to_an_address_that_there_is(lacking: socket.AddressFamily) -> None:
    app = SimpleNamespace(url="", client_id="", client_secret="")
    host = "[::1]" if lacking == socket.AF_INET else "127.0.0.1"
    assert f"LINKEDIN_REDIRECT_URI=http://{host}:" in demo_environment._env(cast(Sandbox, app))


def test_the_embedded_database_is_reached_at_an_address_that_there_is(lacking: socket.AddressFamily) -> None:
    async def listen() -> socket.AddressFamily:
        server = cast(EmbeddedServer, None)  # no client comes
        async with await loopback.listen(server, port=0, role="r", database="d") as listener:
            return listener.sockets[0].family

    assert asyncio.run(listen()) != lacking


def test_silent_connections_keep_no_redirect_out(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Any account of the machine may connect; the one that came first makes room."""
    monkeypatch.setattr(redirect_listener, "_VISITS", 4)
    port = free_port("127.0.0.1")

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", port)

    async def listen() -> tuple[str, list[bytes]]:
        async with Callback(f"http://127.0.0.1:{port}/callback", lambda query: "") as callback:
            silent = [await connect() for _ in range(12)]
            async with asyncio.timeout(60):
                ended = [await reader.read() for reader, _ in silent[:8]]
            reader, writer = await connect()
            writer.write(b"GET /callback?code=1 HTTP/1.1\r\n\r\n")
            answer = await reader.read()
            for _, one in [*silent, (reader, writer)]:
                one.close()
            assert answer.startswith(b"HTTP/1.1 200 OK")
            return await callback.query(60), ended

    assert asyncio.run(listen()) == ("code=1", [b""] * 8)
    assert capsys.readouterr().err == ""


def test_without_any_loopback_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> socket.socket:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    monkeypatch.setattr(socket, "create_server", refuse)

    async def listen() -> None:
        async with Callback("http://localhost:8765/callback", lambda query: None):
            pass

    with pytest.raises(ConfigurationError, match="Port 8765"):
        asyncio.run(listen())


# --- a machine whose loopback has no IPv4 ----------------------------------------------------------------------------

_BARE = ["unshare", "--net", "sh", "-c", 'ip link set lo up && ip -4 addr flush dev lo && exec "$@"', "sh"]


def _can_unshare() -> bool:
    if not all(map(shutil.which, ("unshare", "ip"))):
        return False
    return subprocess.run([*_BARE, "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--snapshots-only", "--port", "0"],
        ["serve", "--snapshots-only", "--port", "0", "--host", "localhost"],
        ["open"],
        ["sandbox", "--port", "0"],
    ],
)
def test_what_is_served_is_served_on_ipv6(command: list[str], tmp_path: Path) -> None:
    if not _can_unshare():
        pytest.skip("needs a network of its own")
    places = {"WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    workbench = [sys.executable, "-u", "-m", "workbench", *command]
    with subprocess.Popen(
        [*_BARE, *workbench], env=os.environ | places, cwd=tmp_path, text=True, stdout=subprocess.PIPE
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            while (found := re.search(r"http://\[::1\]:\d+\S*", said)) is None:
                line = server.stdout.readline()
                assert line, said
                said += line
            asking = "import httpx, sys; print(httpx.get(sys.argv[1], follow_redirects=False).status_code)"
            inside = [
                "nsenter",
                "--net",
                "--target",
                str(server.pid),
                sys.executable,
                "-c",
                asking,
                found[0].rstrip("."),
            ]
            assert subprocess.run(inside, capture_output=True, text=True, timeout=60).stdout.strip() in (
                "200",
                "303",
                "404",
            )
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
