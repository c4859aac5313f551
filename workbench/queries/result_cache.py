"""Remember answers by key, and values for a moment. Both are safe for threads and bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import polars as pl

Value = TypeVar("Value")
_FRAMES = 256
_LARGEST_FRAME_BYTES = 32 * 2**20
_MOMENTS = 64


class ResultCache:
    """The newest frames by key. Frames are handed out as clones, which share their data and cost nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The frame for a key: remembered, or asked for once, while other callers with this key wait."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        try:
            with turn:
                known = self._find(key)
                return known if known is not None else self._put(key, ask())
        finally:
            with self._lock:
                self._turns.pop(key, None)  # waiting callers hold the lock itself, and find the frame

    def clear(self) -> None:
        """Forget every frame."""
        with self._lock:
            self._frames.clear()

    def _find(self, key: Hashable) -> pl.DataFrame | None:
        with self._lock:
            if key not in self._frames:
                return None
            self._frames.move_to_end(key)
            return self._frames[key].clone()

    def _put(self, key: Hashable, frame: pl.DataFrame) -> pl.DataFrame:
        if frame.estimated_size() <= _LARGEST_FRAME_BYTES:
            with self._lock:
                self._frames[key] = frame
                while len(self._frames) > _FRAMES:
                    self._frames.popitem(last=False)
        return frame.clone()


class TimedCache(Generic[Value]):
    """Values by key, each reused for some seconds after it was asked for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def get(self, key: Hashable, ask: Callable[[], Value], *, seconds: float) -> Value:
        """The value for a key: one that was asked for less than `seconds` ago, else a new one."""
        with self._lock:
            known = self._known.get(key)
        if known is not None and self._clock() - known[0] < seconds:
            return known[1]
        asked_at, value = self._clock(), ask()
        with self._lock:
            self._known[key] = asked_at, value
            self._known.move_to_end(key)
            while len(self._known) > _MOMENTS:
                self._known.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget every value."""
        with self._lock:
            self._known.clear()
