"""Tables that sort, search and page, as a reader who clicks through sees them."""

from __future__ import annotations

import time

from browsers import MILLISECONDS
from playwright.sync_api import Locator, Page, expect

_READ = """table => {
  const read = (part, cells) => [...part.querySelectorAll(cells)].map(cell => cell.innerText.trim())
  const heads = read(table, 'thead th'), rows = [...table.querySelectorAll('tbody tr')].map(row => read(row, 'td'))
  return rows.every(row => row.length == heads.length) && [heads, rows]
}"""  # false while the table is drawn anew: then heads and cells do not belong together
_ID = "data-cell-id"


def grid(page: Page, cell: str) -> Locator:
    """The table of a cell."""
    return page.locator(f'[data-cell-name="{cell}"]')


def shown(table: Locator) -> list[dict[str, str]]:
    """The rows of the table's present page, heading → what is read below it."""
    end = time.monotonic() + MILLISECONDS / 1000
    while not (read := table.locator("table").evaluate(_READ)):  # at once: a moment later it may be another table
        assert time.monotonic() < end, "the table is never drawn whole"
        table.page.wait_for_timeout(50)
    heads, rows = read
    return [dict(zip(heads, row, strict=True)) for row in rows]


def every_row(table: Locator) -> list[dict[str, str]]:
    """The rows of all its pages."""
    rows, first = shown(table), table.locator("tbody tr").first.locator("td").first
    while table.get_by_test_id("next-page-button").is_enabled():
        before = first.get_attribute(_ID) or ""
        table.get_by_test_id("next-page-button").click()
        expect(first).not_to_have_attribute(_ID, before, timeout=MILLISECONDS)
        rows += shown(table)
    return rows
