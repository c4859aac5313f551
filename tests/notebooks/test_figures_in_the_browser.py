"""What the pages show of medium data is the sandbox's truth on either source; tables, exports and charts do what they
say when they are clicked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from grids import every_row, grid, shown
from installations import MILLISECONDS, Served, cell_errors, chromium, complaints, served, settings_of, show, synced
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sync.bench import Bench

from workbench import embedded, formats
from workbench.metrics import key_result, objective

REPORTS = ["overview", "campaigns", "creatives", "audiences"]
SOURCES = ("database", "snapshots")
FORMULAS = ('=HYPERLINK("http://x.example","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=2", "Plain")
SUMMED = (
    "cost_in_local_currency",
    "impressions",
    "clicks",
    "landing_page_clicks",
    "one_click_leads",
    "external_website_conversions",
    "total_engagements",
)
SENIORITY = "MEMBER_SENIORITY"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bench(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with synced(server, tmp_path_factory.mktemp("figures"), size="medium") as bench:
        rows = [row["campaign_id"] for row in bench.sandbox.truth.campaigns() if row["account_id"] == _euro(bench)]
        for campaign, name in zip(rows, FORMULAS, strict=False):
            bench.sandbox.world.rename("campaigns", campaign, name)
        assert bench.sync(force=True).exit_code == 0
        yield bench


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def app(bench: Bench) -> Iterator[Served]:
    with served(REPORTS, settings=settings_of(bench), folder=bench.folder) as app:
        yield app


@pytest.fixture(scope="module")
def context(app: Served, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 2600, "height": 3600})
    page = context.new_page()
    page.goto(app.address)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    said = complaints(page)
    yield page
    assert (cell_errors(page), said) == (0, [])
    page.close()


def _euro(bench: Bench) -> int:
    return next(row["account_id"] for row in bench.sandbox.truth.ad_accounts() if row["currency"] == "EUR")


class Truth:
    """The sandbox's own sums of the last 28 complete days, added up here and not in SQL."""

    def __init__(self, bench: Bench) -> None:
        self.world = bench.sandbox.truth
        self.last = bench.today - timedelta(1)
        self.first = self.last - timedelta(27)
        self.currency = {row["account_id"]: row["currency"] for row in self.world.ad_accounts()}

    def sums(self, table: str, *by: str) -> dict[Any, dict[str, Any]]:
        """By account or what else there is, the sums of every metric."""
        found: dict[Any, dict[str, Any]] = {}
        for row in getattr(self.world, table)(self.first, self.last):
            facts = {**row, "currency": self.currency[row["account_id"]]}
            mine = found.setdefault(tuple(facts[name] for name in by), dict.fromkeys(SUMMED, 0))
            for name in SUMMED:
                mine[name] += row[name]
        return found


@pytest.fixture(scope="module")
def truth(bench: Bench) -> Truth:
    return Truth(bench)


def ratio(top: Any, bottom: Any, scale: int = 1) -> float | None:
    return float(top) / float(bottom) * scale if bottom else None


# --- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_the_tiles_are_the_truth_in_every_currency(source: str, app: Served, page: Page, truth: Truth) -> None:
    show(page, f"{app.origin}/overview/?source={source}&period=28d")
    found: dict[str, dict[str, str]] = {}
    tiles = page.locator('[data-cell-name="tiles"]')
    names = tiles.locator("h2").all_inner_texts()
    for name, row in zip(names, tiles.locator(".wb-tiles").all(), strict=True):
        labels, values = row.locator("dt").all_inner_texts(), row.locator("dd.v").all()
        found[name.split()[0]] = dict(zip(labels, (v.get_attribute("title") or "" for v in values), strict=True))
    assert found == {
        currency: {
            "Spend": formats.money(sums["cost_in_local_currency"], currency),
            "Impressions": formats.number(sums["impressions"]),
            "Clicks": formats.number(sums["clicks"]),
            "CTR": formats.percent(ratio(sums["clicks"], sums["impressions"])),
            "CPC": formats.money(ratio(sums["cost_in_local_currency"], sums["clicks"]), currency),
            "CPM": formats.money(ratio(sums["cost_in_local_currency"], sums["impressions"], 1000), currency),
        }
        for (currency,), sums in truth.sums("campaign_daily_metrics", "currency").items()
    }
    assert all(row.locator("dt").first.get_attribute("title") for row in tiles.locator(".wb-tiles").all())


