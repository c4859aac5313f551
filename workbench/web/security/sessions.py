"""Keep one-time tokens and sessions, as hashes in memory; a restart ends them all."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256

HOUR = 3600.0
Clock = Callable[[], float]


class Tokens:
    """Random tokens, each valid once within a day."""

    def __init__(self, *, life: float = 24 * HOUR, clock: Clock = time.monotonic) -> None:
        self._life, self._clock = life, clock
        self._expiry: dict[bytes, float] = {}

    def issue(self) -> str:
        """A new token."""
        token = secrets.token_urlsafe(32)
        self._expiry[_digest(token)] = self._clock() + self._life
        return token

    def spend(self, token: str) -> bool:
        """Whether `token` was issued here and is unused; afterwards it is used."""
        wanted, found = _digest(token), None
        for digest in self._expiry:  # all of them, so that the time taken reveals nothing
            if hmac.compare_digest(digest, wanted):
                found = digest
        return found is not None and self._expiry.pop(found) > self._clock()


class Sessions:
    """Signed-in browsers, each known by a random cookie; one ends after `idle` seconds of silence or after `life`.

    Where there are `most`, the one that has been silent longest ends, of those that have most: a login from a network.
    So a reader who signs in again and again ends his own sessions. A login by name has at most `each`.
    """

    def __init__(
        self,
        *,
        idle: float = 12 * HOUR,
        life: float = 7 * 24 * HOUR,
        most: int = 1000,
        each: int = 100,
        clock: Clock = time.monotonic,
    ) -> None:
        self._idle, self._life, self._most, self._each, self._clock = idle, life, most, each, clock
        self._seen: dict[bytes, tuple[float, float]] = {}  # started, last seen
        self._whose: dict[bytes, tuple[str, str]] = {}  # login, network
        self._accounts: dict[bytes, int | None] = {}

    def start(self, login: str = "", *, account: int | None = None, network: str = "") -> str:
        """A new session's cookie value; forgets the sessions that are over.

        Args:
            login: whose it is, where there are several.
            account: the account of this machine to which it is bound.
            network: where it comes from.
        """
        value, now = secrets.token_urlsafe(32), self._clock()
        for key in [key for key, times in self._seen.items() if not self._runs(times, now)]:
            self._forget(key)
        self._make_room(login)
        key = _digest(value)
        self._seen[key], self._whose[key], self._accounts[key] = (now, now), (login, network), account
        return value

    def _make_room(self, login: str) -> None:
        own = [key for key, whose in self._whose.items() if login and whose[0] == login]
        if len(own) >= self._each:
            self._forget(min(own, key=self._silent_since))
        elif len(self._seen) >= self._most:
            shares = Counter(self._whose.values())
            most = max(shares.values())
            full = [key for key, whose in self._whose.items() if shares[whose] == most]
            self._forget(min(full, key=self._silent_since))

    def _silent_since(self, key: bytes) -> float:
        return self._seen[key][1]

    def _forget(self, key: bytes) -> None:
        for known in (self._seen, self._whose, self._accounts):
            known.pop(key, None)

    def end(self, value: str) -> None:
        """End the session of a cookie value, if there is one."""
        self._forget(_digest(value))

    def login(self, value: str) -> str | None:
        """The login of a running session."""
        return self._whose[_digest(value)][0] if self.alive(value) else None

    def account(self, value: str) -> int | None:
        """The account of this machine to which a session is bound."""
        return self._accounts.get(_digest(value))

    def alive(self, value: str) -> bool:
        """Whether a cookie value belongs to a running session, which this keeps running."""
        if not self.lasts(value):
            return False
        key = _digest(value)
        self._seen[key] = (self._seen[key][0], self._clock())
        return True

    def lasts(self, value: str) -> bool:
        """Whether a cookie value belongs to a running session; asking does not keep it running."""
        times = self._seen.get(_digest(value))
        return times is not None and self._runs(times, self._clock())

    def _runs(self, times: tuple[float, float], now: float) -> bool:
        started, seen = times
        return now - started < self._life and now - seen < self._idle


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
