"""`workbench mcp`: questions and answers as tools for an assistant, read-only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import PLAIN
from workbench.cli.options import ACCOUNT_HELP, account_numbers, choice_option, only_with
from workbench.console import tell
from workbench.errors import ConfigurationError
from workbench.logs import hide
from workbench.paths import http_origin, loopback_address
from workbench.queries.api import Queries
from workbench.queries.sources import SOURCES, Access, Source
from workbench.web.mcp_tools import MOST_ROWS, Toolbox
from workbench.web.security.passwords import private_text

app = typer.Typer(**PLAIN)
SHORTEST = 20
"""Characters of a token."""


@app.command()
def run(
    *,
    source: Annotated[Source, choice_option(SOURCES, "")] = "snapshots",
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    rows: Annotated[int, typer.Option(min=1, max=100_000, metavar="COUNT", help="Rows of an answer.")] = MOST_ROWS,
    allow_sql: Annotated[
        bool, typer.Option("--allow-sql", help="Also offer a tool for SQL of the assistant's own, read-only.")
    ] = False,
    http: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="PORT", help="Serve HTTP on loopback instead of stdio.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="With --http: a file, mode 0600, with the token.")] = None,
) -> None:
    """Offer the catalogue's questions and answers as tools of the Model Context Protocol, read-only.

    An assistant starts this command and speaks to it by stdin and stdout. Needs the extra `mcp`. The database is asked
    as a role that can only read. Over HTTP every request needs a token: that of --token-file, or a new one that is
    printed.

    Example: workbench mcp --source snapshots --account 512345678
    """
    only_with(token_file, "--token-file", "--http", there=http)
    if allow_sql and account:
        raise typer.BadParameter("A statement could read other accounts: give --account or --allow-sql, not both.")
    only = frozenset(account_numbers(account)) or None
    queries = Queries(access=Access(allowed=(source,), readers=True, accounts=lambda: only))
    toolbox = Toolbox(queries, source, rows, allow_sql)
    from workbench.web.mcp_server import http_app, new_token, serve_stdio

    try:
        if http is None:
            serve_stdio(toolbox)
            return
        from workbench.web.server import serve

        token = _token_of(token_file) if token_file else new_token()
        shown = "" if token_file else f" with the header Authorization: Bearer {token}"
        serve(
            http_app(toolbox, token, http),
            port=http,
            started=lambda: tell(f"{http_origin(loopback_address(), http)}/mcp{shown}"),
        )
    finally:
        queries.close()


def _token_of(file: Path) -> str:
    token = private_text(file, "token file").strip()
    hide(token)
    if len(token) < SHORTEST:
        raise ConfigurationError(
            f"The token in {file} is too short.",
            why="It has to be hard to guess.",
            next_step=f"Take at least {SHORTEST} random characters.",
        )
    return token
