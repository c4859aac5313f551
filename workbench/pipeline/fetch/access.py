"""Distinguish "no activity" from "no permission": LinkedIn answers both with an empty list."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from workbench.errors import DataFetchError, LinkedInAPIError, WorkbenchError
from workbench.linkedin import endpoints
from workbench.linkedin.client import Client
from workbench.linkedin.error_mapping import is_fatal
from workbench.linkedin.validation import Page
from workbench.pipeline.fetch.account_state import AccountState
from workbench.pipeline.sync_windows import AccountWindows
from workbench.snapshots.manifest import Part

_NOT_FOUND = 404
_REFUSALS = (403, _NOT_FOUND)


@dataclass
class Access:
    """Evidence for and against the member's access to each account.

    Attributes:
        removed: accounts that LinkedIn lists as removed: what belongs to them may be gone.
        gone: those of them of which LinkedIn did not find something (404), with the first of these answers.
        refused: accounts of which LinkedIn refused anything (403, 404), with the first refusal: it outweighs a role.
    """

    client: Client
    removed: set[int] = field(default_factory=set)
    gone: dict[int, LinkedInAPIError] = field(default_factory=dict)
    refused: dict[int, LinkedInAPIError] = field(default_factory=dict)
    _asked_roles: asyncio.Task[Mapping[int, str]] | None = None

    def note_refusal(self, account_id: int, error: WorkbenchError) -> None:
        """Remember an error if it is a refusal of the account (403, 404)."""
        if account_id and is_refusal(error):
            assert isinstance(error, LinkedInAPIError)  # noqa: S101  (it has a status)
            self.refused.setdefault(account_id, error)

    def is_gone(self, account_id: int, error: WorkbenchError) -> bool:
        """Whether an error only means that a removed account is gone: nothing is left to be fetched."""
        if account_id not in self.removed or getattr(error, "status", None) != _NOT_FOUND:
            return False
        assert isinstance(error, LinkedInAPIError)  # noqa: S101  (it has a status)
        self.gone.setdefault(account_id, error)
        return True

    async def believe(self, account: AccountState, page: Page, part: Part) -> None:
        """Accept an empty answer as "no activity" if access to the account is proven.

        The part stays in `account.unproven` until the account has been read, because a refusal of anything else of the
        account outweighs it.

        Raises:
            DataFetchError: nothing proves that this member may read the account's figures.
        """
        if page.elements:
            return
        account.unproven.add(str(part.path))
        if account.ids["campaigns"] or account.ids["creatives"]:
            return
        if account.account_id in self.gone:
            return  # it covers nothing, as it is taken back with everything that is empty
        roles = await self._accounts_with_a_role()
        if account.account_id in roles if roles is not None else account.listed:
            return
        raise DataFetchError(
            f"Figures of account {account.account_id} may be missing for lack of permission.",
            why="LinkedIn answered with nothing, and nothing shows that this member has a role on the account.",
            next_step="Ask an account admin for a role (Viewer is enough), then sync again.",
            account_id=account.account_id,
        )

    async def is_proven(self, account_id: int) -> bool:
        """Whether the member has a role on the account; for account 0, whether the member has no role at all."""
        if account_id in self.refused:
            return False
        roles = await self._accounts_with_a_role()
        return roles is not None and (account_id in roles if account_id else not roles)

    async def roles(self) -> Mapping[int, str]:
        """The member's role on each account, asked once in a fetch.

        Raises:
            WorkbenchError: LinkedIn does not answer.
        """
        if self._asked_roles is None:
            self._asked_roles = asyncio.create_task(endpoints.account_roles(self.client))
        return await asyncio.shield(self._asked_roles)

    async def _accounts_with_a_role(self) -> Collection[int] | None:
        """The accounts on which the member has a role; None if LinkedIn does not answer."""
        try:
            return (await self.roles()).keys()
        except WorkbenchError as error:
            if is_fatal(error):
                raise
            return None


def is_refusal(error: WorkbenchError) -> bool:
    """Whether LinkedIn refuses something (403, 404)."""
    return isinstance(error, LinkedInAPIError) and error.status in _REFUSALS


def contradicted(part: Part, refusal: LinkedInAPIError) -> DataFetchError:
    """The error of an empty part whose account was refused something else: the part covers nothing."""
    reason = refusal.why or refusal.what
    return DataFetchError(
        f"The {part.resource} of account {part.account_id} may be missing for lack of permission.",
        why=f"LinkedIn answered with nothing, and refused something else of this account: {reason}",
        next_step="Ask an account admin for a role (Viewer is enough), then sync again; it is asked for again.",
        account_id=part.account_id,
    )


def empty_beside_figures(fetched: Mapping[str, int], windows: AccountWindows) -> list[str]:
    """Resources of daily figures that are empty although another one has figures of the same days.

    Ads and ad sets tell the same activity, so one of the two answers is wrong, and nothing says that days are empty.

    Args:
        fetched: how many elements came, by resource.
    """
    return [
        resource
        for resource, count in fetched.items()
        if not count and any(fetched[other] and windows[other].first >= windows[resource].first for other in fetched)
    ]


def not_listed(part: Part, resource: str, named: int) -> DataFetchError:
    """The error of an empty part of an account whose empty listing other answers contradict: the part covers nothing.

    Args:
        resource: whose listing was empty.
        named: how many of its entities other answers name.
    """
    return DataFetchError(
        f"The {part.resource} of account {part.account_id} may be missing.",
        why=f"LinkedIn answered with nothing, and listed no {resource} where other answers name {named:,} of them.",
        next_step="Sync again; it is asked for again.",
        account_id=part.account_id,
    )


def outweighed(part: Part) -> DataFetchError:
    """The error of an empty part whose days have figures elsewhere: the part covers nothing."""
    return DataFetchError(
        f"The {part.resource} of account {part.account_id} may be missing.",
        why="LinkedIn answered with nothing, but has figures of the same days by ad set or by ad.",
        next_step="Sync again; it is asked for again.",
        account_id=part.account_id,
    )


def lost_everything(part: Part) -> DataFetchError:
    """The error of an empty part of an account that had ads, and figures of the same days: the part covers nothing."""
    return DataFetchError(
        f"The {part.resource} of account {part.account_id} may be missing for lack of permission.",
        why="LinkedIn answered everything about this account with nothing, and had figures of the same days before.",
        next_step="Ask an account admin for a role (Viewer is enough), then sync again; it is asked for again.",
        account_id=part.account_id,
    )


def first_failure(failures: ExceptionGroup) -> Exception:
    """The first failure inside nested groups; all bugs instead, if there are any."""
    _, bugs = failures.split(WorkbenchError)
    if bugs:
        return bugs
    failure: Exception = failures
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
