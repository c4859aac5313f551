"""A host's own app, which mounts the report pages under a path of theirs: run by tests as a person would run it."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from workbench.web.app import create_app
from workbench.web.security import Addresses, TokenLogin

PREFIX = "/team/ads"
GREETING = "The host's own page"


def main(port: int) -> None:
    addresses = Addresses.loopback(port)
    login = TokenLogin(addresses, base_url=PREFIX)
    pages = create_app(addresses=addresses, login=login, source="snapshots", base_url=PREFIX)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with pages.lifespan(app):
            print(f"Open {login.address(f'http://127.0.0.1:{port}')}", flush=True)
            yield
        print("All of it has ended.", flush=True)

    async def home(request: Request) -> Response:
        return PlainTextResponse(GREETING)

    app = Starlette(routes=[Route("/", home), Mount(PREFIX, pages)], lifespan=lifespan)
    listener = socket.create_server(("127.0.0.1", port))  # before the address is said
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[sys.argv.index("--port") + 1]))
