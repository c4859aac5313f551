"""marimo's editor over a folder of notebooks, on loopback and behind the same guard as the pages.

An editor runs whatever is typed into it. marimo's own token would not do: its cookie belongs to the host, so a page of
any other local server could open the editor's WebSocket with it. So the guard stands in front of all of it.
"""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench import temporary_folder
from workbench.console import tell
from workbench.errors import ConfigurationError
from workbench.paths import http_origin, loopback_address
from workbench.settings.env_file import refuse_foreign
from workbench.web.connections import Connections, Limits, quiet_handler
from workbench.web.marimo_patches import (
    add_lifespan,
    bound_connections,
    load_no_env_files,
    log_beside_ours,
    read_settings_only_of,
    run_marimo,
    until_listening,
)
from workbench.web.security import Addresses, Guard, TokenLogin
from workbench.web.security.middleware import MEGABYTE
from workbench.web.server import free_port, open_address

_NAME = "workbench-guard"
_HEALTH = "/health"
LARGEST_NOTEBOOK = 64 * MEGABYTE  # saving sends all of it


def edit(folder: Path, *, port: int | None = None, browser: bool = True, limits: Limits | None = None) -> None:
    """The editor, until it is closed; prints and opens one address with a one-time token.

    Args:
        folder: where the notebooks lie.
        port: where it listens on loopback; by default a free one.
        browser: whether to open a browser.
        limits: bounds of the connections; by default ours.

    Raises:
        ConfigurationError: a setting of marimo leaves the guard out.
    """
    os.umask(0o077)  # marimo and its kernels write notebooks, logs and lists of files, for this account alone
    load_no_env_files()
    read_settings_only_of(_is_ours)
    log_beside_ours()
    _load_nothing_planted()
    host = loopback_address()
    port = port or free_port(host)
    base_url = f"/{secrets.token_urlsafe(16)}"  # the cookie's path: it is sent to no other server of this machine
    _stand_in_front(_guarded(http_origin(host, port), base_url, Connections(limits), browser=browser))
    options = [
        "--host",
        host,
        "--port",
        str(port),
        "--base-url",
        base_url,
        "--no-token",
        "--headless",
        "--no-sandbox",
    ]
    run_marimo(["--quiet", "edit", str(folder), *options, "--skip-update-check"])


def _load_nothing_planted() -> None:
    """Let no child of the editor load modules from the working directory if another account may write to it.

    Kernels and language servers are programs of Python, which puts the working directory before everything else.
    """
    try:
        refuse_foreign(Path.cwd())
    except (ConfigurationError, OSError):  # another account's, or gone
        os.environ["PYTHONSAFEPATH"] = "1"


@functools.cache
def _is_ours(file: Path) -> bool:
    """Whether no other account could have written a file with settings; if one could, it is named once on stderr."""
    try:
        refuse_foreign(file)
    except (ConfigurationError, OSError) as error:
        tell(str(error))
        return False
    return True


def _guarded(
    origin: str, base_url: str, connections: Connections, *, browser: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    addresses = Addresses.loopback(urlsplit(origin).port or 80)
    login = TokenLogin(addresses, base_url=base_url)

    async def announce(app: Starlette) -> None:
        await until_listening(app)
        open_address(login.address(origin), browser=browser)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        """Before the first request: nothing of marimo, its language servers' sockets included, is outside."""
        assert app.middleware_stack is not None  # noqa: S101  # Starlette has built it to run this
        app.middleware_stack = Guard(
            _beside_health(app.middleware_stack),
            addresses=addresses,
            login=login,
            public=_HEALTH.__eq__,
            probes=(_HEALTH,),
            max_body=LARGEST_NOTEBOOK,
        )
        bound_connections(app, connections.protocols())
        asyncio.get_running_loop().set_exception_handler(quiet_handler())
        announcing = asyncio.create_task(announce(app))
        yield
        announcing.cancel()
        temporary_folder.remove()  # marimo ends by the signal that stopped it, and then nothing of ours is called

    return lifespan


def _beside_health(app: ASGIApp) -> ASGIApp:
    """The app, and outside of its base path whether the process lives."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == _HEALTH:
            await JSONResponse({"healthy": True})(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answering


def _stand_in_front(lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]) -> None:
    if not add_lifespan(_NAME, lifespan):
        names = ", ".join(name for name in os.environ if name.startswith("MARIMO_SERVER_ASGI_LIFESPAN_"))
        raise ConfigurationError(
            "The editor cannot be opened.",
            why=f"A setting of marimo leaves our guard out ({names}).",
            next_step="Remove that from the environment, and open it again.",
        )
