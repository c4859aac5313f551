"""Tables that sort, search and page, as somebody reads them who clicks through."""

from __future__ import annotations

from installations import MILLISECONDS
from playwright.sync_api import Locator, Page, expect


def grid(page: Page, cell: str) -> Locator:
    """The table of a cell."""
    return page.locator(f'[data-cell-name="{cell}"]')


def shown(table: Locator) -> list[dict[str, str]]:
    """The rows of the table's present page, heading → what is read below it."""
    heads = [head.strip() for head in table.get_by_role("columnheader").all_inner_texts()]
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    return [dict(zip(heads, map(str.strip, row), strict=True)) for row in rows]


def every_row(table: Locator) -> list[dict[str, str]]:
    """The rows of all its pages."""
    rows = before = shown(table)
    while table.get_by_test_id("next-page-button").is_enabled():
        table.get_by_test_id("next-page-button").click()
        first = table.locator("tbody tr").first.locator("td").first
        expect(first).not_to_have_text(next(iter(before[0].values())), timeout=MILLISECONDS)
        before = shown(table)
        rows = [*rows, *before]
    return rows
