"""Keep snapshot sets open as in-memory tables that threads share: opening one takes seconds.

A set is what lies in the snapshot folder now, up to `as_of`; a new snapshot makes a new set.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

import duckdb

from workbench.queries import snapshot_source
from workbench.queries.every_part import every_part
from workbench.queries.snapshot_source import identity
from workbench.queries.sources import AsOf
from workbench.snapshots.parquet_cache import Cache

_OPEN_SETS = 2


class OpenSnapshots:
    """The sets of snapshots used last: two states, two comparisons and two of every part."""

    def __init__(self) -> None:
        self._states, self._comparisons, self._parts = _Connections(), _Connections(), _Connections()

    def state(self, folder: Path, cache: Cache, *, as_of: AsOf = None) -> duckdb.DuckDBPyConnection:
        """The snapshots of a folder, up to `as_of`, as tables; what `cache` keeps of them is not read again.

        Raises:
            StorageError: there is no finished snapshot (`nothing_synced`).
            ValidationError: a snapshot is damaged.
        """
        make = lambda: snapshot_source.fresh(folder, cache, as_of=as_of)  # noqa: E731
        return self._states.get((identity(folder), as_of), make)

    def compared(self, folder: Path, cache: Cache, *, before: str, after: str) -> duckdb.DuckDBPyConnection:
        """Two states, as the schemas `before` and `after`: the tables as of each of two snapshots.

        Raises:
            ValidationError: one of them is not a finished snapshot of the folder.
        """
        make = lambda: snapshot_source.compare(folder, cache, before, after)  # noqa: E731
        return self._comparisons.get((identity(folder), before, after), make)

    def every_part(self, folder: Path, cache: Cache, *, as_of: AsOf = None) -> duckdb.DuckDBPyConnection:
        """The figures of every snapshot, also those that it does not decide (`queries.every_part`)."""
        return self._parts.get((identity(folder), as_of), lambda: every_part(folder, cache, as_of=as_of))

    def close(self) -> None:
        """Close every set; one that a thread still reads closes with its last cursor."""
        for connections in (self._states, self._comparisons, self._parts):
            connections.clear()


class _Connections:
    """The connections used last, by key. Callers wait for one that is being opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[Hashable, duckdb.DuckDBPyConnection] = OrderedDict()
        weakref.finalize(self, self._open.clear)  # at exit too: DuckDB is to end before the interpreter does

    def get(self, key: Hashable, make: Callable[[], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if key not in self._open:
                self._open[key] = make()
            self._open.move_to_end(key)
            while len(self._open) > _OPEN_SETS:
                self._open.popitem(last=False)  # not closed: a thread may still read; it ends with its last cursor
            return self._open[key]

    def clear(self) -> None:
        with self._lock:
            self._open.clear()
