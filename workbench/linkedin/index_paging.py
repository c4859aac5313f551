"""Read the pages of finders that page by `start` and `count`.

Source: Microsoft Learn, "Pagination". By the documentation a page with fewer elements than `count` is the last one.
Some answers are shorter and not the last, so the end is `total`, or an empty page where LinkedIn does not send `total`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

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
    while start < _MOST:
        try:
            page = await client.get(
                endpoint,
                path,
                {**parameters, "start": start, "count": count},
                what=what,
                read=split,
                attempts=ATTEMPTS if count == _COUNT else FEW_ATTEMPTS,
            )
        except (LinkedInAPIError, DataFetchError) as error:
            if count == 1 or not is_of_the_page(error, first=not start):
                raise
            count = max(1, count // 10)
            continue
        yield page
        start += len(page.elements)
        if not page.elements or (page.total is not None and start >= page.total):
            return


def is_of_the_page(error: LinkedInAPIError | DataFetchError, *, first: bool) -> bool:
    """Whether smaller pages may help: the size is refused, or this page fails and not the whole listing."""
    if isinstance(error, DataFetchError) or is_too_large(error):
        return True
    return error.status == 400 and (not first or "page" in error.why.lower() or "count" in error.why.lower())
