"""The catalogue of pages is the notebooks folder; the catalogue of pivots orders requests and menus."""

from __future__ import annotations

import pytest

from workbench.analytics import formatting
from workbench.paths import shipped
from workbench.pipeline.estimate import AccountSize, estimate
from workbench.pipeline.fetch.audiences import _may_be_cut
from workbench.schema import pages, pivots
from workbench.schema.pivots import PIVOTS
from workbench.settings.fields import Settings
from workbench.web.app import OWNER_PAGES, READER_PAGES


def test_every_notebook_is_a_page_and_every_page_a_notebook() -> None:
    assert {file.stem for file in shipped("notebooks").glob("*.py")} == set(pages.NAMES)


def test_the_app_serves_the_pages_of_the_catalogue() -> None:
    assert (OWNER_PAGES, READER_PAGES) == (pages.NAMES, pages.READER_NAMES)
    reports = ("overview", "campaigns", "creatives", "audiences", "setup", "report")
    assert ("today", "budget", *reports, "status") == READER_PAGES


def test_pivots_are_asked_in_one_order_and_shown_in_another() -> None:
    assert sorted(pivots.ASKED) == sorted(pivots.SHOWN)
    assert [pivot.place for pivot in sorted(PIVOTS, key=lambda pivot: pivot.place)] == [*range(1, len(PIVOTS) + 1)]
    assert [formatting.pivot(name) for name in pivots.SHOWN[:3]] == ["Job function", "Seniority", "Job title"]


@pytest.mark.parametrize(
    ("pivot", "length", "doubtful"),
    [("MEMBER_SENIORITY", 10, False), ("MEMBER_JOB_TITLE", 10, True), ("MEMBER_SENIORITY", 100, True)],
)
def test_an_answer_with_all_segments_there_are_is_whole(pivot: str, length: int, doubtful: bool) -> None:
    assert _may_be_cut(pivot, length) is doubtful


@pytest.mark.parametrize(
    ("groups", "more"),
    [((), 0), (("placement",), 1), (("reach",), 12), (("video", "viral"), 4), (("detail", "reach"), 14)],
)
def test_an_estimate_counts_every_pivot_and_every_group(groups: tuple[str, ...], more: int) -> None:
    one, two = (estimate([AccountSize(3, 5)] * number, 30, groups=groups).calls for number in (1, 2))
    assert two - one == 3 + 2 + len(PIVOTS) + 2 + more  # listings, daily metrics, pivots, names


@pytest.mark.parametrize(
    ("by", "more"),
    [
        ((), 0),
        (("campaign_group",), 1 + 3 * len(PIVOTS)),
        (("campaign_group", "campaign"), 2 + 6 * len(PIVOTS)),
        (("187010000", "17"), 0),
    ],
)
def test_an_estimate_counts_the_audiences_of_entities(by: tuple[str, ...], more: int) -> None:
    def calls(accounts: int, asked: tuple[str, ...]) -> int:
        sizes = [AccountSize(3, 5)] * accounts
        return estimate(sizes, 30, groups=("audiences",), demographics_by=asked).calls

    named = sum(word.isdecimal() for word in by) * len(PIVOTS)
    assert calls(1, by) - calls(1, ()) == more + named
    assert calls(2, by) - calls(2, ()) == 2 * more + named


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("account", ("account",)),
        ("Campaign, campaign_group", ("campaign", "campaign_group")),
        ("urn:li:sponsoredCampaign:17 18,17", ("17", "18")),
    ],
)
def test_audiences_are_asked_for_by_level_or_by_id(text: str, chosen: tuple[str, ...]) -> None:
    assert chosen == Settings(DEMOGRAPHICS_BY=text).DEMOGRAPHICS_BY


@pytest.mark.parametrize("text", ["creative", "1.5", "urn:li:sponsoredAccount:5", "²"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="campaign_group"):
        Settings(DEMOGRAPHICS_BY=text)
