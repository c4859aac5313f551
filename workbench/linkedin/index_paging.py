"""Read the pages of finders that page by `start` and `count`.

Source: Microsoft Learn, "Pagination". By the documentation a page with fewer elements than `count` is the last one.
Some answers are shorter and not the last, so the end is `total`, or an empty page where LinkedIn does not send `total`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from workbench.errors import DataFetchError, LinkedInAPIError
from workbench.linkedin.client import ATTEMPTS, FEW_ATTEMPTS, Client
from workbench.linkedin.error_mapping import is_too_large
from workbench.linkedin.restli import Plain, Value
from workbench.linkedin.validation import Page, split

_MOST = 100_000  # elements: more than any member or account has
_COUNT = 1_000


async def pages_by_index(
    client: Client, endpoint: str, path: str, parameters: Mapping[str, Value | Plain], what: str
) -> AsyncIterator[Page]:
    """Every page; where one is refused or fails for good, smaller ones are asked for from there, down to one element.

    Raises:
        LinkedInAPIError, DataFetchError: a page fails however little is asked for.
    """
    start, count = 0, _COUNT

    async def ask(count: int, attempts: int) -> Page:
        asked = {**parameters, "start": start, "count": count}
        return await client.get(endpoint, path, asked, what=what, read=split, attempts=attempts, can_be_smaller=True)

    while start < _MOST:
        try:
            page = await ask(count, ATTEMPTS if count == _COUNT else FEW_ATTEMPTS)
        except (LinkedInAPIError, DataFetchError) as error:
            if count == 1 or not is_of_the_page(error, first=not start):
                raise
            smaller = max(1, count // 10)
            count = smaller if start else await answered_size(client, endpoint, ask, count, error, by=10)
            continue
        yield page
        start += len(page.elements)
        if not page.elements or (page.total is not None and start >= page.total):
            return


async def answered_size(
    client: Client,
    endpoint: str,
    ask: Callable[[int, int], Awaitable[Page]],
    size: int,
    failed: LinkedInAPIError | DataFetchError,
    *,
    by: int = 4,
) -> int:
    """A smaller size with which a listing's first page is answered; one listing of an endpoint at a time tries.

    Args:
        ask: called with a size and how often to try.
        by: how many times smaller the next one is.

    Raises: the error of the smallest page; `failed` where another listing has just found that none is answered.
    """
    async with client.silences.one_by_one(endpoint):
        if client.silences.is_given_up(endpoint):
            raise failed
        while True:
            size = max(1, size // by)
            try:
                await ask(size, FEW_ATTEMPTS)
            except (LinkedInAPIError, DataFetchError) as error:
                if not is_of_the_page(error, first=True):
                    raise
                if size > 1:
                    continue
                if client.silences.in_doubt(endpoint):
                    client.silences.give_up(endpoint)
                    error.why = client.silences.words(endpoint)
                error.why = f"Page 1 failed, also with {size} a page: {error.why}"
                raise
            return size


def is_of_the_page(error: LinkedInAPIError | DataFetchError, *, first: bool) -> bool:
    """Whether smaller pages may help: the size is refused, or this page fails and not the whole listing."""
    if isinstance(error, DataFetchError) or is_too_large(error):
        return True
    return error.status == 400 and (not first or "page" in error.why.lower() or "count" in error.why.lower())
