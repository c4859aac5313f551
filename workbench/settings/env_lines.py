"""Change settings in the text of a `.env` file, and leave every other line and comment as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from workbench.files import atomic_write

HEAD = (
    "# Settings of the LinkedIn Ads workbench, written by `workbench init`. The environment wins over this file.\n"
    "# `workbench config --example` shows every setting with its default and the reason for it.\n"
)
_PLAIN = re.compile(r"[A-Za-z0-9_./:,@%+=-]*")
_NOTE = re.compile(r"[ \t]+#[^\n'\"]*$")


def updated(text: str, values: Mapping[str, str]) -> str:
    """The text with these settings: each on its own old line, or on a new one at the end; a repeated one once."""
    left = dict(values)
    parts = []
    for binding in parse_stream(StringIO(text)):
        line = binding.original.string
        if binding.key is None or binding.key not in values:
            parts.append(line)
        elif binding.key in left:
            before = line[: len(line) - len(line.lstrip())]
            note = _NOTE.search(line.rstrip())
            parts.append(f"{before}{_line(binding.key, left.pop(binding.key))}{note[0] if note else ''}\n")
    whole = "".join(parts) or HEAD
    missing_end = "" if whole.endswith("\n") else "\n"
    return whole + missing_end + "".join(f"{_line(name, value)}\n" for name, value in left.items())


def write(file: Path, text: str) -> None:
    """Write a `.env` file that no other account can read (0600), whole or not at all; its owner stays.

    Raises:
        OSError: the folder cannot be written.
    """
    real = Path(os.path.realpath(file))
    owner = real.stat() if real.exists() else None
    with atomic_write(real, locked=False) as new:
        new.write(text.encode())
        if owner is not None and owner.st_uid != os.geteuid():
            os.fchown(new.fileno(), owner.st_uid, owner.st_gid)


def _line(name: str, value: str) -> str:
    """`NAME=value`, in quotes where a blank or a sign in it would end it."""
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"
