"""Ask for figures until it shows that LinkedIn does not answer: for a resource of an account, an account, or at all.

A window may be too large to be answered, which looks like an outage (500, 504, no answer in time). So after a request
has failed as often as it may, and nothing of its resource was answered meanwhile, its first and its last day alone are
asked for. Only where one of these is answered is the window halved.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from workbench.errors import DataFetchError, LinkedInAPIError, RateLimitError, WorkbenchError, several
from workbench.linkedin.client import ATTEMPTS
from workbench.linkedin.error_mapping import NO_ANSWER, is_fatal, is_unanswered
from workbench.linkedin.validation import Page
from workbench.schema.windows import Window

_OF_RESOURCE = 3  # parts in a row without an answer, after which no more is asked: of one resource of an account
_OF_ACCOUNT = 6
_OF_ANOTHER_ACCOUNT = 1  # while another one is not answered either
_ALL = 3  # accounts in a row

Request = Callable[[Window, int], Awaitable[Page]]
"""Called with a window and how often to try."""


@dataclass
class _Silence:
    """What was not answered in a row.

    Attributes:
        answers: how many answers came before.
        parts: how many parts were given up.
        accounts: whose they are.
        tried_days: whether single days were asked for, too.
        requests: how many requests failed.
        since: when the first of them was sent, by the event loop's clock.
        said: why the last of them failed.
    """

    answers: int = 0
    parts: int = 0
    accounts: set[int] = field(default_factory=set)
    tried_days: bool = False
    requests: int = 0
    since: float = 0.0
    said: str = ""

    def end(self) -> None:
        self.answers += 1
        self.parts = self.requests = 0
        self.tried_days = False
        self.accounts.clear()

    def add(self, requests: int, began: float, error: WorkbenchError) -> None:
        self.since = self.since if self.requests else began
        self.requests += requests
        self.said = (error.why or error.what).rstrip(".")

    def words(self) -> str:
        minutes = max(1, round((_now() - self.since) / 60))
        count = several(self.requests, "request")
        return f"{self.said}. {count} in a row failed, over {several(minutes, 'minute')}."


@dataclass
class Outages:
    """What LinkedIn did not answer in one fetch."""

    _silences: defaultdict[tuple[int, str], _Silence] = field(default_factory=lambda: defaultdict(_Silence))
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(
        self,
        account_id: int,
        resource: str,
        request: Request,
        window: Window,
        *,
        attempts: int = ATTEMPTS,
        can_be_halved: bool = True,
        alone: bool = False,
    ) -> Page:
        """The answer for a window. While it is in doubt whether LinkedIn answers at all, requests go one by one.

        Args:
            alone: whether a failure says nothing about anything else, because something else of the account was
                answered just before.

        Raises:
            LinkedInAPIError: as the request; with the code NO_ANSWER where nothing smaller needs to be asked for.
        """
        asked = _Asked(account_id, request, window, can_be_halved, again=attempts < ATTEMPTS)
        scopes = [self._silences[key] for key in ((account_id, resource), (account_id, ""), (0, ""))]
        if alone:
            scopes[1:] = _Silence(), _Silence()
        while _in_doubt(scopes):
            async with self._one_by_one:
                _refuse_if_over(scopes, asked)
                if _in_doubt(scopes):
                    return await _asked_in_doubt(scopes, asked)
        before = scopes[0].answers
        try:
            return await _tried(scopes, asked, window, attempts)
        except _Unanswered as failure:
            if scopes[0].answers == before and not asked.is_smallest:
                async with self._one_by_one:
                    _refuse_if_over(scopes, asked)
                    if scopes[0].answers == before:
                        await _judge(scopes, asked, failure.error)
            raise failure.error from None


@dataclass(frozen=True)
class _Asked:
    """A request for figures.

    Attributes:
        again: whether it is a part of what LinkedIn has not answered as a whole.
    """

    account_id: int
    request: Request
    window: Window
    can_be_halved: bool
    again: bool

    @property
    def is_smallest(self) -> bool:
        """Whether it is a day that was asked for because longer windows were not answered."""
        return self.again and self.window.days == 1


class _Unanswered(Exception):
    def __init__(self, error: WorkbenchError) -> None:
        super().__init__(error.what)
        self.error = error


async def _tried(scopes: Sequence[_Silence], asked: _Asked, window: Window, attempts: int) -> Page:
    """The answer. A refusal is one too, and is raised as it is."""
    began = _now()
    try:
        page = await asked.request(window, attempts)
    except RateLimitError:
        raise
    except (LinkedInAPIError, DataFetchError) as error:
        if is_fatal(error):
            raise
        if is_unanswered(error):
            for scope in scopes:
                scope.add(1 if getattr(error, "status", None) in (400, 413) else attempts, began, error)
            raise _Unanswered(error) from error
        for scope in scopes:
            scope.end()
        raise
    for scope in scopes:
        scope.end()
    return page


async def _asked_in_doubt(scopes: Sequence[_Silence], asked: _Asked) -> Page:
    try:
        return await _tried(scopes, asked, asked.window, 1)
    except _Unanswered as failure:
        await _judge(scopes, asked, failure.error)
        raise failure.error from None


async def _judge(scopes: Sequence[_Silence], asked: _Asked, error: WorkbenchError) -> None:
    """Return if LinkedIn answers for something smaller, so that the failure concerns this window alone."""
    _, account, everything = scopes
    if not account.tried_days and asked.can_be_halved and asked.window.days > 1:
        for day in (asked.window.last,) if everything.tried_days else (asked.window.first, asked.window.last):
            try:
                await _tried(scopes, asked, Window(day, day), 1)
            except _Unanswered:
                continue
            return
        account.tried_days = everything.tried_days = True
    raise _given_up(scopes, asked, error)


def _in_doubt(scopes: Sequence[_Silence]) -> bool:
    return any(scope.parts for scope in scopes)


def _given_up(scopes: Sequence[_Silence], asked: _Asked, error: WorkbenchError) -> LinkedInAPIError:
    for scope in scopes:
        scope.parts += 1
        scope.accounts.add(asked.account_id)
    return _no_answer(error.what, scopes[-1].words())


def _refuse_if_over(scopes: Sequence[_Silence], asked: _Asked) -> None:
    """Raise the error of what is not asked any more, if it is not to be asked."""
    resource, account, everything = scopes
    most = _OF_ANOTHER_ACCOUNT if everything.accounts - {asked.account_id} else _OF_ACCOUNT
    if len(everything.accounts) >= _ALL:
        silence = everything
    elif account.parts >= most:
        silence = account
    elif resource.parts >= _OF_RESOURCE:
        silence = resource
    else:
        return
    what = f"Figures of account {asked.account_id} for {asked.window} were not asked for."
    raise _no_answer(what, f"adAnalytics does not answer. {silence.words()}")


def _no_answer(what: str, why: str) -> LinkedInAPIError:
    step = "Sync again later; what was read is kept."
    return LinkedInAPIError(what, code=NO_ANSWER, why=why, next_step=step)


def _now() -> float:
    return asyncio.get_running_loop().time()
