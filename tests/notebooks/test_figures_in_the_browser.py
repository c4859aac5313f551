"""What the pages show of medium data is the sandbox's truth on either source; tables, exports and charts do what they
say when they are clicked."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from browsers import MILLISECONDS, Runs, beside, cell_errors, complaints, show
from databases import new_database
from grids import every_row, grid, shown
from installations import Served, rows_of, served, settings_of
from playwright.sync_api import BrowserContext, Page, expect
from sync.installation import Installation, new_installation

from workbench.analytics import formatting
from workbench.analytics.audiences import unresolved
from workbench.analytics.metrics import key_result, objective
from workbench.database import embedded
from workbench.schema.pivots import SHOWN

REPORTS = ["overview", "campaigns", "creatives", "audiences"]
SOURCES = ("database", "snapshots")
"""Both give the same frames (`tests/questions`); tiles are read on both, each table on one of them."""
FORMULAS = ('=HYPERLINK("http://x.example","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=2", "Plain")
SUMMED = (
    "cost_in_local_currency",
    "impressions",
    "clicks",
    "landing_page_clicks",
    "one_click_leads",
    "external_website_conversions",
    "total_engagements",
    "cost_in_usd",
    "video_views",
    "follows",
    "company_page_clicks",
    "qualified_leads",
)
FEW_PAGES = 130
"""Segments of a pivot that are read to the end; of more, those seen most."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with new_installation(new_database(server), tmp_path_factory.mktemp("figures"), size="medium") as installation:
        rows = [
            row["campaign_id"]
            for row in installation.sandbox.truth.campaigns()
            if row["account_id"] == _euro(installation)
        ]
        for campaign, name in zip(rows, FORMULAS, strict=False):
            installation.sandbox.world.rename("campaigns", campaign, name)
        assert beside(installation.sync).exit_code == 0
        yield installation


@pytest.fixture(scope="module")
def app(installation: Installation, tabs: BrowserContext) -> Iterator[Served]:
    with served(REPORTS, settings=settings_of(installation), folder=installation.folder) as app:
        app.let_in(tabs)
        yield app


@pytest.fixture
def page(tabs: BrowserContext) -> Iterator[Page]:
    page = tabs.new_page()
    page.set_viewport_size({"width": 2600, "height": 2000})
    said = complaints(page)
    yield page
    assert (cell_errors(page), said) == (0, [])
    page.close()


def _euro(installation: Installation) -> int:
    return next(row["account_id"] for row in installation.sandbox.truth.ad_accounts() if row["currency"] == "EUR")


class Truth:
    """The sandbox's own sums of the last 28 complete days, added up here and not in SQL."""

    def __init__(self, installation: Installation) -> None:
        self.world = installation.sandbox.truth
        self.last = installation.today - timedelta(1)
        self.first = self.last - timedelta(27)
        self.currency = {row["account_id"]: row["currency"] for row in self.world.ad_accounts()}

    def sums(self, table: str, *by: str) -> dict[Any, dict[str, Any]]:
        """By account or what else there is, the sums of every metric."""
        found: dict[Any, dict[str, Any]] = {}
        for row in getattr(self.world, table)(self.first, self.last):
            facts = {**row, "currency": self.currency[row["account_id"]]}
            mine = found.setdefault(tuple(facts[name] for name in by), dict.fromkeys(SUMMED, 0))
            for name in SUMMED:
                mine[name] += row.get(name) or 0  # of an account without videos, views are unknown
        return found


@pytest.fixture(scope="module")
def truth(installation: Installation) -> Truth:
    return Truth(installation)


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
            "Spend": formatting.money(sums["cost_in_local_currency"], currency),
            "Impressions": formatting.number(sums["impressions"]),
            "Clicks": formatting.number(sums["clicks"]),
            "CTR": formatting.percent(ratio(sums["clicks"], sums["impressions"])),
            "CPC": formatting.money(ratio(sums["cost_in_local_currency"], sums["clicks"]), currency),
            "CPM": formatting.money(ratio(sums["cost_in_local_currency"], sums["impressions"], 1000), currency),
        }
        for (currency,), sums in truth.sums("campaign_daily_metrics", "currency").items()
    }
    assert all(row.locator("dt").first.get_attribute("title") for row in tiles.locator(".wb-tiles").all())


