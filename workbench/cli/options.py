"""Options and arguments that several commands have: days, accounts, questions."""

from __future__ import annotations

from datetime import date
from typing import Any

import typer

from workbench.settings.account_ids import account_id


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
