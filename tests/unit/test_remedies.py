"""Remedies name commands that there are, and no package that others could publish under our name."""

from __future__ import annotations

import re

import typer
from typer.main import get_command

from workbench.cli.app import app
from workbench.paths import shipped

FILES = sorted((shipped("sql").parent / "workbench").rglob("*.py"))


def test_nothing_is_installed_by_name() -> None:
    found = [
        (file.name, installed)
        for file in FILES
        for installed in re.findall(r"pip install((?: -[\w-]+)*) ([^`\s]+)", file.read_text("utf-8"))
    ]
    assert found
    # the checkout, alone or with an extra
    assert {re.sub(r"^'\.\[.+\]'$", ".", what) for _, (_, what) in found} == {"."}


def test_every_command_that_a_text_names_exists() -> None:
    group = get_command(app)
    context = typer.Context(group)
    commands = set(group.list_commands(context))  # type: ignore[attr-defined]
    named = {name for file in FILES for name in re.findall(r"`workbench ([a-z][a-z-]*)", file.read_text("utf-8"))}
    assert len(named) > 5
    assert named <= commands
