"""Accounts too large for one answer are asked by lists of campaigns: no day is claimed that was not asked whole.

LinkedIn's cap of 15,000 rows is made so small that ordinary accounts are giants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from marks import sweep_except

from sync.installation import METRICS, Installation, claimed, differences, differences_of_views, wrong_claims
from workbench.pipeline.fetch.call_planner import Slice
from workbench.schema.resources import CONVERSION_DAYS

FIRST = 512010000
MANY = 12  # rows; the first account has 19 creatives, and as many as 16 of them have figures on one day
DAYS = 8
FEW = 3  # rows; it has 6 campaigns

MakeGiants = Callable[[int], None]


@pytest.fixture
def giants(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> MakeGiants:
    """Cut answers at a number of rows, and let the workbench know LinkedIn for that."""
    installation.changes |= {"SYNC_DAYS": DAYS - 1, "LOOKBACK_DAYS": DAYS - 1}

    def make(cap: int) -> None:
        installation.sandbox.faults.add("timeGranularity=DAILY", "cap", n=cap, times=None)
        monkeypatch.setattr("workbench.pipeline.fetch.call_planner.CAP", cap)
        monkeypatch.setattr("workbench.pipeline.fetch.part_builder.CAP", cap)

    return make


def _heal(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.sandbox.faults.clear()
    installation.sandbox.switches.page_limit = None
    monkeypatch.setattr("workbench.pipeline.fetch.call_planner.CAP", 15_000)
    monkeypatch.setattr("workbench.pipeline.fetch.part_builder.CAP", 15_000)
    code, outcome = installation.outcome(force=True)
    assert code == 0, outcome
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_a_giant_account_is_read_to_the_last_row(installation: Installation, giants: MakeGiants) -> None:
    giants(MANY)

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert any("campaigns=List" in entry.query for entry in installation.requests())
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "table", sweep_except("creative_daily_metrics", CONVERSION_DAYS, of=[table.name for table in METRICS])
)
def test_an_answer_of_exactly_the_length_at_which_linkedin_cuts_is_whole_once_its_halves_say_so(
    installation: Installation, giants: MakeGiants, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    if table == CONVERSION_DAYS:  # the last days of this world have no conversion
        installation.changes |= {"SYNC_DAYS": 4 * DAYS, "LOOKBACK_DAYS": 4 * DAYS}
    expected = getattr(installation.sandbox.truth, table)(*installation.window)
    giants(max(Counter(row["account_id"] for row in expected).values()))
    monkeypatch.setattr("workbench.pipeline.fetch.figures.slices", lambda window, *_, **__: [Slice(window)])

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("cap", sweep_except(FEW, of=[FEW, MANY]))
def test_where_only_some_statuses_are_asked_for_no_day_of_a_giant_is_claimed_wrongly(
    installation: Installation, giants: MakeGiants, monkeypatch: pytest.MonkeyPatch, cap: int
) -> None:
    giants(cap)

    code, _ = installation.outcome(settings={"CAMPAIGN_STATUSES": "ACTIVE,PAUSED"})

    assert code in (0, 10)
    assert wrong_claims(installation) == []
    assert (code == 0) == (len(claimed(installation, "campaign_daily_metrics")) == 3 * DAYS)
    _heal(installation, monkeypatch)


@pytest.mark.slow
def test_where_a_listing_breaks_off_no_day_of_a_giant_is_claimed_wrongly(
    installation: Installation, giants: MakeGiants, monkeypatch: pytest.MonkeyPatch
) -> None:
    giants(FEW)
    installation.sandbox.switches.page_limit = FEW
    installation.sandbox.faults.add(f"{FIRST}/adCampaigns.*pageToken", "status", status=500, times=None)

    code, outcome = installation.outcome()

    assert code == 10, outcome
    assert wrong_claims(installation) == []
    assert {account for account, _ in claimed(installation, "campaign_daily_metrics")} > {FIRST}
    _heal(installation, monkeypatch)


@pytest.mark.slow
def test_figures_of_a_giants_campaign_that_is_no_longer_listed_are_kept(
    installation: Installation, giants: MakeGiants
) -> None:
    installation.sync()
    figures: dict[str, Any] = {table.name: installation.table(table.name) for table in METRICS}
    gone = max(row["campaign_id"] for row in figures["campaign_daily_metrics"] if row["account_id"] == FIRST)
    installation.sandbox.world.remove("campaigns", gone)
    for row in installation.table("creatives", where=f"campaign_id = {gone}"):
        installation.sandbox.world.remove("creatives", row["creative_id"])
    giants(MANY)

    code, outcome = installation.outcome(force=True)

    assert code == 0, outcome
    assert {table.name: installation.table(table.name) for table in METRICS} == figures
    assert differences(installation) == []
    assert differences_of_views(installation) == []
