"""Print to stdout and stderr although the disk may be full, the reader gone, or the stream closed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def hold_streams() -> None:
    """Open the null device wherever stdin, stdout or stderr is closed, or the next file or socket would take its place.

    Libraries and child processes write to these numbers, whatever lies behind them.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free: this one


def tell(text: str, *, err: bool = True) -> None:
    """Print; ignore a closed or full output, so that it cannot change the exit code."""
    stream = sys.stderr if err else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _forget(stream)


def printable(text: str) -> str:
    """One line without what would steer a terminal: names and LinkedIn's words can hold anything."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def forget_unsaid() -> bool:
    """Discard output that cannot be written; whether there was any. Else Python would exit with its own code, 120."""
    unsaid = False
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            _forget(stream)
            unsaid = True
    return unsaid


def _forget(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
