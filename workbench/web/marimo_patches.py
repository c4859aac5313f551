"""Every touch of marimo's private modules. Each names the version of marimo that it was tried on, and its test.

All of them act on the whole process, and doing one twice changes nothing. If a name of marimo's has gone, they raise
`AttributeError` or `ImportError`, and the server does not start.
"""

from __future__ import annotations

import ast
import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import wraps
from pathlib import Path
from random import SystemRandom
from types import ModuleType
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import ASGIApp

from workbench.files import make_private
from workbench.logs import WEB

_TRIES = 20
_Made = TypeVar("_Made")
_made_patient: list[Callable[..., Any]] = []


def load_no_env_files() -> None:
    """Let no kernel load a `.env` that was not named to marimo; `workbench.settings` reads ours.

    A kernel loads the `.env` beside the notebook's project into the environment of its process. LinkedIn's secrets
    would then reach a server that never reads them, and every process that it starts. And the environment comes first:
    another database than the configured one could be asked.

    marimo 0.25.2; tests/apps/test_serve_command.py.
    """
    from marimo._config import manager

    _replace(manager, "_contextual_defaults")


def use_defaults() -> None:
    """Use marimo's defaults and the notebook's own settings, and none of the person who runs the server.

    A page carries marimo's settings in its HTML, and a person's `marimo.toml` may hold addresses, headers and tokens
    that visitors must not see.

    marimo 0.25.2; tests/apps/test_serve_command.py.
    """
    from marimo._config import manager

    load_no_env_files()
    for reader in (manager.UserConfigStore, manager.PyprojectConfigReader):
        _replace(reader, "read")


def read_settings_only_of(accepted: Callable[[Path], bool]) -> None:
    """Let marimo obey accepted files alone.

    It looks for `.marimo.toml` in every folder above the working directory, and for `pyproject.toml` above the
    notebooks, whichever account wrote them. They say where modules are loaded from and which programs are run.

    marimo 0.25.2; tests/apps/test_marimo_planted.py.
    """
    from marimo._config import manager, utils
    from marimo._server.api.endpoints import assets

    for module, name in (
        (utils, "_check_directory_for_file"),
        (manager, "find_nearest_pyproject_toml"),
        (assets, "find_nearest_pyproject_toml"),
    ):
        setattr(module, name, _only(accepted, getattr(module, name)))


