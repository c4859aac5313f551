"""The questions of `workbench init`, in plain English, each with its default."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from workbench.cli.interview import agree, ask, ask_secret, choose
from workbench.cli.setup_values import ASKED, DATABASE, Known, needed, needed_word, refusal
from workbench.console import tell
from workbench.errors import ConfigurationError
from workbench.linkedin.auth.oauth_errors import PORTAL
from workbench.linkedin.auth.redirect_listener import can_listen, check_port

READING = ("r_ads", "r_ads_reporting")


def interview(known: Known) -> dict[str, str]:
    """Ask every question; the answers by the names of their settings. Nothing is written."""
    tell(f"These questions set up the workbench. The answers will be written to {known.file}, for you alone to read.")
    tell("Enter takes what stands in [brackets]. Ctrl-C stops, and nothing is written.")
    return {**_sign_in(known), **_database(known), **_accounts(known)}


def without_questions(known: Known) -> dict[str, str]:
    """The values from options, environment, file and defaults.

    Raises:
        ConfigurationError: a value cannot be used, or neither an app nor a token is given.
    """
    values = {name: known.value(name) for name in ASKED}
    wrong = {name: reason for name, text in values.items() if (reason := refusal(name, text))}
    if wrong:
        raise ConfigurationError(
            "The workbench cannot be set up with these values.",
            why=" ".join(f"{name}: {reason}" for name, reason in wrong.items()),
            next_step="Correct them in the options, the environment or the .env file. Nothing was written.",
        )
    if not (values["LINKEDIN_ACCESS_TOKEN"] or (values["LINKEDIN_CLIENT_ID"] and values["LINKEDIN_CLIENT_SECRET"])):
        raise ConfigurationError(
            "The workbench cannot be set up yet.",
            why="There is neither a LinkedIn app (client id and secret) nor an access token.",
            next_step="Set LINKEDIN_CLIENT_ID (or --client-id) and LINKEDIN_CLIENT_SECRET, or LINKEDIN_ACCESS_TOKEN. "
            "Secrets are read from the environment only, because other accounts can see a command's options.",
        )
    return values


def _sign_in(known: Known) -> dict[str, str]:
    tell("\n1. Sign-in to LinkedIn")
    if not known.options.get("LINKEDIN_CLIENT_ID"):
        token = choose(
            "How does the workbench get access?",
            (f"with an app of your own, from {PORTAL}", "with an access token that you already have"),
            default=2 if known.value("LINKEDIN_ACCESS_TOKEN") else 1,
        )
        if token == 2:
            return {"LINKEDIN_ACCESS_TOKEN": _secret(known, "Access token", "LINKEDIN_ACCESS_TOKEN", needed_word)}
    tell("The app's Auth tab shows client id and secret. Its list of redirect URLs must have the address below.")
    return {
        "LINKEDIN_ACCESS_TOKEN": "",
        "LINKEDIN_CLIENT_ID": _text(known, "Client id", "LINKEDIN_CLIENT_ID", needed_word),
        "LINKEDIN_CLIENT_SECRET": _secret(known, "Client secret", "LINKEDIN_CLIENT_SECRET", needed_word),
        "LINKEDIN_REDIRECT_URI": ask_redirect(known),
        "LINKEDIN_SCOPES": _scopes(known),
    }


def ask_redirect(known: Known) -> str:
    name = "LINKEDIN_REDIRECT_URI"
    while True:
        address = _text(known, "Redirect address", name, needed)
        if not can_listen(address):
            tell("  LinkedIn's answer to this address does not reach this machine: you will paste it when you sign in.")
            return address
        try:
            check_port(address)
        except ConfigurationError as error:
            tell(f"  {error.why} {error.next_step}")
            if not known.options.get(name) and not agree("Keep this address?", default=False):
                continue
        return address


def _scopes(known: Known) -> str:
    scopes = _text(known, "Scopes", "LINKEDIN_SCOPES", needed)
    words = scopes.replace(",", " ").split()
    missing = [scope for scope in READING if scope not in words]
    if missing:
        tell(f"  Without {' and '.join(missing)} LinkedIn lets the workbench read no ads or no figures.")
    if any(word.startswith(("rw_", "w_")) for word in words):
        tell("  The workbench only reads: it needs no scope that begins with rw_ or w_.")
    return scopes


def _database(known: Known) -> dict[str, str]:
    tell("\n2. Database")
    is_set = known.value("DATABASE_URL") or known.value("POSTGRES_HOST")
    if is_set and agree("A PostgreSQL of your own is set. Keep it?"):
        return {name: known.value(name) for name in DATABASE}
    way = choose(
        "Where are the figures kept?",
        (
            "in an embedded PostgreSQL, which needs no installation",
            "in a PostgreSQL of your own (15 or newer): host, user and password",
            "the same, as one postgresql:// address",
        ),
    )
    if way == 1:
        return {"DATABASE_URL": "", "POSTGRES_HOST": ""}
    if way == 3:
        url = _secret(known, "postgresql://USER:PASSWORD@HOST:5432/DATABASE", "DATABASE_URL", needed)
        return {"DATABASE_URL": url, "POSTGRES_HOST": ""}
    return {
        "DATABASE_URL": "",
        "POSTGRES_HOST": _text(known, "Host", "POSTGRES_HOST", needed),
        "POSTGRES_PORT": _text(known, "Port", "POSTGRES_PORT", needed),
        "POSTGRES_DB": _text(known, "Database", "POSTGRES_DB", needed),
        "POSTGRES_USER": _text(known, "User", "POSTGRES_USER", needed),
        "POSTGRES_PASSWORD": _secret(known, "Password", "POSTGRES_PASSWORD", refusal),
    }


def _accounts(known: Known) -> dict[str, str]:
    tell("\n3. Ad accounts")
    tell("Numbers of ad accounts, separated by commas; `all` for every account that you can see on LinkedIn.")
    name = "LINKEDIN_ACCOUNT_IDS"
    if known.options.get(name):
        return {name: known.options[name]}
    answer = ask(
        "Accounts",
        default=known.value(name) or "all",
        refusal=lambda text: None if text.lower() == "all" else refusal(name, text),
    )
    return {name: "" if answer.lower() == "all" else answer}


_Check = Callable[[str, str], str | None]


def _text(known: Known, question: str, name: str, check: _Check) -> str:
    """The value of an option, else the answer to the question."""
    return known.options.get(name) or ask(question, default=known.value(name), refusal=partial(check, name))


def _secret(known: Known, question: str, name: str, check: _Check) -> str:
    return ask_secret(question, default=known.value(name), refusal=partial(check, name))