@pytest.mark.parametrize("source", SOURCES[1:])
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
        "Spend": formatting.money(sums["cost_in_local_currency"], "EUR"),
        "Key results": formatting.number(results),
        "Cost per key result": formatting.money(cost, "EUR"),
        "Impressions": formatting.number(sums["impressions"]),
        "Clicks": formatting.number(sums["clicks"]),
        "CTR": formatting.percent(ratio(sums["clicks"], sums["impressions"])),
        "LP CTR": formatting.percent(ratio(sums["landing_page_clicks"], sums["impressions"])),
        "CPC": formatting.money(ratio(sums["cost_in_local_currency"], sums["clicks"]), "EUR"),
        "CPM": formatting.money(ratio(sums["cost_in_local_currency"], sums["impressions"], 1000), "EUR"),
    }


@pytest.mark.parametrize("source", SOURCES[:1])
def test_every_ad_on_every_page_of_the_table_is_the_truth(source: str, app: Served, page: Page, truth: Truth) -> None:
    show(page, f"{app.origin}/creatives/?source={source}&period=28d&currency=EUR")
    found = every_row(grid(page, "comparison_of_all"))
    sums = truth.sums("creative_daily_metrics", "creative_id", "currency")
    assert sorted(
        (row["Spend"], row["Impressions"], row["CTR"], row["LP CTR"]) for row in found if row["Spend"] != "€0.00"
    ) == (
        sorted(
            (
                formatting.money(row["cost_in_local_currency"], "EUR"),
                formatting.number(row["impressions"]),
                formatting.percent(ratio(row["clicks"], row["impressions"])),
                formatting.percent(ratio(row["landing_page_clicks"], row["impressions"])),
            )
            for (_, currency), row in sums.items()
            if currency == "EUR" and row["cost_in_local_currency"]
        )
    )


@pytest.mark.parametrize("source", SOURCES[1:])
def test_the_segments_of_every_pivot_are_the_truth(
    source: str, app: Served, page: Page, installation: Installation, truth: Truth
) -> None:
    account, runs = _euro(installation), Runs(page)
    show(page, f"{app.origin}/audiences/?source={source}&account={account}&by={SHOWN[0]}")
    table = grid(page, "all_segments")
    for pivot in SHOWN:
        if pivot != SHOWN[0]:
            with runs.one_more():
                page.get_by_label("By", exact=True).select_option(label=formatting.pivot(pivot))
        rows = truth.world.audience_demographics(*installation.window, accounts=[account], pivots=[pivot])
        expect(table).to_contain_text(f"{len(rows):,} rows", timeout=MILLISECONDS)
        expected = sorted((_segment(row, sum(row["impressions"] for row in rows)) for row in rows), key=_seen)
        whole = len(rows) <= FEW_PAGES
        found = sorted(map(_read_segment, every_row(table) if whole else shown(table)), key=_seen)
        least = _seen(found[-1])
        assert found == [row for row in expected if whole or _seen(row) <= least][: len(found)], pivot


def _segment(row: Mapping[str, Any], total: int) -> tuple[str, ...]:
    return (
        row["segment_name"] or unresolved(row["segment_urn"]),
        formatting.number(100 * row["impressions"] / total, 2),
        formatting.number(row["impressions"]),
        formatting.number(row["clicks"]),
        formatting.money(row["cost_in_local_currency"], "EUR"),
    )


def _read_segment(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("Segment", "% of impressions", "Impressions", "Clicks", "Spend"))


def _seen(row: tuple[str, ...]) -> tuple[int, str]:
    """Most impressions first."""
    return -int(row[2].replace(",", "")), row[0]


def test_key_results_are_those_of_each_objective_and_none_is_made_up(app: Served, page: Page, truth: Truth) -> None:
    show(page, f"{app.origin}/overview/?source=database&period=28d&currency=EUR")
    objectives = {row["campaign_id"]: objective(row["objective_type"]) or "UNKNOWN" for row in truth.world.campaigns()}
    sums: dict[str | None, dict[str, Any]] = {}
    for (campaign, currency), row in truth.sums("campaign_daily_metrics", "campaign_id", "currency").items():
        if currency == "EUR":
            mine = sums.setdefault(objectives.get(campaign), dict.fromkeys(SUMMED, 0))
            mine.update({name: mine[name] + row[name] for name in SUMMED})
    found = {row[0]: (row[1], row[3], row[4], row[5]) for row in rows_of(page, "results")}
    assert found == {
        formatting.objective_words(kind) if kind else "Of ad sets not listed": _key_result(kind, row)
        for kind, row in sums.items()
    }
    assert found["Video views"][1] == "Video views"
    assert found["Community growth"][1] == "Follows"
    assert found["Unknown"][1:] == ("This objective has no key result that we know", "n/a", "n/a")


