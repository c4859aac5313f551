"""Read the pages of finders that page by `pageSize` and `pageToken`.

Source: Microsoft Learn, "Pagination", cursor-based pagination since version 202401.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from workbench.errors import DataFetchError, LinkedInAPIError
from workbench.linkedin.client import ATTEMPTS, FEW_ATTEMPTS, Client
from workbench.linkedin.index_paging import answered_size, is_of_the_page
from workbench.linkedin.restli import Plain, Value
from workbench.linkedin.validation import Page, split

_PAGES = 2_000  # an account holds at most 15,000 creatives, 100 a page
_AGAIN = 300  # pages that are read again in smaller ones
_STATUSES = {
    "adAccounts": ("ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED"),
    "adCampaignGroups": ("ACTIVE", "ARCHIVED", "CANCELED", "DRAFT", "PAUSED", "PENDING_DELETION", "REMOVED"),
    "adCampaigns": (
        "ACTIVE", "PAUSED", "ARCHIVED", "COMPLETED", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED",
    ),
}  # fmt: skip


async def search_pages(
    client: Client, endpoint: str, path: str, statuses: Sequence[str], what: str
) -> AsyncIterator[Page]:
    """A search finder. Without `search` it gives every status; where LinkedIn insists on one, all are named."""
    try:
        async for page in pages_by_cursor(client, endpoint, path, _criteria(statuses), what):
            yield page
    except LinkedInAPIError as error:
        if error.status != 400 or statuses or "search" not in error.why:
            raise
        async for page in pages_by_cursor(client, endpoint, path, _criteria(_STATUSES[endpoint]), what):
            yield page


def _criteria(statuses: Sequence[str]) -> dict[str, Value | Plain]:
    search: dict[str, Value | Plain] = {"search": {"status": {"values": list(statuses)}}} if statuses else {}
    return {"q": "search", **search, "pageSize": 1000}


async def pages_by_cursor(
    client: Client,
    endpoint: str,
    path: str,
    parameters: Mapping[str, Value | Plain],
    what: str,
    *,
    method: str | None = None,
) -> AsyncIterator[Page]:
    """Pages by cursor until there is no `nextPageToken`; a page may be short and still not the last.

    Where a page is refused or fails for good, the listing begins anew with smaller pages, down to one element: a cursor
    holds for one size only. Elements that were read before come again.

    Raises:
        LinkedInAPIError: a page fails however little is asked for; `why` names it.
        DataFetchError: the same, or the cursor repeats or never ends.
    """
    size, attempts, again = int(str(parameters["pageSize"])), ATTEMPTS, 0
    seen: list[str] = []

    async def ask(size: int, attempts: int) -> Page:
        asked = {**parameters, "pageSize": size, **({"pageToken": seen[-1]} if seen else {})}
        return await client.get(
            endpoint, path, asked, what=what, read=split, method=method, attempts=attempts, can_be_smaller=True
        )

    while True:
        try:
            page = await ask(size, attempts)
        except (LinkedInAPIError, DataFetchError) as error:
            if not is_of_the_page(error, first=not seen):
                raise
            if size == 1 or again > _AGAIN:
                error.why = f"Page {len(seen) + 1} failed, also with {size} a page: {error.why}"
                raise
            again += len(seen) + 1
            first, seen = not seen, []
            size = await answered_size(client, endpoint, ask, size, error) if first else max(1, size // 4)
            attempts = FEW_ATTEMPTS
            continue
        yield page
        token = page.next_page_token
        if token is None:
            return
        if attempts == FEW_ATTEMPTS:
            again += 1
        if token in seen or len(seen) >= _PAGES:
            raise DataFetchError(
                f"Could not read all {what}.",
                why="LinkedIn's cursor leads in a circle." if token in seen else "LinkedIn's cursor does not end.",
                next_step="Sync again later; what was read is kept.",
            )
        seen.append(token)
