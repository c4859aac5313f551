"""Serving the pages: to their owner on loopback, or read-only to a team. The commands' side of `apps`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workbench.apps import OWNER_PAGES, READER_PAGES, create_app
from workbench.context import Context, serve_as
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.guard import Addresses, Login, Password, PasswordLogin, ProxyLogin, TokenLogin
from workbench.places import is_loopback
from workbench.serving import free_port, must_be_guarded, open_address, serve

Source = str


def serve_to_owner(*, first: str = "start", port: int | None = None, browser: bool = True) -> None:
    """All pages on loopback behind a one-time token, until Ctrl-C."""
    port = port or free_port()
    addresses = Addresses.loopback(port)
    login = TokenLogin(addresses)
    pages = (first, *(name for name in OWNER_PAGES if name != first))
    serve_as(Context(pages=OWNER_PAGES))
    app = create_app(addresses=addresses, login=login, mode="owner", notebooks=pages, ready=readiness)
    address = login.address(f"http://127.0.0.1:{port}")
    serve(app, port=port, started=lambda: open_address(address, browser=browser))


def serve_to_readers(
    *,
    host: str,
    port: int,
    base_url: str,
    origins: Sequence[str],
    password_file: Path | None,
    proxy_login: bool,
    snapshots_only: bool,
    trusted_proxies: str | None,
) -> None:
    """The report pages, read-only, until SIGINT or SIGTERM.

    Raises:
        ConfigurationError: nobody would be asked who they are, beyond this machine.
    """
    must_be_guarded(host, password=password_file is not None, proxy=proxy_login)
    port = port or free_port(host)
    addresses = _addresses(host, port, origins)
    login = _login(addresses, base_url, password_file, proxy=proxy_login)
    source = "snapshots" if snapshots_only else "database"
    _only_read(source)
    serve_as(Context(pages=READER_PAGES, sources=(source,), base_url=base_url.rstrip("/"), readers=True))
    app = create_app(
        addresses=addresses,
        login=login,
        mode="readers",
        base_url=base_url,
        ready=lambda: readiness(source),
    )

    def announce() -> None:
        if isinstance(login, TokenLogin):
            open_address(login.address(f"http://{host}:{port}"), browser=False)
        else:
            open_address(f"{origins[0] if origins else f'http://{host}:{port}'}{base_url}", browser=False)

    serve(app, host=host, port=port, started=announce, trusted_proxies=trusted_proxies)


def readiness(source: Source = "database") -> Mapping[str, Any]:
    """Whether the data can be read and how old it is, for `/ready`: no name, no secret."""
    from workbench.limits import utc_now
    from workbench.questions import query

    try:
        accounts = query("accounts", source=source)  # type: ignore[arg-type]  # one of its sources
    except WorkbenchError as error:
        return {"ready": False, "source": source, "why": type(error).__name__}
    days: list[date] = [day for day in accounts["last_complete_day"] if day is not None]
    until = min(days, default=None)
    age = (utc_now().date() - until).days if until else None
    return {"ready": True, "source": source, "complete_until": str(until) if until else None, "age_days": age}


def _addresses(host: str, port: int, origins: Sequence[str]) -> Addresses:
    """The addresses under which browsers may see it; a wildcard host is not one."""
    if is_loopback(host):
        return Addresses.loopback(port, *origins)
    if origins:
        return Addresses.of(*origins)
    if host in ("0.0.0.0", "::"):  # noqa: S104  (it is refused here)
        raise ConfigurationError(
            f"Serving on {host} needs to know its address.",
            why="A browser must only be answered under names that are ours.",
            next_step="Give --origin https://reports.example.com, as people type it.",
        )
    return Addresses.of(f"http://{host}:{port}")


def _login(addresses: Addresses, base_url: str, password_file: Path | None, *, proxy: bool) -> Login:
    if password_file is not None:
        return PasswordLogin(Password.from_file(password_file), addresses, base_url=base_url.rstrip("/"))
    return ProxyLogin() if proxy else TokenLogin(addresses, base_url=base_url.rstrip("/"))


def _only_read(source: Source) -> None:
    """The database through the role that can only read, where that is ours to choose."""
    from workbench.postgres import Database
    from workbench.present import limit_to_readers
    from workbench.reader_role import ensure_reader
    from workbench.settings import ReaderSettings, read_settings

    limit_to_readers()
    if source != "database":
        return
    database = Database.of(read_settings(ReaderSettings))
    if database.is_embedded:
        ensure_reader(database)
