"""Remember which endpoints do not answer, so that not every request waits in vain (adAnalytics: `fetch.outages`).

Once a request has failed as often as it may, others of its endpoint try twice. A listing may fail because its pages are
too large: one listing at a time asks for smaller ones, and only if it fails down to one element, the endpoint is given
up. Then a few more requests try, and after them none. One answer ends all of it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from workbench.errors import DataFetchError, LinkedInAPIError, RateLimitError, WorkbenchError, several
from workbench.linkedin.error_mapping import NO_ANSWER, Subject, is_too_large

_ELSEWHERE = "adAnalytics"
_MORE = 3
_NO_ANSWER = (408, 500, 502, 503, 504)


@dataclass
class _Silence:
    """What one endpoint did not answer in a row.

    Attributes:
        requests: how many requests failed, tries included.
        since: when the first of them was sent, by the event loop's clock.
        said: why the last of them failed.
        given_up: whether smaller requests have failed, too, or there are none.
        more: how many requests have failed after that.
    """

    requests: int = 0
    since: float = 0.0
    said: str = ""
    given_up: bool = False
    more: int = 0


class Silences:
    """What endpoints did not answer, for all requests of one client."""

    def __init__(self) -> None:
        self._of: dict[str, _Silence] = {}
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def in_doubt(self, endpoint: str) -> bool:
        """Whether a request has failed as often as it may, and none was answered since."""
        return endpoint in self._of

    def is_given_up(self, endpoint: str) -> bool:
        """Whether the smallest request has failed, too, and none was answered since."""
        return self.in_doubt(endpoint) and self._of[endpoint].given_up

    def one_by_one(self, endpoint: str) -> asyncio.Lock:
        """Held by the listing that finds out whether smaller pages are answered."""
        return self._one_by_one[endpoint]

    def add(self, endpoint: str, error: WorkbenchError, *, tries: int, began: float, can_be_smaller: bool) -> None:
        """Count a request that was given up after so many tries."""
        if endpoint == _ELSEWHERE:
            return
        silence = self._of.setdefault(endpoint, _Silence(since=began))
        silence.more += silence.given_up
        silence.requests += tries
        silence.said = (error.why or error.what).rstrip(".")
        about_size = isinstance(error, DataFetchError) or is_too_large(error)
        silence.given_up = silence.given_up or not (can_be_smaller and about_size)

    def give_up(self, endpoint: str) -> None:
        """Remember that the smallest request has failed, too."""
        if self.in_doubt(endpoint):
            self._of[endpoint].given_up = True

    def answered(self, endpoint: str) -> None:
        """Forget what an endpoint did not answer: it does again."""
        self._of.pop(endpoint, None)

    def refuse_if_over(self, subject: Subject) -> None:
        """Raise the error of a request that is not sent any more, if its endpoint is not asked again."""
        silence = self._of.get(subject.endpoint)
        if silence is None or silence.more < _MORE:
            return
        raise LinkedInAPIError(
            subject.failed,
            code=NO_ANSWER,
            why=f"{subject.endpoint} does not answer. {self.words(subject.endpoint)}",
            next_step="Sync again later; what was read is kept.",
        )

    def words(self, endpoint: str) -> str:
        """Why, how often and how long."""
        silence = self._of.get(endpoint, _Silence(since=_now()))
        minutes = max(1, round((_now() - silence.since) / 60))
        requests = several(silence.requests, "request")
        return f"{silence.said}. {requests} in a row failed, over {several(minutes, 'minute')}."


def is_silence(error: WorkbenchError) -> bool:
    """Whether nothing, or nothing that can be read, came until the tries were over."""
    if isinstance(error, DataFetchError):
        return True
    if not isinstance(error, LinkedInAPIError) or isinstance(error, RateLimitError):
        return False
    return error.code in ("TIMEOUT", "BROKEN_OFF") or error.status in _NO_ANSWER


def _now() -> float:
    return asyncio.get_running_loop().time()
