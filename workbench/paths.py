"""Find the checkout or the installed package, the `.env` file, and loopback addresses. Reads no setting."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""How a machine says that it lacks IPv4, or IPv6."""

PACKAGE = Path(__file__).resolve().parent
_PARENT = PACKAGE.parent
CHECKOUT: Path | None = _PARENT if (_PARENT / "pyproject.toml").is_file() and (_PARENT / "notebooks").is_dir() else None


def shipped(*parts: str) -> Path:
    """The path of what we ship (`notebooks`, `sql`, `snapshots/sample`): the checkout's first, then the wheel's."""
    for root in (CHECKOUT, PACKAGE):
        if root is not None and (path := root.joinpath(*parts)).exists():
            return path
    raise FileNotFoundError(f"{'/'.join(parts)} is missing from this installation of the workbench")


def working_folder() -> Path | None:
    """The working directory; None where it is gone, or this account may not enter it."""
    try:
        return Path.cwd()
    except OSError:
        return None


def nearest_env_file(start: Path | None) -> Path | None:
    """The nearest `.env` from `start` upward, else the checkout's, else None."""
    folders = [start, *start.parents] if start is not None else []
    if CHECKOUT is not None:
        folders.append(CHECKOUT)
    return next((file for folder in folders if is_file(file := folder / ".env")), None)


def is_file(path: Path) -> bool:
    """Whether a path is a file; False in a folder that this account cannot enter, and of a name that is too long."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; False where `is_file` is."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_url(text: str) -> bool:
    """Whether a text is a URL: as a path, `s3://bucket` would name a folder `s3:` of this machine."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", text.strip()))


def loopback_origin(url: str) -> bool:
    """Whether `url` is `http(s)://host[:port]` and nothing more, with a host that never leaves this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment or parts.username:
        return False
    return is_loopback(parts.hostname or "")


def loopback_address() -> str:
    """The loopback address: 127.0.0.1, or ::1 where there is no IPv4."""
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return "127.0.0.1"
    except OSError as error:
        return "::1" if error.errno in NO_SUCH_ADDRESS else "127.0.0.1"


def http_origin(host: str, port: int) -> str:
    """The origin of a plain HTTP server; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
