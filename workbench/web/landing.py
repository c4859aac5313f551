"""Lead browsers to a page: to the first one, to the start page while nothing was synced, to a path that ends in `/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workbench.errors import StorageError
from workbench.queries.api import data_version
from workbench.queries.sources import Source

_LANDING, _WHILE_EMPTY = "today", "start"
_OWN_DATA: tuple[Source, ...] = ("database", "snapshots")


def redirect(location: str) -> Callable[[Request], Response]:
    """An endpoint that leads to one path; the query goes along."""
    return _leading(lambda: location)


def landing(base_url: str, names: Sequence[str]) -> Callable[[Request], Response]:
    """An endpoint that leads to the first page; from Today to Start, where that is a page, while nothing was synced."""

    def page() -> str:
        empty = names[0] == _LANDING and _WHILE_EMPTY in names and not any(map(_holds, _OWN_DATA))
        return f"{base_url}/{_WHILE_EMPTY if empty else names[0]}/"

    return _leading(page)


def _leading(location: Callable[[], str]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        query, path = request.url.query, location()
        return RedirectResponse(f"{path}?{query}" if query else path, status_code=303)

    return endpoint


def _holds(source: Source) -> bool:
    """Whether a source holds data, or cannot be asked: then its pages say why."""
    try:
        data_version(source)
    except StorageError as error:
        return not error.nothing_synced
    return True
