"""The notebooks as one ASGI app behind the guard: pages to look at, never code, files or an editor.

    app = create_app(login=TokenLogin(addresses), addresses=addresses, mode="readers", ready=…)

Of marimo's endpoints a page gets the few it needs; all others answer 404. Mounted notebooks get no command line:
`mo.cli_args()` is empty in them, whatever the server's own arguments are.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.errors import ConfigurationError
from workbench.guard import Addresses, Guard, Login
from workbench.guard.pages import Refusal, refuse
from workbench.places import shipped

log = logging.getLogger(__name__)

OWNER_PAGES = ("start", "sync", "overview", "campaigns", "creatives", "audiences", "snapshots", "status")
READER_PAGES = ("overview", "campaigns", "creatives", "audiences", "status")

Ready = Callable[[], Mapping[str, Any]]
Mode = Literal["owner", "readers"]

SESSION_SECONDS = 120  # how long a page's kernel outlives a lost connection
READY_SECONDS = 2.0  # an answer of /ready serves for this long
READY_TIMEOUT = 5.0

NO_PAGE = Refusal(404, "There is no such page.", "Use the navigation of the workbench.")

# What a page in run mode asks for (watched in Chromium, marimo 0.25). Not here, and so not there: code, files, exports,
# packages, terminal, language servers, AI, sessions of others.
_GET = re.compile(
    r"(?:|health|assets/[\w./-]+|@file/[^/]+|favicon\.ico|manifest\.json|[\w-]+\.png|public-files-sw\.js)"
)
_POST = frozenset({f"api/kernel/{name}" for name in ("set_ui_element_value", "set_model_value", "function_call")})
_WEBSOCKET = frozenset({"ws"})


def create_app(
    *,
    addresses: Addresses,
    login: Login,
    mode: Mode = "owner",
    notebooks: Sequence[str] | None = None,
    folder: Path | None = None,
    base_url: str = "",
    ready: Ready | None = None,
) -> ASGIApp:
    """The pages as one app, each under `<base_url>/<name>/`; `<base_url>/` leads to the first.

    Args:
        addresses: the origins under which browsers see it; all others are refused.
        login: who may come in (`TokenLogin`, `PasswordLogin`, or `ProxyLogin` where a reverse proxy asks).
        mode: `readers` refuses pages that write.
        notebooks: names of pages, the first of which is shown first; all of the mode's unless told.
        folder: where `<name>.py` lie; ours unless told.
        base_url: the path under which it is reached, such as `/ads`; a proxy passes it on unchanged.
        ready: facts about the data for `/ready`, `{"ready": bool, …}` without secrets; it may fail, take its time
            (up to 5 s) and runs on a thread. Without it there is no `/ready`.

    An app that mounts this one has to pass it ASGI's lifespan events (Starlette does not by itself): kernels end with
    them. Without, stopping takes until open pages have been closed for two minutes.

    Raises:
        ConfigurationError: a page is missing, or is not for readers; `base_url` is not a path.
    """
    names = _names(notebooks, mode)
    files = _files(names, folder or shipped("notebooks"))
    base_url = _base_url(base_url)
    notebooks_app = _marimo(files, base_url)
    pages = _PagesOnly(notebooks_app, base_url=base_url, names=names)
    app = Starlette(routes=[*_routes(base_url, names, ready), Mount("/", pages)], lifespan=_kernels_of(notebooks_app))
    public = re.compile(f"{re.escape(base_url)}(|/health|/ready|/[a-z_]+/manifest\\.json)")
    assets = re.compile(f"{re.escape(base_url)}/[a-z_]+/assets/.+")
    return _AtRoot(
        Guard(
            app,
            addresses=addresses,
            login=login,
            public=lambda path: public.fullmatch(path) is not None,
            concealed=_places(files.values()),
            immutable=lambda path: assets.fullmatch(path) is not None,
        )
    )


def _routes(base_url: str, names: Sequence[str], ready: Ready | None) -> list[Route]:
    first = _redirect(f"{base_url}/{names[0]}/")
    routes = [Route(f"{base_url}/health", _health), Route(f"{base_url}/", first)]
    if base_url:
        routes.append(Route(base_url, first))
    if ready is not None:
        routes.append(Route(f"{base_url}/ready", _Readiness(ready).answer))
    return routes + [Route(f"{base_url}/{name}", _redirect(f"{base_url}/{name}/")) for name in names]


def _redirect(location: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        query = request.url.query
        return RedirectResponse(f"{location}?{query}" if query else location, status_code=303)

    return endpoint


def _names(notebooks: Sequence[str] | None, mode: Mode) -> tuple[str, ...]:
    known = READER_PAGES if mode == "readers" else OWNER_PAGES
    names = known if notebooks is None else tuple(notebooks)
    if notebooks is None or (names and set(names) <= set(known)):
        return names
    raise ConfigurationError(
        f"These pages cannot be served: {', '.join(sorted(set(names) - set(known))) or 'none was named'}.",
        why=f"For {mode} there are {', '.join(known)}.",
        next_step="Name pages out of these, or leave the list out.",
    )


def _files(names: Sequence[str], folder: Path) -> dict[str, Path]:
    files = {name: folder.resolve() / f"{name}.py" for name in names}
    missing = [name for name, file in files.items() if not file.is_file()]
    if not missing:
        return files
    raise ConfigurationError(
        f"These pages are missing: {', '.join(missing)}.",
        why=f"There is no such notebook in {folder}.",
        next_step="Install the workbench again, or name the folder where they are.",
    )


def _places(files: Iterable[Path]) -> list[str]:
    """The folders above the notebooks, innermost first: marimo writes them into its pages, and they name a person."""
    folders = {folder for file in files for folder in file.parents if len(folder.parts) > 2}
    return sorted(map(str, folders), key=len, reverse=True)


def _base_url(base_url: str) -> str:
    path = base_url.rstrip("/")
    if re.fullmatch(r"(/[A-Za-z0-9_-]+)*", path):
        return path
    raise ConfigurationError(
        f"The base URL {base_url!r} cannot be used.",
        why="It is not a path of plain words such as /ads or /team/ads.",
        next_step="Give the path alone; the address belongs to the origins.",
    )


def _marimo(files: Mapping[str, Path], base_url: str) -> ASGIApp:
    import marimo  # starting it takes a second that other commands need not wait

    builder = marimo.create_asgi_app(
        quiet=True, include_code=False, show_tracebacks=False, session_ttl=SESSION_SECONDS, skew_protection=False
    )
    for name, file in files.items():
        builder = builder.with_app(path=f"{base_url}/{name}", root=str(file))
    return builder.build()


def _kernels_of(notebooks_app: ASGIApp) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Ends every kernel when the server stops; a page left open would otherwise keep the process alive for ever."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        for mount in getattr(notebooks_app, "routes", ()):
            if isinstance(mount, Mount):
                await mount.app.state.session_manager.shutdown()  # type: ignore[attr-defined]  # marimo's own app

    return lifespan


class _AtRoot:
    """Routes are written with their full path, so a prefix that was split off (`app.mount`) is put back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "root_path": ""}
        await self.app(scope, receive, send)


