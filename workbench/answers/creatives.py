"""Which ads are tired, and which ad of an ad set is really better."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from workbench.analytics import better_ads, creative_fatigue_rows
from workbench.analytics.ad_rates import MESSAGE_TYPE, AdRate, ad_rate
from workbench.analytics.better_ads import CREATIVE_COMPARISON, AdSetComparison, compare_ads
from workbench.analytics.creative_fatigue_rows import CREATIVE_FATIGUE, PEERS
from workbench.answers.figures import rated_creative_days
from workbench.answers.inputs import Asker, parts
from workbench.answers.registry import ACCOUNTS, LAST_DAY, OBJECTIVE, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item

COMPARED_DAYS = 28
_SHARES = "share of exposures, 0 to 1"
_INPUTS = ("accounts", "covered_days", "campaign_budgets", "creative_settings", "creative_days")
_NAMES = {"name": pl.String(), "campaign_id": pl.Int64(), "campaign_name": pl.String(), "rate": pl.String()}
_FATIGUE = Output(
    {**CREATIVE_FATIGUE, "currency": pl.String(), "may_be_older": pl.Boolean(), **_NAMES},
    {
        "late_cost_in_local_currency": "account currency",
        **dict.fromkeys(("early_rate", "late_rate"), _SHARES),
        **dict.fromkeys(("change", "change_low", "change_high"), "share of the early rate; low to high is 90 %"),
        **dict.fromkeys(("p_fell", "p_beyond"), "probability, 0 to 1"),
        "needed_late": "exposures a week",
        "may_be_older": "whether it ran on the first day that is known of its account",
        "rate": "what is judged, in words",
    },
)
_PEERS = Output({**PEERS, "message": pl.Boolean()}, {"common_change": "share of the early rate"})
_COMPARED = Output(
    {**CREATIVE_COMPARISON},
    {
        **dict.fromkeys(("rate", "mean", "low", "high"), f"{_SHARES}; low to high is 90 %"),
        "p_best": "probability, 0 to 1",
        "expected_loss": "share of its counts",
    },
)
_SETS = Output(
    {
        "account_id": pl.Int64(),
        "campaign_id": pl.Int64(),
        "currency": pl.String(),
        "verdict": pl.String(),
        "leader": pl.Int64(),
        "needed_per_ad": pl.Float64(),
        "more_per_ad": pl.Float64(),
        "more_cost": pl.Float64(),
        "kappa": pl.Float64(),
        "randomised": pl.Boolean(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "days": pl.Int64(),
        "unknown_days": pl.Int64(),
    },
    {"needed_per_ad": "exposures", "more_per_ad": "exposures", "more_cost": "account currency, per ad"},
)
_GROUP = ("account_id", "objective_type", "message")


def _fatigue(ask: Asker, values: Mapping[str, Any]) -> Found:
    days, rows, ads = rated_creative_days(ask, values, last_day=values["last_day"])
    said = [Said(text) for text in days.left_out()]
    made: list[pl.DataFrame] = []
    peers: list[pl.DataFrame] = []
    shown = _chosen(ads, values["campaign_group_id"])
    active = set(ads.filter("listed", pl.col("intended_status") == "ACTIVE")["creative_id"].to_list())
    for (account_id, objective_type, message), mine in parts(rows, _GROUP):
        if days.last_day is None:
            break
        judged, common = creative_fatigue_rows.fatigue_rows(mine, active, last_day=days.last_day)
        rate = _rate(objective_type, message)
        verdicts = judged.join(shown, on=["account_id", "creative_id"], maintain_order="left")
        if verdicts.is_empty() and values["campaign_group_id"] is not None:
            continue
        facts = {"currency": days.currencies.get(account_id), "rate": rate.label}
        older = (pl.col("first_day") <= days.first_day(account_id)).alias("may_be_older")
        made.append(verdicts.with_columns(older, *(pl.lit(value).alias(name) for name, value in facts.items())))
        peers.append(common.with_columns(pl.lit(message).alias("message")))
        change = float(common["common_change"].item(0)) if common.height else 0.0
        noun = "active message ad" if message else "active ad"
        text = creative_fatigue_rows.summary_sentence(verdicts, change, noun=noun)
        said.append(Said(text, account_id, objective_type))
        words = {"rate": rate.label, "noun": rate.noun.removesuffix("s"), "exposure": rate.exposure}
        for row in verdicts.iter_rows(named=True):
            text = creative_fatigue_rows.ad_sentence(row, **words)
            said.append(Said(text, account_id, objective_type, row["creative_id"]))
    frames = {"creative_fatigue": frame_of(made, _FATIGUE), "creative_fatigue_peers": frame_of(peers, _PEERS)}
    return Found(frames, tuple(said))


def _chosen(ads: pl.DataFrame, campaign_group_id: int | None) -> pl.DataFrame:
    """The ads of one campaign group, or all: their names and those of their ad sets."""
    mine = ads if campaign_group_id is None else ads.filter(pl.col("campaign_group_id") == campaign_group_id)
    names = pl.col("name_of_campaign").alias("campaign_name")
    return mine.select("account_id", "creative_id", "name", "campaign_id", names)


def _compared(ask: Asker, values: Mapping[str, Any]) -> Found:
    days, rows, ads = rated_creative_days(ask, values, last_day=values["last_day"])
    said = [Said(text) for text in days.left_out()]
    made: list[pl.DataFrame] = []
    sets: list[dict[str, Any]] = []
    names = dict(ads.drop_nulls("name").select("creative_id", "name").iter_rows())
    selection = dict(ads.select("campaign_id", "creative_selection").unique().iter_rows())
    for (account_id, objective_type, message), mine in parts(rows, _GROUP):
        if days.last_day is None:
            break
        first = values["first_day"] or days.last_day - timedelta(days=COMPARED_DAYS - 1)
        rate = _rate(objective_type, message)
        for campaign_id in _campaigns(mine.filter(pl.col("date").is_between(first, days.last_day)), values):
            chosen = selection.get(campaign_id)
            found = compare_ads(mine, campaign_id, first, days.last_day, creative_selection=chosen)
            made.append(found.ads)
            sets.append({"account_id": account_id, "campaign_id": campaign_id, **_facts(found)})
            text = better_ads.sentence(found, names, rate=rate.label, counts=rate.noun, exposure=rate.exposure)
            said.append(Said(text, account_id, objective_type, campaign_id))
    frames = {"creative_comparison": frame_of(made, _COMPARED), "compared_ad_sets": frame_of(sets, _SETS)}
    return Found(frames, tuple(said))


def _rate(objective_type: str, message: bool) -> AdRate:
    rate = ad_rate(objective_type, MESSAGE_TYPE if message else None)
    if rate is None:  # pragma: no cover - the days of such ads are left out before
        raise LookupError(objective_type)
    return rate


def _campaigns(days: pl.DataFrame, values: Mapping[str, Any]) -> list[int]:
    """The ad sets of which at least two ads were seen, or the one that was asked for."""
    chosen = values["campaign_id"]
    seen = (
        days.filter(pl.col("exposure") > 0).group_by("campaign_id").agg(pl.col("creative_id").n_unique().alias("ads"))
    )
    kept = seen.filter(pl.col("ads") > 1 if chosen is None else pl.col("campaign_id") == chosen)
    return sorted(kept["campaign_id"].to_list())


def _facts(found: AdSetComparison) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _SETS.columns if hasattr(found, name)}


FATIGUE = Answer(
    name="creative_fatigue",
    title="Which active ads have lost what they had in their first two weeks, beyond chance and beyond all ads?",
    params={
        "account_ids": ACCOUNTS,
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
        "campaign_group_id": Item("bigint", "null: every campaign group; all ads of an account are peers all the same"),
    },
    inputs=_INPUTS,
    outputs={"creative_fatigue": _FATIGUE, "creative_fatigue_peers": _PEERS},
    method=_fatigue,
)
COMPARISON = Answer(
    name="creative_comparison",
    title="Which ad of an ad set is really better, how sure is that, and what would it cost to know?",
    params={
        "account_ids": ACCOUNTS,
        "campaign_id": Item("bigint", "null: every ad set of which two ads ran"),
        "first_day": Item("date", "null: 28 days to the last one"),
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
    },
    inputs=_INPUTS,
    outputs={"creative_comparison": _COMPARED, "compared_ad_sets": _SETS},
    method=_compared,
)
