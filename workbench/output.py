"""What is said on stdout and stderr, where a disk may be full, a reader gone, or no stream at all."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


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