@pytest.mark.parametrize("source", SOURCES)
def test_every_ad_set_on_every_page_of_the_table_is_the_truth(
    source: str, app: Served, page: Page, truth: Truth
) -> None:
    show(page, f"{app.origin}/campaigns/?source={source}&period=28d&currency=EUR")
    found = every_row(grid(page, "comparison_of_all"))
    settings = {row["campaign_id"]: row for row in truth.world.campaigns()}
    expected = [
        _ad_set(settings.get(campaign), sums)
        for (campaign, currency), sums in truth.sums("campaign_daily_metrics", "campaign_id", "currency").items()
        if currency == "EUR"
    ]
    columns = expected[0].keys()
    active = [{name: row[name] for name in columns} for row in found if row["Spend"] != "€0.00"]
    assert sorted(map(str, active)) == sorted(map(str, (row for row in expected if row["Spend"] != "€0.00")))


def _ad_set(settings: Mapping[str, Any] | None, sums: Mapping[str, Any]) -> dict[str, str]:
    kind = objective(settings["objective_type"]) if settings else None
    wanted = key_result(kind)
    results = sums[wanted.metric] if wanted.metric else None
    cost = ratio(sums["cost_in_local_currency"], results, wanted.scale) if results is not None else None
    return {
        "Spend": formats.money(sums["cost_in_local_currency"], "EUR"),
        "Key results": formats.number(results),
        "Cost per key result": formats.money(cost, "EUR"),
        "Impressions": formats.number(sums["impressions"]),
        "Clicks": formats.number(sums["clicks"]),
        "LP CTR": formats.percent(ratio(sums["landing_page_clicks"], sums["impressions"])),
        "CPC": formats.money(ratio(sums["cost_in_local_currency"], sums["clicks"]), "EUR"),
        "CPM": formats.money(ratio(sums["cost_in_local_currency"], sums["impressions"], 1000), "EUR"),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_the_ads_with_most_money_are_the_truth(source: str, app: Served, page: Page, truth: Truth) -> None:
    show(page, f"{app.origin}/creatives/?source={source}&period=28d&currency=EUR")
    found = shown(grid(page, "comparison_of_all"))
    sums = truth.sums("creative_daily_metrics", "creative_id", "currency")
    mine = [row for (_, currency), row in sums.items() if currency == "EUR"]
    most = sorted(mine, key=lambda row: row["cost_in_local_currency"], reverse=True)[: len(found)]
    assert [(row["Spend"], row["Impressions"], row["LP CTR"]) for row in found] == [
        (
            formats.money(row["cost_in_local_currency"], "EUR"),
            formats.number(row["impressions"]),
            formats.percent(ratio(row["landing_page_clicks"], row["impressions"])),
        )
        for row in most
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_the_segments_are_the_truth(source: str, app: Served, page: Page, bench: Bench, truth: Truth) -> None:
    account = _euro(bench)
    show(page, f"{app.origin}/audiences/?source={source}&account={account}&by={SENIORITY}")
    rows = truth.world.audience_demographics(*bench.window, accounts=[account], pivots=[SENIORITY])
    total = sum(row["impressions"] for row in rows)
    assert {
        row["Segment"]: (row["% of impressions"], row["Clicks"], row["Spend"])
        for row in every_row(grid(page, "all_segments"))
    } == {
        row["segment_name"]: (
            formats.number(100 * row["impressions"] / total, 2),
            formats.number(row["clicks"]),
            formats.money(row["cost_in_local_currency"], "EUR"),
        )
        for row in rows
    }


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_sorts_searches_and_pages(app: Served, page: Page, truth: Truth) -> None:
    show(page, f"{app.origin}/campaigns/?source=database&period=28d&currency=EUR")
    table = grid(page, "comparison_of_all")
    sums = truth.sums("campaign_daily_metrics", "campaign_id", "currency")
    impressions = sorted((row["impressions"] for (_, c), row in sums.items() if c == "EUR"), reverse=True)
    head = table.get_by_role("columnheader", name="Impressions")
    head.hover()
    head.get_by_test_id("data-table-sort-button").click()
    head.get_by_test_id("data-table-sort-button").click()
    expect(table.locator("tbody tr").first).to_contain_text(formats.number(impressions[0]), timeout=MILLISECONDS)
    assert [row["Impressions"] for row in shown(table)] == [formats.number(n) for n in impressions[:12]]
    for row in table.locator("tbody tr").all():
        facts = dict(zip(shown(table)[0], row.locator("td").all_inner_texts(), strict=True))
        few = _few(facts)
        colour = row.locator("td").nth(2).evaluate("cell => cell.style.color")
        assert bool(colour) == few, facts
    table.get_by_test_id("next-page-button").click()
    expect(table.locator("tbody tr").first).to_contain_text(formats.number(impressions[12]), timeout=MILLISECONDS)
    table.get_by_role("textbox").fill("HYPERLINK")
    expect(table.locator("tbody tr")).to_have_count(1, timeout=MILLISECONDS)
    assert shown(table)[0]["Ad set"].startswith("=HYPERLINK(")


def _few(row: Mapping[str, str]) -> bool:
    def count(text: str) -> float:
        return float("inf") if text == "n/a" else int(text.replace(",", ""))

    return count(row["Impressions"]) < 1000 or count(row["Key results"]) < 10


def test_a_ratio_says_how_it_is_made(app: Served, page: Page) -> None:
    show(page, f"{app.origin}/campaigns/?source=database&period=28d&currency=EUR")
    grid(page, "comparison_of_all").get_by_role("columnheader", name="CPM").locator("span.underline").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("1,000 × spend ÷ impressions", timeout=MILLISECONDS)


def test_exports_hold_the_truth_and_no_formula(app: Served, page: Page, truth: Truth, tmp_path: Path) -> None:
    show(page, f"{app.origin}/campaigns/?source=database&period=28d&currency=EUR")
    files = {}
    for label in ("CSV", "Parquet"):
        with page.expect_download(timeout=MILLISECONDS) as download:
            grid(page, "comparison_of_all").get_by_role("link", name=label).click()
        files[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[label])
    assert [file.name for file in files.values()] == ["ad_sets.csv", "ad_sets.parquet"]

    sums = truth.sums("campaign_daily_metrics", "campaign_id", "currency")
    expected = sorted(
        (row["cost_in_local_currency"], row["impressions"], row["clicks"]) for (_, c), row in sums.items() if c == "EUR"
    )
    stored = pl.read_parquet(files["Parquet"]).filter(pl.col("cost_in_local_currency") > 0)
    names = ("cost_in_local_currency", "impressions", "clicks")
    assert sorted(stored.select(names).rows()) == [row for row in expected if row[0]]

    written = files["CSV"].read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    figures = sorted((Decimal(row[names[0]]), int(row[names[1]]), int(row[names[2]])) for row in rows)
    assert [row for row in figures if row[0]] == [row for row in expected if row[0]]
    words = [cell for row in rows for cell in row.values() if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)]
    assert [cell for cell in words if re.match(r"\s*[=+\-@\t\r\n]", cell)] == []
    assert {f"'{name}" for name in FORMULAS if name[0] in "=+-@"} <= {row["name"] for row in rows}


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_chart_is_saved_as_a_picture(kind: str, app: Served, page: Page, tmp_path: Path) -> None:
    show(page, f"{app.origin}/overview/?source=database&period=28d")
    chart = page.locator('[data-cell-name="daily_trend"] marimo-vega').first
    chart.locator("summary").click()
    with page.expect_download(timeout=MILLISECONDS) as download:
        chart.get_by_text(f"Save as {kind}").click()
    download.value.save_as(tmp_path / "chart")
    start = (tmp_path / "chart").read_bytes()[:200]
    assert start.startswith(b"\x89PNG") if kind == "PNG" else b"<svg" in start
