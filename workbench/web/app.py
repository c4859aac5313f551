"""Make one ASGI app of the notebooks, behind the guard: pages only, never code, files or an editor.

    pages = create_app(addresses=Addresses.of("https://example.com"), login=ProxyLogin(), base_url="/ads")

    app = FastAPI(lifespan=pages.lifespan)     # or Starlette; served by itself, `pages` is an app of its own
    app.mount("/ads", pages)

Of marimo's endpoints a page gets the few it needs; all others answer 404. Mounted notebooks get no command line:
`mo.cli_args()` is empty in them, whatever the server's own arguments are. There is one such app in a process, because
pages and pools ask the process what they are to show (`context`, `present`).
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.app_context import Context, serve_as
from workbench.errors import ConfigurationError, OptionError, StorageError
from workbench.paths import shipped, working_folder
from workbench.queries.sources import Access, Source
from workbench.schema.pages import NAMES, READER_NAMES
from workbench.temporary_folder import provide_for_libraries
from workbench.web.account_rules import AccountRules
from workbench.web.landing import landing, redirect
from workbench.web.lifespan import Lifespan, lifespan_of
from workbench.web.marimo_patches import (
    keep_files_in_memory,
    log_beside_ours,
    name_files_unguessably,
    retry_parsing,
    session_managers,
    use_defaults,
)
from workbench.web.marimo_proxy import PageRequests, conceal, share_assets
from workbench.web.own_notebooks import OwnNotebook, for_mode
from workbench.web.page_head import HEAD
from workbench.web.page_sessions import PageLimits, PageSessions
from workbench.web.readiness import Readiness, Ready, readiness
from workbench.web.security import Addresses, Guard, Login, PasswordLogin
from workbench.web.viewers import Viewers

_LOG = logging.getLogger(__name__)

OWNER_PAGES, READER_PAGES = NAMES, READER_NAMES

Mode = Literal["owner", "readers"]

VERSION_SECONDS = 1.0  # how long a data version is reused: one page asks for it ten times
SESSION_SECONDS = 120  # how long a page's kernel outlives a lost connection


class Pages:
    """The app. `lifespan` is for an app that mounts it: Starlette does not pass those events on by itself.

    Without them, stopping takes until open pages have been closed for two minutes.
    """

    def __init__(self, app: ASGIApp, *, base_url: str, lifespan: Lifespan, hidden: bool = False) -> None:
        self._app, self._base_url, self.lifespan = app, base_url, lifespan
        self._hidden = hidden

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Routes are written with their full path, so what a mount or a proxy has split off is put back."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "path": self._full(scope["path"]), "root_path": ""}
        await self._app(scope, receive, send)

    def _full(self, path: str) -> str:
        whole = path == self._base_url or path.startswith(f"{self._base_url}/")
        if whole or (self._hidden and path not in ("/health", "/ready")):
            return path
        return f"{self._base_url}{path}"


def create_app(
    *,
    addresses: Addresses,
    login: Login,
    mode: Mode = "readers",
    source: Source = "database",
    notebooks: Sequence[str] | None = None,
    folder: Path | None = None,
    base_url: str = "",
    ready: Ready | None = None,
    hidden: bool = False,
    limits: PageLimits | None = None,
    accounts: AccountRules | None = None,
    own: Sequence[OwnNotebook] = (),
) -> Pages:
    """The pages as one app, each under `<base_url>/<name>/`; `<base_url>/` leads to the first (`landing`).

    Args:
        addresses: the origins under which browsers see it; all others are refused.
        login: who may come in (`TokenLogin`, `PasswordLogin`, or `ProxyLogin` where a reverse proxy asks).
        mode: `readers` get the report pages, read-only: one source, and of the database through a role that can only
            read. The `owner` gets all pages, and all sources.
        source: what readers are shown.
        notebooks: names of our pages in `folder`, the first of which is shown first; by default all of the mode's.
        base_url: the path under which browsers reach it, such as `/ads`; a proxy may pass it on or strip it.
        ready: facts about the data for `/ready`, `{"ready": bool, …}` without secrets, within 5 s; by default ours.
        hidden: whether `base_url` is a secret of the one who has the address: then no path is completed with it
            but those of a health check.
        limits: how many pages may be open at once; by default ours.
        accounts: which accounts readers may see; by default all.
        own: notebooks of the installation's own, which come after ours; readers get those that are for them.

    Raises:
        ConfigurationError: a page is missing, or is not for readers; `base_url` is not a path; the database's role
            can write.
        StorageError: the embedded database cannot be started.
    """
    beside = {one.name: one for one in for_mode(own, readers=mode == "readers")}
    files = _files(_names(notebooks, mode), folder or shipped("notebooks"))
    files |= {name: one.file for name, one in beside.items()}
    names, labels = tuple(files), {name: one.label for name, one in beside.items()}
    base_url = _base_url(base_url)
    way_out = login.way_out if isinstance(login, PasswordLogin) else ""
    viewers = Viewers(accounts or AccountRules(), login.name)
    _take_over(mode, source, Context(pages=names, base_url=base_url, way_out=way_out, labels=labels), viewers)
    notebooks_app = _marimo(files, base_url)
    ready = ready or viewers.for_all(lambda: readiness(source))
    lifespan = lifespan_of(notebooks_app, ready)
    sessions = PageSessions(notebooks_app, session_managers(notebooks_app), limits=limits)
    if isinstance(login, PasswordLogin):
        login.when_left = sessions.leave
    pages = PageRequests(sessions, base_url=base_url, names=names)
    routes = _routes(base_url, names, ready)
    app = Starlette(routes=[*routes, Mount("/", pages)], lifespan=lifespan)
    public = re.compile(f"{re.escape(base_url)}(|/health|/ready|/[a-z_]+/manifest\\.json)")
    assets = re.compile(f"{re.escape(base_url)}(?:/[a-z_]+)?/assets/.+")
    places = _places(files.values())
    guard = Guard(
        viewers.around(app),
        addresses=addresses,
        login=login,
        public=lambda path: public.fullmatch(path) is not None,
        probes=(f"{base_url}/health", f"{base_url}/ready"),
        edited=lambda html: share_assets(conceal(html, places), base_url),
        immutable=lambda path: assets.fullmatch(path) is not None,
        ended=sessions.expire,
    )
    return Pages(guard, base_url=base_url, lifespan=lifespan, hidden=hidden)


def _take_over(mode: Mode, source: Source, context: Context, viewers: Viewers) -> None:
    """Set what the pages of this process may show and ask; for readers this is final."""
    if mode == "owner":
        from workbench.pipeline.background import cancel_sync  # never in a process that serves readers

        serve_as(replace(context, cancel_sync=cancel_sync))
        _allow(Access(version_seconds=VERSION_SECONDS))
        return
    serve_as(replace(context, readers=True))
    _allow(Access((source,), readers=True, accounts=viewers.accounts, version_seconds=VERSION_SECONDS))
    _only_read(source)


def _allow(access: Access) -> None:
    from workbench.queries.api import default

    default.use(access)


def _only_read(source: Source) -> None:
    from workbench.database.connection import Database
    from workbench.database.reader_role import ensure_reader
    from workbench.database.reader_session import refuse_writer, warn_of_excess
    from workbench.settings.fields import ReaderSettings, read_settings

    if source != "database":
        return
    database = Database.of(read_settings(ReaderSettings))
    if database.is_embedded:
        ensure_reader(database)
        return
    try:
        with database.connect() as connection:
            refuse_writer(connection)
            warn_of_excess(connection)
    except StorageError as error:  # pages show the error, and recover when it is back
        _LOG.warning("Served without its database: %s", error)


def _routes(base_url: str, names: Sequence[str], ready: Ready) -> list[Route]:
    first = landing(base_url, names)
    routes = [Route(f"{base_url}/health", _health), Route(f"{base_url}/ready", Readiness(ready).answer)]
    routes += [Route(path, first) for path in {f"{base_url}/", base_url or "/"}]
    return routes + [Route(f"{base_url}/{name}", redirect(f"{base_url}/{name}/")) for name in names]


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
    raise OptionError(
        f"The base URL {base_url!r} cannot be used.",
        why="It is not a path of plain words such as /ads or /team/ads.",
        next_step="Give the path alone; the address belongs to the origins.",
    )


def _marimo(files: Mapping[str, Path], base_url: str) -> ASGIApp:
    provide_for_libraries()
    if working_folder() is None:
        os.chdir("/")  # marimo asks where it is
    import marimo  # starting it takes a second that other commands need not wait

    use_defaults()
    log_beside_ours()
    keep_files_in_memory()
    name_files_unguessably()
    retry_parsing()
    builder = marimo.create_asgi_app(
        quiet=True,
        include_code=False,
        show_tracebacks=False,
        session_ttl=SESSION_SECONDS,
        skew_protection=False,
        html_head=HEAD,
    )
    for name, file in files.items():
        builder = builder.with_app(path=f"{base_url}/{name}", root=str(file))
    return builder.build()


async def _health(request: Request) -> Response:
    return JSONResponse({"healthy": True})
