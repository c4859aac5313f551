"""An endpoint that does not answer is asked a few times, one that refuses only long windows as often as that takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from workbench.errors import LinkedInAPIError
from workbench.linkedin.error_mapping import NO_ANSWER, is_too_large
from workbench.linkedin.validation import Page
from workbench.pipeline.fetch.outages import Outages
from workbench.schema.windows import Window

LAST = date(2026, 11, 29)
LONG = Window(LAST - timedelta(days=90), LAST)
RESOURCES = (
    "campaign_daily_metrics",
    "creative_daily_metrics",
    *["reach_windows"] * 12,
    *["audience_demographics"] * 8,
)


@dataclass
class LinkedIn:
    """Answers for what `answers` says, and counts requests, retries included."""

    answers: Callable[[int, Window], bool]
    status: int = 504
    requests: list[tuple[int, Window]] = field(default_factory=list)
    outages: Outages = field(default_factory=Outages)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(6))

    async def part(self, account_id: int, resource: str, window: Window = LONG) -> LinkedInAPIError | None:
        async def request(window: Window, attempts: int) -> Page:
            for _ in range(attempts):
                self.requests.append((account_id, window))
                await asyncio.sleep(0)
                if self.answers(account_id, window):
                    return Page([])
            raise LinkedInAPIError("No figures.", status=self.status, why=f"LinkedIn answered {self.status}.")

        async with self.places:
            halves = resource != "reach_windows"
            try:
                await self.outages.ask(account_id, resource, request, window, can_be_halved=halves)
            except LinkedInAPIError as error:
                return error
        return None


def fetched(linkedin: LinkedIn, accounts: int) -> dict[int, list[LinkedInAPIError | None]]:
    """What became of each part, by account."""

    async def fetch() -> dict[int, list[LinkedInAPIError | None]]:
        parts = [[linkedin.part(account, resource) for resource in RESOURCES] for account in range(1, accounts + 1)]
        ended = await asyncio.gather(*(asyncio.gather(*account) for account in parts))
        return {account: list(errors) for account, errors in enumerate(ended, 1)}

    return asyncio.run(fetch())


@pytest.mark.parametrize("accounts", [1, 2, 3, 100])
@pytest.mark.parametrize("status", [500, 503, 504])
def test_what_never_answers_costs_some_forty_requests_for_however_many_accounts(status: int, accounts: int) -> None:
    linkedin = LinkedIn(lambda account, window: False, status)

    ended = [error for errors in fetched(linkedin, accounts).values() for error in errors]

    assert len(linkedin.requests) <= 45
    assert all(error and error.code == NO_ANSWER and not is_too_large(error) for error in ended)
    assert "in a row failed, over 1 minute" in str(ended[-1] and ended[-1].why)
    assert any(error and str(status) in error.why for error in ended)


def test_a_window_that_is_too_large_of_one_account_stays_too_large_and_the_rest_is_answered() -> None:
    linkedin = LinkedIn(lambda account, window: account != 1 or window.days <= 30)

    ended = fetched(linkedin, 3)

    assert ended[2] == ended[3] == [None] * len(RESOURCES)
    daily = [error for error, resource in zip(ended[1], RESOURCES, strict=True) if resource != "reach_windows"]
    assert all(error and is_too_large(error) for error in daily)  # the caller halves it


def test_an_account_that_is_not_answered_leaves_the_others_alone() -> None:
    linkedin = LinkedIn(lambda account, window: account != 1)

    ended = fetched(linkedin, 3)

    assert ended[2] == ended[3] == [None] * len(RESOURCES)
    assert all(error and error.code == NO_ANSWER for error in ended[1])
    assert sum(account == 1 for account, _ in linkedin.requests) <= 40


def test_a_refusal_is_an_answer() -> None:
    linkedin = LinkedIn(lambda account, window: False, status=403)

    ended = fetched(linkedin, 1)

    assert all(error and error.status == 403 for error in ended[1])


@pytest.mark.parametrize("alone", [True, False])
def test_a_group_that_fails_behind_an_answer_costs_no_other_group(alone: bool) -> None:
    """One group of several accounts is never answered, and nothing else is asked for meanwhile."""

    async def ask(outages: Outages, account: int, group: str) -> bool:
        async def request(window: Window, attempts: int) -> Page:
            if group == "detail":
                raise LinkedInAPIError("No figures.", status=500, why="LinkedIn answered 500.")
            return Page([])

        try:
            await outages.ask(account, group, request, LONG, alone=alone)
        except LinkedInAPIError:
            return False
        return True

    async def fetch() -> list[bool]:
        outages = Outages()
        failed = [await ask(outages, account, "detail") for account in (1, 2, 3)]
        return [*failed, *[await ask(outages, account, "viral") for account in (1, 2, 3)]]

    assert asyncio.run(fetch()) == [False] * 3 + [alone] * 3
