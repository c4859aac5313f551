"""A sync that a page started depends on no tab, kernel or server: whatever becomes of them, it ends at the truth."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
import websockets
from marks import slow_except
from sqlalchemy import URL

from sync.installation import Installation, differences, differences_of_views, until
from workbench.pipeline import background
from workbench.sandbox import Sandbox
from workbench.web.server import free_port

PAGE = """
import marimo

app = marimo.App()


@app.cell
def click():
    from workbench.pipeline import background

    background.start_sync()
    return
"""
SERVER = """
import sys

import marimo
import uvicorn

page, port = sys.argv[1:]
app = marimo.create_asgi_app().with_app(path="", root=page).build()
uvicorn.run(app, port=int(port), log_level="error", timeout_graceful_shutdown=1)
"""


@pytest.fixture
def installation(database_url: URL, tmp_path: Path) -> Iterator[Installation]:
    """One that lives now: a process that a page starts has no other clock than the machine's."""
    with Sandbox() as sandbox:
        noon = datetime.combine(sandbox.clock.today, time(12), UTC)  # from when an installation counts
        yield Installation(sandbox, database_url, tmp_path, started=noon)


@pytest.fixture
def pages(installation: Installation) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A page in a marimo server of its own, with everything that it starts in its process group."""
    page, port = installation.folder / "page.py", free_port()
    page.write_text(PAGE)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(page), str(port)],
        env={**kept, **installation.environment(), "MARIMO_SKIP_UPDATE_CHECK": "1"},
        cwd=installation.folder,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # under nohup it would be deaf to it
    )
    yield process, port
    process.kill()
    process.wait()


async def _click(installation: Installation, process: subprocess.Popen[bytes], port: int, end: str) -> None:
    """Open the page, which starts a sync; once that is at work, end what it was started from."""
    await asyncio.to_thread(until, lambda: _listens(port), 60)
    url = f"ws://127.0.0.1:{port}/ws?session_id=s_{os.urandom(3).hex()}"
    async with asyncio.timeout(180), websockets.connect(url, proxy=None, max_size=None, open_timeout=60):
        await asyncio.to_thread(until, lambda: installation.sandbox.requests.count() > 3, 60)
        if end != "tab":
            os.killpg(process.pid, signal.SIGKILL if end == "kernel" else signal.SIGHUP)
            await asyncio.to_thread(process.wait)


def _listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("end", slow_except("kernel", of=["tab", "kernel", "terminal"]))
def test_a_sync_goes_on_when_what_it_was_started_from_is_gone(
    installation: Installation, pages: tuple[subprocess.Popen[bytes], int], end: str
) -> None:
    installation.sandbox.faults.add(".", "slow", seconds=0.5, times=None)

    asyncio.run(_click(installation, *pages, end))

    assert [row["status"] for row in installation.query("select status from sync_log")] == ["running"]
    installation.sandbox.faults.clear()
    until(lambda: installation.value("select status from sync_log") != "running", 60)
    (log,) = installation.query("select trigger, status, error from sync_log")
    assert log == {"trigger": "notebook", "status": "done", "error": None}
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    installation.sandbox.requests.clear()
    assert installation.outcome()[0] == 0
    assert installation.requests() == [], "what was just synced is fresh"


@pytest.mark.slow
def test_it_loads_no_module_from_the_folder_in_which_pages_were_opened(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder such as `/tmp`, into which another account has put a module by the name of one of ours."""
    planted, spoken = tmp_path / "planted", tmp_path / "it was loaded"
    planted.mkdir()
    for name in ("httpx", "typer", "workbench"):
        (planted / f"{name}.py").write_text(f"open({str(spoken)!r}, 'w')")
    monkeypatch.chdir(planted)
    for name, value in installation.environment().items():
        monkeypatch.setenv(name, value)
    process = background._spawn(["--help"], tmp_path).process
    assert (process.wait(60), spoken.exists()) == (0, False)
