"""Make the help of commands plain: examples on lines of their own, whole sentences, words for values."""

from __future__ import annotations

import re
from typing import Any

_EXAMPLE = re.compile(r"^Example: (.+)\Z", re.MULTILINE | re.DOTALL)
_AS_IT_IS = "\b\n"
"""Before a paragraph: do not wrap it."""


def make_plain(command: Any) -> None:
    """Change how a command, and those below it, describe themselves."""
    if command.help:
        command.help = _EXAMPLE.sub(_on_its_own_line, command.help)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            word = parameter.name.upper()
            parameter.metavar = parameter.metavar or (word if parameter.required else f"[{word}]")
            parameter.display_type = lambda ctx: ""  # the name of its Python type
            parameter.get_usage_pieces = lambda ctx, word=parameter.metavar: [word]
        elif parameter.metavar is None and not parameter.is_flag:
            parameter.metavar = _word_for(parameter.type_descriptor)
    for below in getattr(command, "commands", {}).values():
        below.short_help = below.help.split("\n\n")[0].replace("\n", " ")
        make_plain(below)


def _on_its_own_line(found: re.Match[str]) -> str:
    return f"{_AS_IT_IS}Example:\n  {' '.join(found[1].split())}"


def _word_for(kind: Any) -> str:
    """What stands for the value of an option that names no word of its own."""
    if kind.is_path:
        return "FILE"
    return "N" if kind.is_ranged or kind.annotation is int else "TEXT"