def _key_result(kind: str | None, sums: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = key_result(kind)
    results = sums[wanted.metric] if wanted.metric else None
    cost = ratio(sums["cost_in_local_currency"], results, wanted.scale) if results is not None else None
    per = " per 1,000" if wanted.scale == 1000 and cost is not None else ""
    said = wanted.label if wanted.metric else wanted.note.removesuffix(".")
    spend = formatting.money(sums["cost_in_local_currency"], "EUR")
    return spend, said, formatting.number(results), formatting.money(cost, "EUR") + per


# --- charts ----------------------------------------------------------------------------------------------------------


def drawn(page: Page, cell: str) -> list[dict[str, Any]]:
    """The rows that a cell's first chart draws, as they came to the browser."""
    spec = page.locator(f'[data-cell-name="{cell}"] marimo-vega').first.get_attribute("data-spec")
    assert spec is not None
    found = json.loads(spec)
    layers = [found, *found.get("layer", [])]
    return next(rows for layer in layers if (rows := _values(layer, found.get("datasets", {}))))


def _values(layer: Mapping[str, Any], datasets: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = layer.get("data") or {}
    return data.get("values") or datasets.get(data.get("name"), [])


def test_dollars_are_linkedins_own_and_shown_only_by_name(app: Served, page: Page, truth: Truth) -> None:
    runs = Runs(page)
    show(page, f"{app.origin}/overview/?source=database&period=28d&currency=EUR")
    with runs.one_more():
        page.get_by_label("Metric").select_option(label="Spend in USD")
    expect(page.locator('[data-cell-name="daily_trend"] marimo-vega').first).to_have_attribute(
        "data-spec", re.compile("Spend in USD"), timeout=MILLISECONDS
    )
    assert [(row["tip_day"], row["tip_cost_in_usd"]) for row in drawn(page, "daily_trend")] == [
        (formatting.day(day), formatting.money(sums["cost_in_usd"], "USD"))
        for (day, currency), sums in sorted(truth.sums("campaign_daily_metrics", "date", "currency").items())
        if currency == "EUR"
    ]
    euro = page.locator('[data-cell-name="tiles"] h2', has_text="EUR").locator("xpath=following-sibling::div[1]")
    assert ("€" in euro.inner_text(), "$" in euro.inner_text()) == (True, False)


def test_provisional_days_are_hollow_and_named(
    app: Served, page: Page, installation: Installation, truth: Truth, tmp_path: Path
) -> None:
    show(page, f"{app.origin}/overview/?source=database&period=28d&currency=EUR")
    first = installation.today - timedelta(2)
    said = f"Hollow from {formatting.day(first)}: LinkedIn may still correct these days."
    expect(page.locator('[data-cell-name="daily_trend"]')).to_contain_text(said)
    points = re.findall(
        r'Day: ([^;]+);[^>]*description="point"([^>]*)', saved(page, "daily_trend", "SVG", tmp_path).decode()
    )
    assert len(points) == 28
    assert [day for day, drawn in points if " fill=" not in drawn] == [
        formatting.day(first),
        formatting.day(truth.last),
    ]
    page.get_by_label("Metric").select_option(label="Conversions")
    expect(page.locator('[data-cell-name="daily_trend"]')).to_contain_text(
        f"Hollow from {formatting.day(installation.today - timedelta(29))}", timeout=MILLISECONDS
    )


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
    expect(table.locator("tbody tr").first).to_contain_text(formatting.number(impressions[0]), timeout=MILLISECONDS)
    assert [row["Impressions"] for row in shown(table)] == [formatting.number(n) for n in impressions[:12]]
    grey, without_result = set[str](), set[str]()
    for facts, row in zip(shown(table), table.locator("tbody tr").all(), strict=True):
        if row.locator("td").nth(2).evaluate("cell => cell.style.color"):
            grey.add(facts["Ad set"])
        if facts["Key results"] in ("0", "n/a"):
            without_result.add(facts["Ad set"])
    assert without_result
    assert without_result <= grey < {facts["Ad set"] for facts in shown(table)}
    table.get_by_test_id("next-page-button").click()
    expect(table.locator("tbody tr").first).to_contain_text(formatting.number(impressions[12]), timeout=MILLISECONDS)
    table.get_by_role("textbox").fill("HYPERLINK")
    expect(table.locator("tbody tr")).to_have_count(1, timeout=MILLISECONDS)
    expect(table.locator("tbody tr")).to_contain_text("=HYPERLINK(", timeout=MILLISECONDS)
    assert shown(table)[0]["Ad set"].startswith("=HYPERLINK(")


def test_a_ratio_says_how_it_is_made(app: Served, page: Page) -> None:
    show(page, f"{app.origin}/campaigns/?source=database&period=28d&currency=EUR")
    grid(page, "comparison_of_all").get_by_role("columnheader", name="CPM").locator("span.underline").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("1,000 × spend ÷ impressions", timeout=MILLISECONDS)


def test_exports_hold_the_truth_and_no_formula(app: Served, page: Page, truth: Truth, tmp_path: Path) -> None:
    show(page, f"{app.origin}/campaigns/?source=database&period=28d&currency=EUR")
    files = {}
    for label in ("CSV", "Excel", "Parquet"):
        with page.expect_download(timeout=MILLISECONDS) as download:
            grid(page, "comparison_of_all").get_by_role("link", name=label).click()
        files[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[label])
    assert {file.suffix for file in files.values()} == {".csv", ".xlsx", ".parquet"}

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
    figures = sorted((Decimal(row["Spend"]), int(row["Impressions"]), int(row["Clicks"])) for row in rows)
    rounded, written_ones = (
        sorted((formatting.number(cost, 2), *counts) for cost, *counts in rows_of_both if cost)
        for rows_of_both in (expected, figures)
    )
    assert written_ones == rounded
    words = [cell for row in rows for cell in row.values() if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)]
    assert [cell for cell in words if re.match(r"\s*[=+\-@\t\r\n]", cell)] == []
    assert {f"'{name}" for name in FORMULAS if name[0] in "=+-@"} <= {row["Ad set"] for row in rows}
    days = [{row[name] for row in rows} for name in ("Currency", "First day", "Last day")]
    assert {file.stem for file in files.values()} == {"_".join(["ad_sets", *map(min, days)])}
    book = openpyxl.load_workbook(files["Excel"])
    assert book.sheetnames == ["Ad sets", "Columns", "About"]
    assert {str(row[0].value) for row in book["Columns"]} >= {"Ad set", "Spend", "Ad set id (API: campaign)"}
    assert [cell for row in book["Ad sets"] for cell in row if cell.data_type == "f"] == []


def saved(page: Page, cell: str, kind: str, folder: Path) -> bytes:
    """A cell's first chart, saved from its menu."""
    chart = page.locator(f'[data-cell-name="{cell}"] marimo-vega').first
    chart.locator("summary").click()
    with page.expect_download(timeout=MILLISECONDS) as download:
        chart.get_by_text(f"Save as {kind}").click()
    download.value.save_as(folder / "chart")
    return (folder / "chart").read_bytes()


def test_a_chart_is_saved_as_a_picture(app: Served, page: Page, tmp_path: Path) -> None:
    show(page, f"{app.origin}/overview/?source=database&period=28d")
    svg, png = (saved(page, "daily_trend", kind, tmp_path) for kind in ("SVG", "PNG"))
    assert b"<svg" in svg[:200]
    assert b"Spend by day" in svg
    assert b"source: LinkedIn Ads" in svg
    assert png.startswith(b"\x89PNG")
    drawn = page.locator('[data-cell-name="daily_trend"] .vega-embed canvas').first.bounding_box()
    assert drawn is not None
    assert abs(int.from_bytes(png[16:20], "big") - 2 * drawn["width"]) <= 2
    assert page.get_by_text("Open in Vega Editor").count() == 0