class _PagesOnly:
    """Lets a page have what it needs of marimo, and nothing else."""

    def __init__(self, app: ASGIApp, *, base_url: str, names: Sequence[str]) -> None:
        self.app = app
        pages = "|".join(map(re.escape, names))
        self._path = re.compile(f"{re.escape(base_url)}/(?:{pages})/(.*)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._needed(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(NO_PAGE, Headers(scope=scope))(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _needed(self, scope: Scope) -> bool:
        found = self._path.fullmatch(scope["path"])
        if found is None:
            return False
        if scope["type"] == "websocket":
            return found[1] in _WEBSOCKET
        if scope["method"] == "POST":
            return found[1] in _POST
        return scope["method"] in ("GET", "HEAD") and _GET.fullmatch(found[1]) is not None


class _Readiness:
    """Asks `ready` at most every other second, however many ask us."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._asked, self._facts = float("-inf"), dict[str, Any]()
        self._lock: asyncio.Lock | None = None

    async def answer(self, request: Request) -> Response:
        self._lock = self._lock or asyncio.Lock()  # a lock belongs to the loop that first uses it
        async with self._lock:
            if time.monotonic() - self._asked > READY_SECONDS:
                self._facts = await self._ask()
                self._asked = time.monotonic()
        return JSONResponse(self._facts, 200 if self._facts["ready"] else 503)

    async def _ask(self) -> dict[str, Any]:
        try:
            facts = await asyncio.wait_for(asyncio.to_thread(self._ready), READY_TIMEOUT)
        except Exception as error:
            log.warning("Not ready: %s", error)
            return {"ready": False}
        return {"ready": True, **facts}


async def _health(request: Request) -> Response:
    return JSONResponse({"healthy": True})
