"""Options and arguments that several commands have: days, accounts, questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import typer

from workbench.errors import ValidationError
from workbench.exit_codes import USAGE
from workbench.queries.sources import Source
from workbench.settings.account_ids import account_id

ACCOUNT_HELP = "This account only, by number or URN; may be repeated."


def only_with(given: object, option: str, other: str, *, there: object) -> None:
    """Refuse an option that means nothing without another one."""
    if given not in (None, False) and not there:
        raise typer.BadParameter(f"It goes with {other} only.", param_hint=option)


def choice_option(legal: tuple[str, ...], help_text: str, *names: str) -> Any:
    """An option whose value is one of a few words, for `Annotated[…]`."""

    def read(text: str) -> str:
        if text not in legal:
            raise typer.BadParameter(f"{text!r} is none of {', '.join(legal)}.")
        return text

    return typer.Option(*names, parser=read, metavar="NAME", help=f"One of {', '.join(legal)}{help_text}.")


def one_of(value: str, legal: tuple[str, ...], option: str) -> None:
    """Refuse a value that is none of the legal ones."""
    if value not in legal:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(legal)}.", param_hint=option)


def refuse_state_of_database(as_of: date | None, source: Source) -> None:
    """Refuse --as-of where no past state is known."""
    only_with(as_of, "--as-of", "--source snapshots or --source sample", there=source != "database")


@contextmanager
def wrong_options() -> Iterator[None]:
    """Let what was asked wrongly end the command as any wrong option does."""
    try:
        yield
    except ValidationError as error:
        error.exit_code = USAGE
        raise


def day_option(help_text: str, *names: str) -> Any:
    """An option whose value is a day, for `Annotated[date | None, …]`."""
    return typer.Option(*names, parser=_day, metavar="YYYY-MM-DD", help=help_text)


def _day(text: str) -> date:
    try:
        if len(text) == len("2026-11-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f"{text!r} is not a day: write it as YYYY-MM-DD, such as 2026-11-01.")


def question_argument(help_text: str, metavar: str) -> Any:
    """The name of a question or answer as an argument, which the Tab key completes."""
    return typer.Argument(metavar=metavar, help=help_text, autocompletion=_questions_from)


def _questions_from(incomplete: str) -> list[str]:
    from workbench.answers.question_list import questions

    return [question.name for question in questions() if question.name.startswith(incomplete)]


def account_numbers(texts: list[str] | None) -> list[int]:
    """The ad accounts that --account names, each a number or a URN."""
    return [_account_number(text) for text in texts or ()]


def _account_number(text: str) -> int:
    found = account_id(text)
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is not an ad account: give its number, such as 512345678.", param_hint="--account"
        )
    return found
