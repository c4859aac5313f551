"""The ASGI application: journal and faults around sign-in, API and control endpoints."""

from __future__ import annotations

import asyncio
import base64
import gzip
import secrets
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.sandbox.api.gateway import Incoming, endpoint_name
from workbench.sandbox.clock import Clock
from workbench.sandbox.control import fault_effects
from workbench.sandbox.control.fault_effects import Answer, Connection
from workbench.sandbox.control.faults import Fault
from workbench.sandbox.control.request_log import Entry
from workbench.sandbox.control.routes import control_routes
from workbench.sandbox.control.service import Service
from workbench.sandbox.oauth import endpoints
from workbench.sandbox.refusals import Refusal

_GZIP_FROM = 1_000


def create_app(service: Service) -> ASGIApp:
    """The sandbox as an ASGI application."""
    pages = _pages(service)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        connection = Connection.of(send)
        send = _dated(service.clock, send)
        if scope["path"] == "/":  # LinkedIn's front door: no resource, so its requests are not counted
            await Response(status_code=404)(scope, receive, send)
            return
        if scope["path"].startswith("/_sandbox"):
            await pages(scope, receive, send)
            return
        await _Exchange(service, pages, scope, receive, send, connection).run()

    return app


def _dated(clock: Clock, send: Send) -> Send:
    """A `send` whose answers carry the sandbox's own time in their Date header."""

    async def dated(message: Any) -> None:
        if message["type"] == "http.response.start":
            date = format_datetime(clock.now(), usegmt=True).encode()
            message = {**message, "headers": [*message["headers"], (b"Date", date)]}
        await send(message)

    return dated


def _pages(service: Service) -> Starlette:
    authority = service.authority

    async def consent(request: Request) -> Response:
        return endpoints.authorization(authority, request)

    async def exchange(request: Request) -> Response:
        return await endpoints.access_token(authority, request)

    async def introspect(request: Request) -> Response:
        return await endpoints.introspect_token(authority, request)

    return Starlette(
        routes=[
            Route("/oauth/v2/authorization", consent),
            Route("/oauth/v2/accessToken", exchange, methods=["POST"]),
            Route("/oauth/v2/introspectToken", introspect, methods=["POST"]),
            *control_routes(service),
        ]
    )


class _Exchange:
    """One request and its answer, with whatever fault was ordered for it."""

    def __init__(
        self, service: Service, pages: ASGIApp, scope: Scope, receive: Receive, send: Send, connection: Connection
    ) -> None:
        self.service, self.pages, self.connection = service, pages, connection
        self.scope, self.receive, self.send = scope, receive, send
        self.path = scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        self.query = scope["query_string"].decode("ascii", "replace")
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.endpoint = endpoint_name(self.path)

    async def run(self) -> None:
        sign_in = self.path.startswith("/oauth/")
        shown_query = "" if sign_in else self.query
        entry = self.service.journal.open(self.endpoint, self.scope["method"], self.path, shown_query, self.headers)
        request = f"{self.scope['method']} {self.path}?{shown_query}"
        fault = self.service.faults.strike(self.endpoint, request)
        entry.fault = fault.fault if fault else None
        try:
            await self._carry_out(entry, fault)
        finally:
            self.service.journal.close(entry)

    async def _carry_out(self, entry: Entry, fault: Fault | None) -> None:
        if fault is not None and fault.fault == "drop":
            await self.connection.drop()
            return
        if fault is not None and fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
        answer = fault_effects.instead(fault, self.endpoint) if fault else None
        if answer is None:
            answer = await self._own_answer()
            if fault is not None:
                answer = fault_effects.changed(fault, answer, self.query)
        entry.status = answer.status
        await self._send(self._compressed(answer), fault)

    async def _own_answer(self) -> Answer:
        if self.path.startswith("/oauth/"):
            return await self._page()
        incoming = Incoming(
            method=self.scope["method"],
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=await self._body(),
        )
        try:
            return Answer(200, self.service.gateway.answer(incoming))
        except Refusal as refusal:
            return fault_effects.refused(refusal)

    async def _body(self) -> bytes:
        body, more = b"", True
        while more:
            message = await self.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return body

    async def _page(self) -> Answer:
        """The answer of a sign-in page, caught before it is sent."""
        answer = Answer(500, b"")

        async def catch(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {
                    name.decode("latin-1").title(): value.decode("latin-1") for name, value in message["headers"]
                }
                answer.headers.pop("Content-Length", None)
            else:
                answer.body += message.get("body", b"")

        await self.pages(self.scope, self.receive, catch)
        return answer

    def _compressed(self, answer: Answer) -> Answer:
        accepted = "gzip" in self.headers.get("accept-encoding", "")
        known = "Content-Encoding" in answer.headers
        if known or not accepted or not self.service.switches.gzip or len(answer.body) < _GZIP_FROM:
            return answer
        headers = {**answer.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Answer(answer.status, gzip.compress(answer.body, 1, mtime=0), headers)

    async def _send(self, answer: Answer, fault: Fault | None) -> None:
        head = {"type": "http.response.start", "status": answer.status, "headers": _headers(answer)}
        if fault is not None and fault.fault == "cut":
            await fault_effects.send_cut(self.send, self.connection, head, answer.body)
        elif fault is not None and fault.fault == "drip":
            await fault_effects.send_slowly(self.send, head, answer.body, fault.seconds)
        else:
            await self.send(head)
            await self.send({"type": "http.response.body", "body": answer.body})


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    """LinkedIn's response headers (observed 2023), with those of the answer."""
    named = {
        "Content-Type": "application/json",
        "X-RestLi-Protocol-Version": "2.0.0",
        "X-Li-Fabric": "prod-ltx1",
        "X-Li-Source-Fabric": "prod-lva1",
        "X-Li-Pop": "azd-prod-ltx1-x",
        "X-LI-Proto": "http/1.1",
        "X-LI-UUID": base64.b64encode(secrets.token_bytes(16)).decode(),
        **answer.headers,
        "Content-Length": str(len(answer.body)),
    }
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
