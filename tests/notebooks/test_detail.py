"""What the panels of one ad set and of one ad say, and the links that lead to them."""

from __future__ import annotations

import polars as pl
import pytest

from workbench import app_context
from workbench.app_context import Context
from workbench.pages import detail
from workbench.pages.components.filters import choices_of
from workbench.pages.components.links import Link, about, link
from workbench.pages.components.selection import Choices
from workbench.pages.components.tables import small_table, text_table
from workbench.pages.creative_detail import one_ad, one_ad_view
from workbench.pages.creatives import ads_by_name, compare_ads, row_of
from workbench.pages.overview import campaign_groups
from workbench.queries.api import query
from workbench.schema.resources import CREATIVE_DAYS

VALUE = {"account": [], "period": "28d", "as_of": None, "objective": None, "campaign_group": None}
CHOSEN = {"source": "sample", "period": "28d"}


@pytest.fixture(scope="module")
def sample() -> Choices:
    every = query("accounts", source="sample")["account_id"].to_list()
    return choices_of("sample", {**VALUE, "account": every}, CREATIVE_DAYS)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that has the pages to which the panels lead."""
    monkeypatch.setattr(app_context, "_current", Context(pages=("overview", "campaigns", "creatives")))


def test_an_ads_weeks_are_its_days_and_its_days_are_its_row(sample: Choices) -> None:
    ads = compare_ads(sample.ask("creatives"), "EUR")
    creative_id = next(iter(ads_by_name(ads).values()))
    row = row_of(ads, creative_id)
    one = one_ad(sample, row)
    for name in ("impressions", "clicks", "cost_in_local_currency", "one_click_leads"):
        assert one.days[name].sum() == one.weeks[name].sum() == row[name], name
    assert one.days.height <= 28
    assert all(week.isoweekday() == 1 for week in one.weeks["week"])
    assert one.content["creative_id"] == creative_id


def test_an_ads_panel_leads_to_its_ad_set_with_the_choices(sample: Choices, pages: None) -> None:
    ads = compare_ads(sample.ask("creatives"), "EUR")
    row = ads.row(0, named=True)
    shown = one_ad_view(one_ad(sample, row), sample, "clicks", CHOSEN).text
    address = f"../campaigns/?source=sample&period=28d&currency=EUR&ad_set={row['campaign_id']}"
    made = Link.to("campaigns", "x", about(CHOSEN, currency="EUR", ad_set=row["campaign_id"]))
    assert isinstance(made, Link)
    assert made.address == address
    assert made.html.partition(">")[0] in shown


def test_changes_of_one_ad_set_are_those_between_the_snapshots_around_the_period(sample: Choices) -> None:
    names = sorted(query("snapshots", source="sample")["snapshot"].to_list())
    found = query("changed_settings", source="sample", before=names[0], after=names[-1])
    mine = found.filter(pl.col("entity") == "campaign", ~pl.col("is_new"))
    account, campaign = mine.select("account_id", "entity_id").row(0)
    fields = mine.filter(pl.col("entity_id") == campaign).height
    said, rows = detail._changed(sample, account, {"campaign": [campaign]})
    assert len(rows) == fields
    assert {"Setting", "Before", "After", "By"} <= set(rows[0])
    assert f"{fields} setting" in said
    said, rows = detail._changed(sample, account, {"campaign": [1]})
    assert (said.endswith("no setting changed."), rows) == (True, [])


def test_without_a_history_the_panel_says_so(sample: Choices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.answers.inputs.Asker.history", lambda self: None)
    assert detail._changed(sample, 1, {"campaign": [1]}) == (detail.NO_HISTORY, [])


def test_campaigns_lead_to_their_ad_sets_and_ads(sample: Choices, pages: None) -> None:
    groups = sample.ask("campaign_groups")
    plain, linked = campaign_groups(groups, "EUR"), campaign_groups(groups, "EUR", CHOSEN)
    assert [row["Campaign"] for row in plain] == [row["Campaign"] for row in linked]
    assert not any(isinstance(row["Campaign"], Link) for row in plain)
    ids = groups.filter(currency="EUR")["campaign_group_id"].drop_nulls().unique().to_list()
    addresses = {row["Campaign"].address for row in linked if isinstance(row["Campaign"], Link)}
    assert addresses == {f"../campaigns/?source=sample&period=28d&campaign_group={one}&currency=EUR" for one in ids}
    assert "Show ads" in small_table(list(linked)).text


def test_without_the_page_of_ads_campaigns_have_no_column_for_it(
    sample: Choices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_context, "_current", Context(pages=("overview", "campaigns")))
    linked = campaign_groups(sample.ask("campaign_groups"), "EUR", CHOSEN)
    assert linked
    assert all("Ads" not in row for row in linked)


def test_a_link_is_text_where_the_app_has_no_such_page_and_its_name_is_never_markup(pages: None) -> None:
    assert not isinstance(Link.to("setup", "Setup", {}), Link)
    assert link("setup", "<b>", {}) == "&#60;b&#62;"
    made = Link.to("creatives", "<b>", about({"source": "sample"}, ad=5, currency=None))
    assert (str(made), text_table([{"Ad": made}])) == ("<b>", "Ad\n<b>")
    assert "<b>" not in small_table([{"Ad": made}]).text