def _only(accepted: Callable[[Path], bool], find: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(find)
    def found(*args: Any) -> Any:
        path = find(*args)
        return path if path is None or accepted(Path(path)) else None

    return found


def log_beside_ours() -> None:
    """Let marimo log into our `web.log` alone: not on the console, and not into a file of its own.

    Its file lies in the account's cache, others may read it, it has no bound, and what visitors send goes there and to
    the console as it is.

    marimo 0.25.2; tests/apps/test_marimo_planted.py.
    """
    from marimo import _loggers

    logger = _loggers.marimo_logger()
    for handler in (*logger.handlers,):
        if isinstance(handler, logging.FileHandler):
            stream = handler.stream
            with suppress(OSError):  # another account's, or a file system without modes
                make_private(stream.fileno() if stream else -1)  # kernels of the editor write into it, too
            handler.close()
    logger.handlers[:] = [_BesideOurs()]


class _BesideOurs(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        for handler in WEB.handlers:
            if isinstance(handler, logging.FileHandler):
                handler.handle(record)


def keep_files_in_memory() -> None:
    """Serve files of pages (downloads, pictures) out of this process's memory alone; what is not there is a 404.

    Until a kernel has begun, marimo takes the name that a visitor gives for one of the machine's shared memory: it
    sends what lies in `/dev/shm` under that name, and removes it when the server ends.

    marimo 0.25.2; tests/apps/test_pages.py.
    """
    from marimo._runtime.virtual_file.storage import InMemoryStorage, VirtualFileStorageManager
    from marimo._server.api.endpoints import assets

    manager = VirtualFileStorageManager()
    if not isinstance(manager.storage, InMemoryStorage):
        manager.storage = InMemoryStorage()
    read = getattr(assets, "read_virtual_file_chunked")  # noqa: B009  (it is not exported)

    @wraps(read)
    def read_if_there(filename: str, byte_length: int, start: int = 0) -> Any:
        if manager.storage is None or not manager.storage.has(filename):
            raise HTTPException(404)  # before the answer begins, not in the middle of it
        return read(filename, byte_length, start)

    setattr(assets, "read_virtual_file_chunked", read_if_there)  # noqa: B010


def name_files_unguessably() -> None:
    """Name the files of pages (downloads, pictures) by the system's random numbers: names open them to every login.

    marimo 0.25.2; tests/apps/test_account_rules.py.
    """
    from marimo._runtime.virtual_file import virtual_file

    getattr(virtual_file, "random").choices  # noqa: B009, B018  (it must be there to be replaced)
    setattr(virtual_file, "random", SystemRandom())  # noqa: B010


def retry_parsing() -> None:
    """Parse whole notebooks, and each of their cells, as `patient` does: every visitor's kernel parses all of it.

    marimo 0.25.2; tests/unit/test_parsing.py.
    """
    import marimo._ast.compiler as cells

    parse_patiently(ast, "parse")
    parse_patiently(cells, "ast_compile")


def run_marimo(arguments: Sequence[str]) -> None:
    """Run marimo's command line in this process, until it ends.

    marimo 0.25.2; tests/apps/test_editor.py.
    """
    from marimo._cli.cli import main

    main([*arguments], standalone_mode=False)


def add_lifespan(name: str, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]) -> bool:
    """Run a lifespan of ours around marimo's server; false if a list in the environment leaves it out.

    It is registered where marimo takes a host's own lifespans (entry points `marimo.server.asgi.lifespan`).

    marimo 0.25.2; tests/apps/test_editor.py.
    """
    from marimo._server.registry import LIFESPAN_REGISTRY

    LIFESPAN_REGISTRY.register(name, lifespan)
    return name in LIFESPAN_REGISTRY.names()


def bound_connections(app: Starlette, protocols: Mapping[str, Any]) -> None:
    """Let marimo's own server, which starts this app, make its connections by protocols of ours.

    uvicorn asks its configuration for them after the lifespans have begun.

    Args:
        app: marimo's.
        protocols: `http`, `ws` and `backlog`, as options of a `uvicorn.Config`.

    marimo 0.25.2, uvicorn 0.54; tests/apps/test_editor.py.
    """
    config = app.state.server.config
    for name in ("http_protocol_class", "ws_protocol_class", "backlog"):
        getattr(config, name)  # it must be there to be replaced
    config.http_protocol_class, config.ws_protocol_class = protocols["http"], protocols["ws"]
    config.backlog = protocols["backlog"]


async def until_listening(app: Starlette) -> None:
    """Wait until marimo's own server, which starts this app, takes connections.

    marimo 0.25.2, uvicorn 0.54; tests/apps/test_editor.py.
    """
    while not app.state.server.started:  # noqa: ASYNC110  (uvicorn tells it by this flag alone)
        await asyncio.sleep(0.02)


def session_managers(notebooks_app: ASGIApp) -> dict[str, Any]:
    """The session manager of each page of an app that marimo made of notebooks, by the page's path.

    `state.session_manager` is not documented: marimo 0.25.2; tests/apps/test_page_sessions.py.
    """
    mounts = [mount for mount in getattr(notebooks_app, "routes", ()) if isinstance(mount, Mount)]
    return {mount.path: mount.app.state.session_manager for mount in mounts}  # type: ignore[attr-defined]  # marimo's


async def end_sessions(notebooks_app: ASGIApp) -> None:
    """End every kernel of an app that marimo made of notebooks."""
    for manager in session_managers(notebooks_app).values():
        await manager.shutdown()


def parse_patiently(module: ModuleType, name: str) -> None:
    """Make a module's function that parses `patient`."""
    parse = getattr(module, name)
    if parse not in _made_patient:
        _made_patient.append(patient(parse))
        setattr(module, name, _made_patient[-1])


def patient(parse: Callable[..., _Made]) -> Callable[..., _Made]:
    """`parse`, tried again if another thread disturbed it. What is wrong with a source is raised at once.

    CPython 3.11 (seen in 3.11.7) and 3.12 before 3.12.2 count the depth of all syntax trees under construction
    together. If another thread gets its turn in the middle (a garbage collection with a finalizer is enough), the count
    looks wrong, and a sound source ends in `SystemError: AST constructor recursion depth mismatch`
    (python/cpython#106905). A page would then stay blank.
    """

    @wraps(parse)
    def patiently(*args: Any, **kwargs: Any) -> _Made:
        for _ in range(_TRIES):
            try:
                return parse(*args, **kwargs)
            except SystemError as error:
                if "recursion depth mismatch" not in str(error):
                    raise
        return parse(*args, **kwargs)

    return patiently


def _replace(owner: Any, name: str) -> None:
    """Let a function of marimo's find no settings; raises `AttributeError` if marimo has no such function."""
    getattr(owner, name)
    setattr(owner, name, _nothing)


def _nothing(*_: object) -> dict[str, Any]:
    return {}
