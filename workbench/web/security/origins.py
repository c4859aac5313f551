"""Refuse requests whose Host or Origin is not on a list of our addresses, compared exactly.

A web page anywhere can send a browser to loopback, and can point its own domain name at 127.0.0.1 (DNS rebinding).
The Host header then still carries the page's name, and Origin still names the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import idna
from starlette.datastructures import Headers
from starlette.types import Scope

from workbench.errors import OptionError
from workbench.web.security.responses import Refusal

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:@/?#\\\s]+)(?::(?P<port>[0-9]{1,5}))?")

WRONG_HOST = Refusal(
    421, "This address is not served here.", "Open the address that the workbench printed when it started."
)
WRONG_PATH = Refusal(404, "There is no such page.", "Go back, or open the address that the workbench printed.")
WRONG_ORIGIN = Refusal(403, "Another web page asked for this, and it was refused.", "Open the workbench itself.")


@dataclass(frozen=True)
class Addresses:
    """The origins under which browsers see us, such as `http://127.0.0.1:8080` and `https://reports.example.org`."""

    origins: frozenset[str]

    @classmethod
    def of(cls, *urls: str) -> Addresses:
        """From `scheme://host[:port]`, as many as there are.

        Raises:
            OptionError: one of them is not an http(s) origin.
        """
        return cls(frozenset(_origin(url) for url in urls))

    @classmethod
    def loopback(cls, port: int, *urls: str) -> Addresses:
        """This machine's three names for itself, and `urls` beside them (what a reverse proxy shows)."""
        return cls.of(f"http://127.0.0.1:{port}", f"http://localhost:{port}", f"http://[::1]:{port}", *urls)

    def knows_host(self, host: str) -> bool:
        """Whether a Host header's value is one of ours; the port may be left out only where it is the scheme's own."""
        return bool(self._origins_of(host))

    def secure(self, host: str) -> bool:
        """Whether browsers reach this host by TLS, so that its cookies may be `Secure`."""
        return any(origin.startswith("https://") for origin in self._origins_of(host))

    def _origins_of(self, host: str) -> frozenset[str]:
        """Our origins that a Host header's value can stand for: by http, by https, or by both."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return frozenset()
        port = int(found["port"]) if found["port"] else None
        return self.origins & {_written(scheme, found["name"], port) for scheme in _DEFAULT_PORTS}

    def refusal(self, scope: Scope, *, any_host: bool = False) -> Refusal | None:
        """The reason to refuse a request or WebSocket by its Host and Origin; None: go on.

        Args:
            any_host: whether a request under a name that is not ours may go on, too; not one of another web page.
        """
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if not any_host and (len(hosts) != 1 or not self.knows_host(hosts[0])):
            return WRONG_HOST
        if not _plain(scope):
            return WRONG_PATH
        if not self._expected_origin(scope, headers) or not _expected_site(scope, headers):
            return WRONG_ORIGIN
        return None

    def _expected_origin(self, scope: Scope, headers: Headers) -> bool:
        """Origin is that of the host asked for, and must be sent with whatever changes something or stays open.

        Another of our origins is not enough: another program may listen on the same port of a reader's own machine.
        """
        origins = headers.getlist("origin")
        if not origins:
            return scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        return len(origins) == 1 and origins[0] in self._origins_of(headers.get("host", ""))


def is_navigation(headers: Headers) -> bool:
    """Whether a person goes to a page in a tab of its own: not an image, script, frame or fetch of another page."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def from_elsewhere(headers: Headers) -> bool:
    """Whether another site's page, or a page on another port of this host, is behind a request.

    Browsers say so on https and on loopback; elsewhere Host, Origin and the cookie have to do.
    """
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _expected_site(scope: Scope, headers: Headers) -> bool:
    if not from_elsewhere(headers):
        return True
    return scope["type"] == "http" and scope["method"] == "GET" and is_navigation(headers)


def _plain(scope: Scope) -> bool:
    """Whether a path is plain: decoded once, without `.` and `..`, backslashes and control characters."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" in raw.lower() or unquote(path) != path:  # an encoded slash, or encoded twice
        return False
    return not any(part in (".", "..") for part in path.split("/")) and path.isprintable() and "\\" not in path


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in _DEFAULT_PORTS or url.count("/") > 2 or parts.username or parts.query:
        raise OptionError(
            f"The address {url!r} cannot be used.",
            why="It is not http:// or https:// with a host, perhaps a port, and nothing more.",
            next_step="Write it as https://reports.example.org or http://127.0.0.1:8080.",
        )
    return _written(parts.scheme, f"[{host}]" if ":" in host else _as_browsers_write(host, url), port)


def _as_browsers_write(host: str, url: str) -> str:
    """A host name in ASCII (Punycode): what browsers send, also where people type it in letters of their own."""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise OptionError(
            f"The address {url!r} cannot be used.",
            why="Its host cannot be written as an internet host name.",
            next_step="Write it as browsers show it, such as https://xn--bersicht-55a.example.",
        ) from error


def _written(scheme: str, name: str, port: int | None) -> str:
    """An origin as browsers write it."""
    return f"{scheme}://{name}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[scheme]) else "")
