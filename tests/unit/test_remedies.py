"""Remedies name commands that there are, and no package that others could publish under our name."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from typer.main import get_command

from workbench.cli.app import COMMANDS
from workbench.paths import shipped

CHECKOUT = shipped("sql").parent
FILES = sorted((CHECKOUT / "workbench").rglob("*.py"))
PAGES = [CHECKOUT / "README.md", *(CHECKOUT / f"{wing}/README.md" for wing in ("workbench", "sql", "notebooks"))]


def test_nothing_is_installed_by_name() -> None:
    found = [
        (file.name, installed)
        for file in FILES
        for installed in re.findall(r"pip install((?: -[\w-]+)*) ([^`\s]+)", file.read_text("utf-8"))
    ]
    assert found
    # the checkout, alone or with an extra
    assert {re.sub(r"^'\.\[.+\]'$", ".", what) for _, (_, what) in found} == {"."}


@cache
def loaded(name: str) -> Any:
    return get_command(import_module(f"workbench.cli.commands.{name}").app)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the words after it; None if there is none."""
    if words[0] not in COMMANDS:
        return None, words
    command, rest = loaded(words[0]), words[1:]
    while rest and rest[0] in (below := getattr(command, "commands", {})):
        command, rest = below[rest[0]], rest[1:]
    return command, rest


def test_every_command_that_a_text_names_exists_with_its_options() -> None:
    wrong, found = [], 0
    for file in (*FILES, *PAGES):
        for text in re.findall(r"`(?:\.venv/bin/)?workbench ([a-z][^`\n]*)`", file.read_text("utf-8")):
            found += 1
            command, rest = command_of(text.split())
            options = {name for one in command.params for name in one.opts} if command else set()
            named = {word.partition("=")[0] for word in rest if word.startswith("-")}
            if text.startswith("schedule"):  # what follows is another command's
                named = set(rest[:1]) & named
            below = bool(getattr(command, "commands", None)) and bool(rest) and rest[0].isalpha()
            if command is None or below or not named <= options | {"-h", "--help"}:
                wrong.append((file.name, text))
    assert (wrong, found > 100) == ([], True)
