"""Print to stdout and stderr even if the disk is full, the reader gone, the stream closed, or its encoding narrow.

What a command has done is not changed by what can be said of it.
"""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase, TextIOWrapper
from typing import TextIO

_JOINERS = "\u200c\u200d"  # part of emoji, and of words in Persian and Hindi; they steer nothing
_PLAIN = str.maketrans(
    {
        "…": "...",
        "–": "-",
        "—": "-",
        "−": "-",
        "‑": "-",
        "→": "->",
        "·": ".",
        "•": "*",
        "×": "x",
        "≈": "~",
        "≤": "<=",
        "€": "EUR ",
        "£": "GBP ",
        "¥": "JPY ",
    }
    | {"≥": ">=", "’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " ", "\u202f": " ", "\u2009": " "}
)
"""Signs of our own texts as ASCII. A letter of another's text has no substitute: its number is shown."""


def hold_streams() -> None:
    """Open the null device wherever stdin, stdout or stderr is closed, or the next file or socket would take its place.

    Libraries and child processes write to these numbers, whatever lies behind them.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free: this one
    accept_any_text()


def accept_any_text() -> None:
    """Let stdout and stderr write what their encoding lacks: our signs as ASCII, other characters by their numbers."""
    codecs.register_error("workbench", _substitute)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="workbench")


def _substitute(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), error.end


def write_data_as_utf8() -> None:
    """Write stdout in UTF-8 unless it is a terminal: data must arrive whole, whatever this machine's encoding."""
    if isinstance(sys.stdout, TextIOWrapper) and not at_a_terminal():
        sys.stdout.reconfigure(encoding="utf-8")


def at_a_terminal() -> bool:
    """Whether stdout is a terminal; False where it is closed."""
    return sys.stdout is not None and sys.stdout.isatty()


def speaks_utf8(stream: TextIO) -> bool:
    """Whether a stream's encoding has every character."""
    with suppress(LookupError):
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    return False


def tell(text: str, *, err: bool = True) -> None:
    """Print; ignore a closed or full output, so that it cannot change the exit code."""
    stream = sys.stderr if err else sys.stdout
    try:
        try:
            print(text, file=stream, flush=True)
        except UnicodeEncodeError:
            print(text.translate(_PLAIN).encode("ascii", "backslashreplace").decode(), file=stream, flush=True)
    except (OSError, ValueError):
        _forget(stream)


def printable(text: str) -> str:
    """The text as one line without control characters: names and LinkedIn's words can hold any."""
    return "".join(one if _harmless(one) else "\N{REPLACEMENT CHARACTER}" for one in text)


def _harmless(one: str) -> bool:
    return one.isprintable() or one in _JOINERS or unicodedata.category(one) == "Zs"  # a blank, such as Japan's


def printable_lines(text: str) -> str:
    """The text without control characters, its lines kept."""
    return "\n".join(map(printable, text.split("\n")))


def forget_unsaid() -> bool:
    """Discard output that cannot be written; whether there was any. Else Python would exit with its own code, 120."""
    return _forget_where(lambda stream: stream.flush())


def forget_refused() -> bool:
    """The same after a failure; to an output without a buffer (PYTHONUNBUFFERED) a line end is written as a trial."""

    def try_it(stream: TextIO) -> None:
        if isinstance(getattr(stream, "buffer", None), RawIOBase):
            stream.write("\n")
        stream.flush()

    return _forget_where(try_it)


def _forget_where(write: Callable[[TextIO], None]) -> bool:
    unsaid = False
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            write(stream)
        except OSError:
            _forget(stream)
            unsaid = True
    return unsaid


def _forget(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
