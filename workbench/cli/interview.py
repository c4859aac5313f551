"""Ask the user on a terminal: a text, a secret, one of several, yes or no. Questions go to stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from getpass import getpass

import typer

from workbench.console import tell

Refusal = Callable[[str], str | None]
"""Returns why a text cannot be taken, None if it can."""


def ask(question: str, *, default: str, refusal: Refusal) -> str:
    """Ask for a text until it can be accepted; Enter means the default."""
    while True:
        answer = typer.prompt(question, default=default, show_default=bool(default), err=True).strip()
        if (reason := refusal(answer)) is None:
            return answer
        tell(f"  {reason}")


def ask_secret(question: str, *, default: str, refusal: Refusal) -> str:
    """As `ask`, but neither the answer nor the default is shown."""
    kept = "Enter keeps the one there is; " if default else ""
    while True:
        # getpass switches the echo off before it asks; Typer's prompt asks first, and what is pasted at once is shown.
        answer = getpass(f"{question} ({kept}not shown as you type): ").strip() or default
        if (reason := refusal(answer)) is None:
            return answer
        tell(f"  {reason}")


def choose(question: str, choices: Sequence[str], *, default: int = 1) -> int:
    """Ask for one of several; its number, counted from 1."""
    tell(question)
    for number, choice in enumerate(choices, 1):
        tell(f"  {number}  {choice}")
    return int(ask("Number", default=str(default), refusal=lambda text: _no_number(text, len(choices))))


def agree(question: str, *, default: bool = True) -> bool:
    """Ask yes or no."""
    return typer.confirm(question, default=default, err=True)


def _no_number(text: str, count: int) -> str | None:
    return (
        None if text.isascii() and text.isdigit() and 1 <= int(text) <= count else f"Type a number from 1 to {count}."
    )
