"""Ask for many URNs in batches. A batch that LinkedIn refuses is halved until the refused URNs are alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import LinkedInAPIError, WorkbenchError
from workbench.linkedin.error_mapping import NO_ANSWER, is_fatal

Known = dict[str, dict[str, Any]]
Ask = Callable[[Sequence[str]], Awaitable[Known]]
_ABOUT_URNS = (400, 403, 404)
_REFUSED_ALL = 12  # refusals without a single answer: LinkedIn refuses every URN
_REFUSALS = 200  # refusals after which no more is asked


@dataclass
class Batches:
    """The answers to many URNs.

    Attributes:
        found: what LinkedIn answered.
        refused: URNs that it refused even when they were asked for alone.
        error: the first failure that does not stop the fetch.
    """

    ask: Ask
    found: Known = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    error: WorkbenchError | None = None
    _refusals: int = 0
    _answers: int = 0
    _forbidden: LinkedInAPIError | None = None

    async def run(self, urns: Sequence[str], size: int) -> None:
        """Ask for all URNs, `size` at a time, and halve what is refused.

        Raises:
            WorkbenchError: a failure that every other request would meet too.
        """
        batches = [urns[at : at + size] for at in range(0, len(urns), size)]
        for some in (batches[:1], batches[1:]):  # the first alone: if it is not answered, few of the others are sent
            for outcome in await asyncio.gather(*map(self._batch, some), return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
        if self._forbidden and not self._answers:
            self.refused.clear()  # the refusal concerns the sign-in, not a URN
            self.error = self.error or self._forbidden

    @property
    def _is_over(self) -> bool:
        return self._refusals > (_REFUSALS if self._answers else _REFUSED_ALL)

    async def _batch(self, urns: Sequence[str]) -> None:
        if self._is_over:
            return
        try:
            self.found |= await self.ask(urns)
            self._answers += 1
        except LinkedInAPIError as error:
            if error.status not in _ABOUT_URNS:
                self._fail(error)
            else:
                await self._halve(urns, error)
        except WorkbenchError as error:
            self._fail(error)

    async def _halve(self, urns: Sequence[str], error: LinkedInAPIError) -> None:
        self._refusals += 1
        self._forbidden = self._forbidden or (error if error.status == 403 else None)
        if len(urns) == 1:
            self.refused += urns
        else:
            if self._is_over:
                self._fail(error)
            middle = len(urns) // 2
            await self._batch(urns[:middle])
            await self._batch(urns[middle:])

    def _fail(self, error: WorkbenchError) -> None:
        if is_fatal(error):
            raise error
        says_most = getattr(error, "code", None) == NO_ANSWER  # how often and how long it was tried
        self.error = error if says_most else self.error or error
