"""The checks of `workbench init`: LinkedIn begins a sign-in with this app, and the database answers."""

from __future__ import annotations

from workbench.console import tell
from workbench.diagnostics.doctor.database import OLDEST_MAJOR
from workbench.diagnostics.status.database import look_into
from workbench.errors import ConfigurationError, StorageError
from workbench.linkedin.auth.consent_check import check_consent
from workbench.linkedin.auth.oauth import has_app, read_app
from workbench.linkedin.auth.redirect_listener import can_listen, check_port
from workbench.settings.fields import Settings


async def check(settings: Settings) -> None:
    """Run the checks and print their results.

    Raises:
        ConfigurationError: LinkedIn refuses the app, its redirect address or its scopes; the database is too old.
        StorageError: the database does not answer.
    """
    if settings.LINKEDIN_ACCESS_TOKEN is None and has_app(settings):
        _check_port(settings.LINKEDIN_REDIRECT_URI)
        begins = await check_consent(read_app(settings))
        tell("  LinkedIn begins a sign-in with this app." if begins else "  LinkedIn cannot be asked at the moment.")
    _check_database(settings)


def _check_port(redirect_uri: str) -> None:
    """Print that another program uses the port; it is no failure, because the program may end before the sign-in."""
    if can_listen(redirect_uri):
        try:
            check_port(redirect_uri)
        except ConfigurationError as error:
            tell(f"  {error.what} {error.why} {error.next_step}")


def _check_database(settings: Settings) -> None:
    if settings.conninfo is None:
        tell("  The embedded database needs nothing; it starts when it is needed.")
        return
    facts = look_into(settings).facts
    if facts is None:
        return
    if facts.trouble:
        again = "Run `workbench init` again to correct it; it keeps your other answers."
        raise StorageError(facts.trouble.what, why=facts.trouble.why, next_step=f"{facts.trouble.next_step} {again}")
    version = facts.server_version or ""
    if version and int(version.split(".")[0]) < OLDEST_MAJOR:
        raise ConfigurationError(
            f"{facts.label} is PostgreSQL {version}.",
            why=f"{OLDEST_MAJOR} or newer is needed.",
            next_step="Use a newer server, or the embedded one.",
        )
    tell(f"  {facts.label} answers (PostgreSQL {version}).")
