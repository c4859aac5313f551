"""`workbench auth`: sign in to LinkedIn, see how the sign-in stands, sign out.

It only prints; errors of ours go up to the command line, which shows them and exits with their code.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from workbench import logs
from workbench.cli.app import PLAIN, print_json
from workbench.cli.signing_in import NEXT_STEP, sign_in, welcome
from workbench.console import tell
from workbench.errors import WorkbenchError, several
from workbench.exit_codes import INTERRUPTED
from workbench.linkedin.auth.token_file import TokenFile
from workbench.linkedin.auth.token_provider import SignIn, TokenSource
from workbench.settings.fields import Settings, read_settings

app = typer.Typer(no_args_is_help=True, **PLAIN)

_PERMITTED_SERVICES = "https://www.linkedin.com/psettings/permitted-services"


@app.callback()
def auth() -> None:
    """Sign in to LinkedIn, see how the sign-in stands, sign out.

    Example: workbench auth status
    """


@app.command("login")
def log_in(
    *,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and wait for the answer.")
    ] = False,
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address the browser ends at; needs no port.")
    ] = False,
) -> None:
    """Sign in with a browser; the token stays on this machine.

    Example: workbench auth login
    """
    if no_browser and paste:
        raise typer.BadParameter("Give --no-browser or --paste, not both.")
    settings = read_settings(Settings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    try:
        token = sign_in(settings, paste=paste, browser=not no_browser)
    except KeyboardInterrupt:
        tell("Interrupted; nothing was stored.")
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"{welcome(token, settings)}\n{NEXT_STEP}")


@app.command("status")
def show_status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show the days left on both tokens, the scopes, and LinkedIn's own answer; exits 77 when not signed in.

    Example: workbench auth status --json
    """
    try:
        sign_in = asyncio.run(TokenSource(read_settings(Settings)).check())
    except WorkbenchError as error:
        if not as_json:
            raise
        print_json({"signed_in": False, "error": error.as_dict()}, exit_code=error.exit_code)
        raise typer.Exit(error.exit_code) from None
    if as_json:
        print_json({"signed_in": True, **sign_in.as_dict(), "error": None})
    else:
        typer.echo(_standing(sign_in))
    for doubt in sign_in.doubts:
        tell(f"Warning: {doubt}")


@app.command("logout")
def log_out() -> None:
    """Delete the tokens on this machine; harmless when there are none.

    Example: workbench auth logout
    """
    settings = read_settings(Settings)
    removed = asyncio.run(TokenFile(settings.token_file).remove())
    typer.echo("Signed out: the tokens on this machine are deleted." if removed else "No tokens on this machine.")
    typer.echo(
        "LinkedIn documents no way for a program to revoke them there. To do that yourself, remove the app under "
        f"Settings, Data privacy, Permitted services: {_PERMITTED_SERVICES}"
    )
    if settings.LINKEDIN_ACCESS_TOKEN is not None:
        tell("LINKEDIN_ACCESS_TOKEN is still set and will be used.")


def _standing(sign_in: SignIn) -> str:
    file = sign_in.source == "file"
    lines = ["Signed in to LinkedIn." if file else "LINKEDIN_ACCESS_TOKEN is used; it is never stored or renewed."]
    if sign_in.expires_at is not None:
        lines.append(
            f"Access token   {several(sign_in.access_token_days, 'day')} left, until {sign_in.expires_at:%Y-%m-%d}"
        )
    if sign_in.refresh_token_expires_at is not None:
        end = sign_in.refresh_token_expires_at
        lines.append(f"Refresh token  {several(sign_in.refresh_token_days, 'day')} left, until {end:%Y-%m-%d}")
    elif file:
        lines.append(f"Refresh token  {'end unknown' if sign_in.has_refresh_token else 'none'}")
    if sign_in.scopes is not None:
        lines.append(f"Scopes         {', '.join(sign_in.scopes)}")
    lines.append(f"LinkedIn says  {_word(sign_in)}")
    return "\n".join(lines)


def _word(sign_in: SignIn) -> str:
    found = sign_in.introspection
    if found is None:
        return "not asked, or no answer"
    word = "active" if found.active else "not active"
    return word if found.status in (None, "", word) else f"{word} ({found.status})"
