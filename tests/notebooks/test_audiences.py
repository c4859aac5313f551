"""Who sees the ads and who answers: the page tells the sandbox's truth in shares, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from browsers import MILLISECONDS, cell_errors
from installations import rows_of, run_page, served, settings_of, synced
from playwright.sync_api import BrowserContext
from sync.installation import Installation

from workbench import query
from workbench.analytics import audiences, formatting
from workbench.database import embedded
from workbench.errors import ValidationError
from workbench.schema.pivots import SHOWN

SENIORITY = "MEMBER_SENIORITY"


@pytest.fixture(scope="module")
def synced_installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with synced(server, tmp_path_factory.mktemp("audiences")) as installation:
        yield installation


@pytest.fixture
def installation(synced_installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name, value in settings_of(synced_installation).items():
        monkeypatch.setenv(name, value)
    return synced_installation


def _true_segments(installation: Installation, account: int, pivot: str) -> list[dict[str, Any]]:
    rows = installation.sandbox.truth.audience_demographics(*installation.window, accounts=[account], pivots=[pivot])
    return sorted(rows, key=lambda row: -row["impressions"])


def _busiest(installation: Installation) -> int:
    rows = installation.sandbox.truth.audience_demographics(*installation.window)
    sums: dict[int, int] = {}
    for row in rows:
        sums[row["account_id"]] = sums.get(row["account_id"], 0) + row["impressions"]
    return max(sums, key=lambda account: sums[account])


def _quiet(installation: Installation) -> int:
    seen = {row["account_id"] for row in installation.sandbox.truth.audience_demographics(*installation.window)}
    return next(row["account_id"] for row in installation.sandbox.truth.ad_accounts() if row["account_id"] not in seen)


def _segment(urn: str, impressions: int, clicks: int, **facts: Any) -> dict[str, Any]:
    return {
        "account_id": 1,
        "pivot": SENIORITY,
        "segment_urn": urn,
        "segment_name": None,
        "window_start": None,
        "window_end": None,
        "impressions": impressions,
        "clicks": clicks,
        **facts,
    }


# --- the figures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["database", "snapshots"])
def test_shares_and_indexes_are_those_of_the_truth(installation: Installation, source: Any) -> None:
    account = _busiest(installation)
    frame = query("demographics", source=source, account_ids=[account], pivot=SENIORITY)

    found = audiences.segment_shares(frame, "clicks")

    truth = _true_segments(installation, account, SENIORITY)
    impressions, clicks = (sum(row[name] for row in truth) for name in ("impressions", "clicks"))
    expected = {
        row["segment_urn"]: (
            pytest.approx(row["impressions"] / impressions),
            pytest.approx(row["clicks"] / clicks),
            pytest.approx(100 * (row["clicks"] / clicks) / (row["impressions"] / impressions)),
        )
        for row in truth
    }
    columns = ("segment_urn", "share_of_impressions", "share_of_clicks", "index_clicks")
    assert {row[0]: row[1:] for row in found.select(columns).iter_rows()} == expected


def test_every_pivot_is_there_and_says_how_much_of_the_account_it_shows(installation: Installation) -> None:
    account = _busiest(installation)
    found = audiences.shown_shares(query("demographics_totals", account_ids=[account]))

    assert found["pivot"].to_list() == list(SHOWN)
    days = installation.sandbox.truth.campaign_daily_metrics(*installation.window, [account])
    whole = sum(row["cost_in_local_currency"] for row in days)
    for row in found.iter_rows(named=True):
        shown = sum(s["cost_in_local_currency"] for s in _true_segments(installation, account, row["pivot"]))
        assert row["account_cost_in_local_currency"] == whole
        assert row["shown_cost_in_local_currency"] == shown
        assert row["shown_share_of_cost_in_local_currency"] == pytest.approx(float(min(shown / whole, Decimal(1))))


def test_segments_of_two_accounts_or_windows_are_refused() -> None:
    frame = pl.DataFrame([_segment("urn:li:seniority:1", 10, 1), _segment("urn:li:seniority:1", 10, 1, account_id=2)])

    with pytest.raises(ValidationError) as refused:
        audiences.segment_shares(frame)

    assert "account_id" in str(refused.value.why)


def test_a_segment_seen_much_that_answers_nothing_can_be_read_and_a_small_one_cannot() -> None:
    rows = [_segment("urn:li:seniority:1", 5000, 0), _segment("urn:li:seniority:2", 5000, 30)]
    rows.append(_segment("urn:li:seniority:3", 30, 5))

    found = audiences.segment_shares(pl.DataFrame(rows), "clicks")

    assert dict(found.select("segment_urn", "enough").iter_rows()) == {
        "urn:li:seniority:1": True,
        "urn:li:seniority:2": True,
        "urn:li:seniority:3": False,
    }
    assert "Seniority 3" not in audiences.headline(found, "clicks")


def test_a_segment_without_a_name_shows_its_urn() -> None:
    assert audiences.unresolved("urn:li:organization:12") == "Organization 12, no name"
    assert audiences.unresolved("SIZE_11_TO_50") == "SIZE_11_TO_50"


def test_without_answers_there_is_no_index_and_the_headline_says_so() -> None:
    found = audiences.segment_shares(pl.DataFrame([_segment("urn:li:seniority:1", 5000, 0)]), "clicks")

    assert found["index_clicks"].to_list() == [None]
    assert audiences.headline(found, "clicks") == "No segment has enough clicks to compare."


# --- as a script ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
def test_as_a_script_it_prints_the_segments_and_what_is_hidden(installation: Installation, source: str) -> None:
    account = _busiest(installation)
    arguments = ("--account", str(account), "--source", source, "--by", SENIORITY)

    ran = run_page("audiences", *arguments, settings=settings_of(installation), folder=installation.folder)

    truth = _true_segments(installation, account, SENIORITY)
    total = sum(row["impressions"] for row in truth)
    printed = {" ".join(line.split()) for line in ran.stdout.splitlines()}
    assert (ran.returncode, ran.stderr) == (0, "")
    for row in truth:
        start = f"{row['segment_name']} {formatting.percent(row['impressions'] / total, 1)} "
        assert any(line.startswith(start) for line in printed), start
    assert any(line.startswith(f"Seniority {len(truth)} ") for line in printed)


@pytest.mark.slow
def test_as_a_script_an_account_without_activity_says_that_it_was_asked_for(installation: Installation) -> None:
    ran = run_page(
        "audiences",
        "--account",
        str(_quiet(installation)),
        settings=settings_of(installation),
        folder=installation.folder,
    )

    assert ran.returncode == 0
    assert "LinkedIn shows no segment of" in ran.stdout
    assert "It was asked for 24 Aug – 22 Nov 2026" in ran.stdout


@pytest.mark.slow
def test_as_a_script_an_unknown_account_fails_and_says_what_to_do(installation: Installation) -> None:
    ran = run_page("audiences", "--account", "999", settings=settings_of(installation), folder=installation.folder)

    assert ran.returncode != 0
    assert "There is no ad account 999" in ran.stderr
    assert "Traceback" not in ran.stderr


# --- in the browser -------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_shows_the_truth_without_a_complaint(installation: Installation, tabs: BrowserContext) -> None:
    account = _busiest(installation)
    truth = _true_segments(installation, account, SENIORITY)
    with served(["audiences"], settings=settings_of(installation), folder=installation.folder) as app:
        page, said = app.tab(tabs, width=1300, height=1000)
        page.goto(f"{app.origin}/audiences/?account={account}&by={SENIORITY}&source=database")
        page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)
        page.get_by_role("row").nth(3).wait_for(timeout=MILLISECONDS)

        total = sum(row["impressions"] for row in truth)
        for row in truth:
            cells = page.locator('[data-cell-name="all_segments"]').get_by_role("row", name=row["segment_name"])
            assert f"{100 * row['impressions'] / total:.2f}" in cells.first.inner_text()
        shown = rows_of(page, "shown")
        assert [row[0] for row in shown] == [formatting.pivot(pivot) for pivot in SHOWN]
        assert shown[1][1] == str(len(truth))
        assert (said, cell_errors(page)) == ([], 0)


@pytest.mark.browser
@pytest.mark.parametrize(("settings", "expected"), [({}, "nothing"), (None, "sample")])
def test_without_a_sync_the_page_says_what_to_do_or_shows_the_sample(
    settings: Any, expected: str, tmp_path: Path, tabs: BrowserContext
) -> None:
    apart = {"WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "none")}
    query_text = "?source=snapshots" if expected == "nothing" else "?source=sample"
    with served(["audiences"], settings=apart, folder=tmp_path) as app:
        page, said = app.tab(tabs, width=420, height=900)
        page.goto(f"{app.origin}/audiences/{query_text}")
        words = "Nothing has been synced" if expected == "nothing" else "This is sample data"
        page.get_by_text(words).first.wait_for(timeout=MILLISECONDS)
        if expected == "sample":
            page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)
            assert page.locator(".wb-tile").count() == 5
        assert (said, cell_errors(page)) == ([], 0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
