"""Run an app on a port until a signal stops it, and print its address.

One process and one worker: marimo keeps its sessions in memory.
"""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from urllib.parse import urlsplit

import typer
import uvicorn
from starlette.types import ASGIApp

from workbench import logs
from workbench.browser import can_show_a_page, open_privately
from workbench.errors import ConfigurationError, OptionError
from workbench.paths import is_loopback, loopback_address
from workbench.web.connections import Connections, Limits, quiet_handler
from workbench.web.security.middleware import MEGABYTE

STOP_SECONDS = 3  # open pages are closed after this long
_QUEUE = 1024  # connections that the kernel holds until they are accepted
_PATIENCE = 300  # tenths of a second until an editor has loaded


def free_port(host: str | None = None) -> int:
    """A port that is free at this moment, on loopback unless a host is given.

    Raises:
        ConfigurationError: nothing can listen on this host.
    """
    with _listening(host or loopback_address(), 0) as probe:
        port: int = probe.getsockname()[1]
        return port


def serve(
    app: ASGIApp,
    *,
    port: int,
    host: str | None = None,
    started: Callable[[], None] | None = None,
    trusted_proxies: str | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then return, so that whatever the caller started can be stopped too.

    Forgets our own command line (`sys.argv`), which notebooks would otherwise take for theirs.

    Args:
        app: what to serve; it has a guard.
        port: the port to listen on.
        host: the address to listen on; by default loopback's.
        started: called once when requests are answered.
        trusted_proxies: addresses whose `X-Forwarded-*` headers are believed (uvicorn's `forwarded_allow_ips`).
        limits: bounds of the connections; by default ours.

    Raises:
        ConfigurationError: nothing can listen on this host and port.
    """
    connections = Connections(limits, proxies=_addresses(trusted_proxies))
    config = uvicorn.Config(
        app,
        access_log=False,  # it would write the one-time token down
        date_header=True,
        forwarded_allow_ips=trusted_proxies,
        log_level="error",  # a warning for every request that is no HTTP would be one for every stranger's whim
        proxy_headers=trusted_proxies is not None,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        ws_max_size=MEGABYTE,
        **connections.protocols(),
    )
    sys.argv = sys.argv[:1]
    host = host or loopback_address()
    serving = logs.event("serve", start=False, host=host, port=port)
    with _listening(host, port) as listener, _signals_end_quietly(), serving as happening:

        def answering() -> None:
            happening.started()
            if started is not None:
                started()

        _Server(config, answering).run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(quiet_handler())
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_QUEUE)
        self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, in order and once: uvicorn takes a second Ctrl-C for leave to leave kernels running and complain."""
        self.should_exit = True


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"Nothing can be served on {host}{f':{port}' if port else ''}.",
                why=error.strerror or "The address is refused.",
                next_step="Choose an address of this machine and a free port, or stop what is using this one.",
            ) from error
        yield listener


@contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """Ignore the signal that uvicorn raises again after it has stopped because of it."""
    try:
        before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread, which alone may do this
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(number: int, frame: FrameType | None) -> None:
    return None


def open_address(address: str, *, browser: bool = True, echo: Callable[[str], None] = typer.echo) -> None:
    """Print one address, and open it where there is a browser to open it in."""
    echo(f"Open {address}")
    if browser and can_show_a_page():
        threading.Thread(target=_show, args=(address,), name="open-url", daemon=True).start()


def _show(address: str) -> None:
    """Open a browser once the port is served, in a thread: some browsers block the caller."""
    place = urlsplit(address)
    for _ in range(_PATIENCE):
        with suppress(OSError), socket.create_connection((place.hostname or "", place.port or 80), timeout=1):
            break
        time.sleep(0.1)
    open_privately(address)


def must_be_guarded(host: str, *, password: bool, proxy: bool) -> None:
    """Refuse to serve beyond this machine with nothing but a one-time token.

    Raises:
        OptionError: `host` is not loopback, and neither a password nor a proxy asks who comes in.
    """
    if is_loopback(host) or password or proxy:
        return
    raise OptionError(
        f"Serving on {host} needs a login.",
        why="Other machines can reach that address.",
        next_step="Give --password-file, or --proxy-login if a reverse proxy signs people in.",
    )


def must_name_proxies(trusted: str | None) -> None:
    """Refuse to trust proxy headers of every sender: password attempts could then not be counted by client.

    Raises:
        OptionError: one of the addresses stands for all, or is none.
    """
    for address in _addresses(trusted):
        if reason := _unfit_proxy(address):
            raise OptionError(
                f"--trusted-proxies {trusted!r} cannot be used.",
                why=reason,
                next_step="Name the proxy's own address, such as 127.0.0.1, or its network, such as 172.16.0.0/12.",
            )


def _addresses(trusted: str | None) -> list[str]:
    return [] if trusted is None else [address.strip() for address in trusted.split(",")]


def _unfit_proxy(address: str) -> str:
    try:
        network = ipaddress.ip_network(address)  # as strict as uvicorn, which trusts no proxy otherwise
    except ValueError:
        return (
            "Every visitor could pretend to be another one."
            if address == "*"
            else f"{address!r} is no address and no network."
        )
    return "Every visitor could pretend to be another one." if network.prefixlen == 0 else ""
