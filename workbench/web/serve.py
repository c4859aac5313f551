"""Serve the pages: to their owner on loopback, or read-only to a team. Called by the commands."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from workbench.console import tell
from workbench.errors import OptionError
from workbench.paths import http_origin, is_loopback, loopback_address
from workbench.queries.sources import Source
from workbench.settings.fields import ReaderSettings, read_settings
from workbench.web.account_rules import AccountRules
from workbench.web.app import create_app
from workbench.web.connections import Limits
from workbench.web.own_notebooks import OwnNotebook, own_notebooks
from workbench.web.security import Addresses, Login, NamedPasswords, Password, PasswordLogin, ProxyLogin, TokenLogin
from workbench.web.server import free_port, must_be_guarded, must_name_proxies, open_address, serve


def serve_to_owner(*, port: int | None = None, browser: bool = True) -> None:
    """All pages on loopback behind a one-time token, until Ctrl-C.

    Browsers send a cookie to every port of a host, whichever account listens there, but only below the cookie's path:
    that path is one that cannot be guessed.
    """
    host = loopback_address()
    port = port or free_port(host)
    addresses = Addresses.loopback(port)
    base_url = _unguessable_path()
    login = TokenLogin(addresses, base_url=base_url)
    app = create_app(
        addresses=addresses,
        login=login,
        mode="owner",
        base_url=base_url,
        hidden=True,
        own=_own_notebooks(),
    )
    address = login.address(http_origin(host, port))
    serve(app, host=host, port=port, started=lambda: open_address(address, browser=browser))


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
    accounts: AccountRules,
    login_header: str = "X-Forwarded-User",
) -> None:
    """The report pages, read-only, until SIGINT or SIGTERM.

    Raises:
        OptionError: other machines could reach the pages without a login, or every address would count as a
            trusted proxy.
    """
    host = loopback_address() if host in ("127.0.0.1", "localhost") else host  # there may be no IPv4
    must_be_guarded(host, password=password_file is not None, proxy=proxy_login)
    must_name_proxies(trusted_proxies)
    port, base_url = port or free_port(host), base_url.rstrip("/")
    hidden = not (base_url or origins or password_file or proxy_login)  # a token alone, and so on this machine alone
    base_url = _unguessable_path() if hidden else base_url
    addresses = _addresses(host, port, origins)
    must_know_logins(accounts, password=password_file is not None, proxy=proxy_login)
    login: Login
    if password_file is not None:
        named = accounts.logins is not None
        password = NamedPasswords.from_file(password_file) if named else Password.from_file(password_file)
        login = PasswordLogin(password, addresses, base_url=base_url)
    else:
        login = ProxyLogin(login_header) if proxy_login else TokenLogin(addresses, base_url=base_url)
    source: Source = "snapshots" if snapshots_only else "database"
    app = create_app(
        addresses=addresses,
        login=login,
        source=source,
        base_url=base_url,
        hidden=hidden,
        accounts=accounts,
        own=_own_notebooks(),
    )

    origin = origins[0].rstrip("/") if origins else http_origin(host, port)

    def announce() -> None:
        address = login.address(origin) if isinstance(login, TokenLogin) else f"{origin}{base_url}/"
        open_address(address, browser=False)

    limits = Limits(each=Limits.total) if proxy_login else None  # all connections are the proxy's
    serve(app, host=host, port=port, started=announce, trusted_proxies=trusted_proxies, limits=limits)


def _own_notebooks() -> tuple[OwnNotebook, ...]:
    """Those of the installation; what is wrong with a file is said on stderr, and the others are served."""
    found, wrong = own_notebooks(read_settings(ReaderSettings).notebook_dir)
    for error in wrong:
        tell(str(error))
    return found


def _unguessable_path() -> str:
    return f"/{secrets.token_urlsafe(16)}"


def _addresses(host: str, port: int, origins: Sequence[str]) -> Addresses:
    """The addresses under which browsers may see it; a wildcard host is not one.

    Loopback always is: there the machine's own probes ask for `/health`, and no other machine's browser comes that way.
    """
    if origins or is_loopback(host):
        return Addresses.loopback(port, *origins)
    if host in ("0.0.0.0", "::"):  # noqa: S104  (it is refused here)
        raise OptionError(
            f"Serving on {host} needs to know its address.",
            why="A browser must only be answered under names that are ours.",
            next_step="Give --origin https://reports.example.com, as people type it.",
        )
    return Addresses.loopback(port, http_origin(host, port))


def must_know_logins(accounts: AccountRules, *, password: bool, proxy: bool) -> None:
    """Refuse rules by login where visitors have no login names.

    Raises:
        OptionError: neither a password nor a proxy distinguishes visitors.
    """
    if accounts.logins is None or password or proxy:
        return
    raise OptionError(
        "--accounts-file needs logins.",
        why="Without them the viewer of a page is unknown.",
        next_step="Give --password-file with lines login:password, or --proxy-login.",
    )
