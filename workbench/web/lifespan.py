"""Start and end of a server of pages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from starlette.types import ASGIApp

from workbench.web.marimo_patches import end_sessions
from workbench.web.readiness import Ready

Lifespan = Callable[[object], AbstractAsyncContextManager[None]]
_WARM_UP_SECONDS = 10.0  # how long a server that stops waits for what it prepared


def lifespan_of(notebooks_app: ASGIApp, ready: Ready) -> Lifespan:
    """What a server does as it starts and stops: it gets ready for the first visitor, and ends every kernel.

    A page left open would otherwise keep the process alive for ever.
    """

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        warm_up = threading.Thread(target=_warm_up, args=(ready,), name="warm-up", daemon=True)
        warm_up.start()
        yield
        await end_sessions(notebooks_app)
        await asyncio.to_thread(warm_up.join, _WARM_UP_SECONDS)  # an interpreter that ends while DuckDB works aborts

    return lifespan


def _warm_up(ready: Ready) -> None:
    """Do before the first visit what takes time: imports, a pool, opening snapshots."""
    from workbench import (
        charts,  # noqa: F401
        pages,  # noqa: F401
    )

    with suppress(Exception):  # the next request reports the error
        ready()
