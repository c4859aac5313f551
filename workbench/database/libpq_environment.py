"""Hide libpq's environment variables while connecting: `PGHOST` and others are meant for other programs.

libpq reads them while a connection is opened, without asking. Only where a service or a password lies is left to it
(`PGSERVICEFILE`, `PGSYSCONFDIR`, `PGPASSFILE`): these do nothing by themselves.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from psycopg import pq

_PLACES = {"PGSERVICEFILE", "PGSYSCONFDIR", "PGPASSFILE"}
_UNDECLARED = {"PGDATESTYLE", "PGTZ", "PGGEQO"}  # libpq sends these with the start-up packet

# Of the process, as its environment is.
_lock = threading.Lock()
_taken: dict[str, str] = {}
_inside = 0


@contextmanager
def without_libpq_environment() -> Iterator[None]:
    """While the block runs, in any thread, libpq finds none of its variables; then they are there again."""
    _take()
    try:
        yield
    finally:
        _give_back()


def _take() -> None:
    global _inside
    with _lock:
        _inside += 1
        for name in _names() & os.environ.keys():
            _taken[name] = os.environ.pop(name)


def _give_back() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if not _inside:
            for name, value in _taken.items():
                os.environ.setdefault(name, value)
            _taken.clear()


@cache
def _names() -> frozenset[str]:
    """Every variable that this libpq reads, but those of places."""
    declared = {option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    return frozenset((declared | _UNDECLARED) - _PLACES)
