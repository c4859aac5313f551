"""Pages over several accounts end at the earliest of their last complete days; an account far behind is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import marimo as mo
import polars as pl
import pytest

from workbench.errors import StorageError, WorkbenchError
from workbench.pages.components import filters
from workbench.schema.resources import CAMPAIGN_DAYS, CREATIVE_DAYS

STRIP = {"account": [], "period": "7d", "objective": None, "campaign_group": None, "as_of": None}


def choices_of(
    monkeypatch: pytest.MonkeyPatch, last_days: list[date | None], resource: str = CAMPAIGN_DAYS, **strip: Any
) -> Any:
    """What a page is about where accounts 1, 2, … end on these days; their ads end three days earlier."""
    ids = list(range(1, len(last_days) + 1))
    accounts = pl.DataFrame(
        {"account_id": ids, "name": [f"A{n}" for n in ids], "last_complete_day": last_days},
        schema_overrides={"last_complete_day": pl.Date},
    )
    days = [
        (n, CREATIVE_DAYS, last.replace(day=last.day - 3), True) for n, last in zip(ids, last_days, strict=True) if last
    ]
    covered = pl.DataFrame(days, schema=["account_id", "resource", "date", "complete"], orient="row")
    answers = {"accounts": accounts, "covered_days": covered}
    monkeypatch.setattr(filters, "asked_accounts", tuple)
    monkeypatch.setattr(filters, "query", lambda name, **_: answers[name])
    return filters.choices_of("database", {**STRIP, **strip}, resource)


def test_the_earliest_account_ends_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choices_of(monkeypatch, [date(2026, 11, 21), date(2026, 11, 19), None])
    assert chosen.until == chosen.period.last == date(2026, 11, 19)
    assert (chosen.account_ids, chosen.behind) == (None, {})


def test_an_account_far_behind_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choices_of(monkeypatch, [date(2026, 11, 21), date(2026, 11, 17), date(2026, 11, 20)])
    assert chosen.until == date(2026, 11, 20)
    assert chosen.account_ids == (1, 3)
    assert chosen.accounts["account_id"].to_list() == [1, 3]
    assert chosen.behind == {2: ("A2", date(2026, 11, 17))}


def test_alone_it_is_shown_up_to_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choices_of(monkeypatch, [date(2026, 11, 21), date(2026, 11, 17)], account=[2])
    assert (chosen.until, chosen.account_ids, chosen.behind) == (date(2026, 11, 17), (2,), {})


def test_ads_end_by_their_own_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choices_of(monkeypatch, [date(2026, 11, 21)], CREATIVE_DAYS).until == date(2026, 11, 18)


def test_without_a_complete_day_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkbenchError, match="no complete day"):
        choices_of(monkeypatch, [None])


def test_a_period_chosen_while_the_database_is_away_is_kept_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise StorageError("The database is away.")

    def stop(error: WorkbenchError) -> None:
        raise error

    kept: dict[str, Any] = {}
    monkeypatch.setattr(filters, "choices_of", gone)
    monkeypatch.setattr(filters.messages, "stop", stop)
    monkeypatch.setattr(filters, "remember", lambda **values: kept.update(values))
    monkeypatch.setattr(filters, "refuse_unknown", lambda *_, **__: None)
    accounts = mo.ui.multiselect({"A1": 1})
    strip: Any = {"account": accounts}
    value = {**STRIP, "period": "28d"}
    chosen = type("Strip", (dict,), {"value": value})(strip)

    with pytest.raises(StorageError):
        filters.choose(mo.ui.dropdown({"Database": "database"}, value="Database"), chosen)

    assert kept.get("period") == "28d"
