"""An OAuth server that answers what a test tells it to, and remembers what it was asked; and tokens to start from."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from pydantic import SecretStr

from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CLIENT_SECRET = "canary-client-secret-0001"
ACCESS = "canary-access-token-0001"
REFRESH = "canary-refresh-token-0001"
NEW_ACCESS = "canary-access-token-0002"
NEW_REFRESH = "canary-refresh-token-0002"
CODE = "canary-code-0001"
CANARIES = (CLIENT_SECRET, CODE, ACCESS, REFRESH, NEW_ACCESS, NEW_REFRESH)
GRANTED = {
    "access_token": NEW_ACCESS,
    "expires_in": 5_184_000,
    "refresh_token": NEW_REFRESH,
    "refresh_token_expires_in": 31_536_000,
    "scope": "r_ads,r_ads_reporting",
    "token_type": "Bearer",
}
ACTIVE = {"active": True, "status": "active", "scope": "r_ads,r_ads_reporting", "authorized_at": 1_790_000_000}
DEAD = {
    "error": "invalid_request",
    "error_description": "The provided authorization grant or refresh token is invalid, expired or revoked",
}

Answer = tuple[int, dict[str, Any] | bytes]


class OAuthServer:
    """Answers one path at a time in order; the last answer stays."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.drips = False  # a byte at a time, so that no read ever times out
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer, lambda: self.drips))
        self._http.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._http.server_port}"

    def tokens(self, *answers: Answer) -> None:
        self._answers["/oauth/v2/accessToken"] = list(answers)

    def introspection(self, *answers: Answer) -> None:
        self._answers["/oauth/v2/introspectToken"] = list(answers)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _answer(self, path: str, form: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append((path, form))
            answers = self._answers.get(path, [(404, {})])
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _handler(
    answer: Callable[[str, dict[str, str]], Answer], drips: Callable[[], bool]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
            status, body = answer(self.path, {name: value for name, (value,) in form.items()})
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if not drips():
                self.wfile.write(content)
                return
            with suppress(OSError):  # the client has gone
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def a_token(**changes: object) -> Token:
    facts: dict[str, object] = {
        "access_token": SecretStr(ACCESS),
        "expires_at": NOW + timedelta(days=60),
        "refresh_token": SecretStr(REFRESH),
        "refresh_token_expires_at": NOW + timedelta(days=365),
        "scopes": ("r_ads", "r_ads_reporting"),
        "issued_at": NOW - timedelta(hours=1),
        "consented_at": NOW - timedelta(hours=1),
        "client_id": "client-1",
    }
    return Token.model_validate(facts | changes)


async def store(settings: Settings, token: Token) -> TokenFile:
    file = TokenFile(settings.token_file)
    async with file.locked():
        file.write(token)
    return file
