"""`workbench serve`: the report pages for a team, read-only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench import logs
from workbench.cli.app import PLAIN
from workbench.cli.options import ACCOUNT_HELP, account_numbers, only_with
from workbench.settings.fields import ReaderSettings, read_settings
from workbench.web.account_rules import AccountRules
from workbench.web.serve import serve_to_readers

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8780,
    base_url: Annotated[str, typer.Option(metavar="PATH", help="The path it is reached under, such as /ads.")] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="An address that people type, such as https://reports.example.com; may be repeated."
        ),
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Ask for the password in this file, which only you may read.")
    ] = None,
    proxy_login: Annotated[
        bool, typer.Option("--proxy-login", help="A reverse proxy in front signs people in.")
    ] = False,
    trusted_proxies: Annotated[
        str | None,
        typer.Option(metavar="ADDRESSES", help="Proxies whose X-Forwarded headers are believed, with commas."),
    ] = None,
    snapshots_only: Annotated[
        bool, typer.Option("--snapshots-only", help="Read snapshots instead of a database.")
    ] = False,
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    accounts_file: Annotated[
        Path | None, typer.Option(help="Show each login the accounts that this file lists for it.")
    ] = None,
    login_header: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --proxy-login: the header that says who is signed in; X-Forwarded-User if left out.",
        ),
    ] = None,
) -> None:
    """Serve the report pages read-only: no sync, no sign-in, no code; a login in front.

    All accounts are shown unless --account or --accounts-file says otherwise. The accounts file has one line for each
    login, such as anna = [512345678] or anna = "all"; the password file then has lines login:password.

    Example: workbench serve --password-file team.password --origin https://reports.example.com
    """
    shown = account_numbers(account)
    if shown and accounts_file:
        raise typer.BadParameter("Give --account or --accounts-file, not both.")
    if password_file and proxy_login:
        raise typer.BadParameter("Give --password-file or --proxy-login, not both.")
    only_with(login_header, "--login-header", "--proxy-login", there=proxy_login)
    settings = read_settings(ReaderSettings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    serve_to_readers(
        host=host,
        port=port,
        base_url=base_url,
        origins=origin or [],
        password_file=password_file,
        proxy_login=proxy_login,
        snapshots_only=snapshots_only,
        accounts=AccountRules.of([str(one) for one in shown], accounts_file),
        login_header=login_header or "X-Forwarded-User",
        trusted_proxies=trusted_proxies,
    )
