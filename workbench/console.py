"""What is said on stdout and stderr, where a disk may be full, a reader gone, or no stream at all."""

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
    """Say something that changes nothing about what was done, so it does not matter if it cannot be said."""
    stream = sys.stderr if err else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _forget(stream)


def forget_unsaid() -> bool:
    """Let go of output that cannot be written, or Python would end with a code of its own, 120; whether there was."""
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
