"""How used up the audience is, and what came of money that was spent off LinkedIn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import audience_saturation, placement
from workbench.analytics.metrics import key_result
from workbench.answers.figures import SPEND, result_words
from workbench.answers.inputs import Asker, Known, known, parts, wanted
from workbench.answers.registry import ACCOUNTS, LAST_DAY, OBJECTIVE, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS, PLACEMENT_DAYS

PERIOD_DAYS = 28
NO_REACH = "Not enough data: no window of reach was fetched yet; the next sync asks for three."
NO_PLACES = "Not enough data: where ads were shown was not fetched for a whole day yet; the next sync asks for it."
_PEOPLE = ("pool", "pool_low", "pool_high")
_NEW = ("new_per_1000", "next_per_1000_low", "next_per_1000_high")
_SATURATION = Output(
    {"currency": pl.String(), **audience_saturation.SCHEMA},
    {
        "days": "of the window",
        "audience_penetration": "share of the audience by LinkedIn, 0 to 1",
        "frequency": "impressions per person",
        "cost_per_1000_reached": "account currency",
        **dict.fromkeys(_PEOPLE, "people, by the model"),
        **dict.fromkeys(_NEW, "new people among 1,000 impressions"),
    },
)
_KEY = {"account_id": pl.Int64(), "currency": pl.String(), "objective_type": pl.String()}
_PLACEMENT = Output(
    {**_KEY, **placement.SCHEMA},
    {"spend": "account currency", **dict.fromkeys(("share_of_spend", "share_of_results"), "share of the total")},
)
_RATIOS = Output(
    {
        **_KEY,
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        **dict.fromkeys(("ratio", "low", "high", "p_off_better"), pl.Float64()),
        "unknown_days": pl.Int64(),
    },
    {
        **dict.fromkeys(
            ("ratio", "low", "high"), "results per money off LinkedIn over those on it; low to high is 90 %"
        ),
        "p_off_better": "probability, 0 to 1",
        "unknown_days": "days of ad sets left out",
    },
)


def _saturation(ask: Asker, values: Mapping[str, Any]) -> Found:
    windows = ask("reach", account_ids=values["account_ids"], level=values["level"])
    currencies = windows.select("account_id", "currency").unique()
    table = audience_saturation.saturation_table(windows.drop("days")).join(currencies, on="account_id", how="left")
    said = [
        Said(audience_saturation.saturation_sentences(found), account_id, entity_id=entity_id)
        for (account_id, _, entity_id), found in audience_saturation.saturations(windows).items()
    ]
    return Found({"saturation": frame_of([table], _SATURATION)}, tuple(said or [Said(NO_REACH)]))


def _placement(ask: Asker, values: Mapping[str, Any]) -> Found:
    ids = values["account_ids"]
    days = known(ask, ids, PLACEMENT_DAYS, values["last_day"])
    frames = {"placement": frame_of([], _PLACEMENT), "placement_ratios": frame_of([], _RATIOS)}
    if days.last_day is None:
        return Found(frames, (Said(NO_PLACES),))
    span = _span(values, days.last_day)
    whole = _whole_days(days, known(ask, ids, CAMPAIGN_DAYS, days.last_day))
    settings = wanted(ask("campaign_budgets", account_ids=ids), values["objective_type"])
    objectives = settings.select("account_id", "campaign_id", "objective_type").drop_nulls()
    places = ask("placement_days", account_ids=ids, **span).filter(pl.col("serving_location") != placement.UNREPORTED)
    totals = ask("campaign_day_figures", account_ids=ids, **span)
    keys = ["account_id", "campaign_id"]
    shown, told = (
        one.join(whole, on=["account_id", "date"], how="semi").join(objectives, on=keys) for one in (places, totals)
    )
    said = [Said(text) for text in days.left_out()]
    rows, ratios = [], []
    for (account_id, objective_type), mine in parts(told, ("account_id", "objective_type")):
        metric = key_result(objective_type).metric
        if metric not in shown.columns or account_id not in days.accounts:
            continue  # LinkedIn is asked for core metrics by place, so not for video views
        there = shown.filter(pl.col("account_id") == account_id, pl.col("objective_type") == objective_type)
        needed = ("account_id", "campaign_id", "date", SPEND, metric)
        found = placement.placement_of(there.select("serving_location", *needed), mine.select(needed), metric)
        currency = days.currencies.get(account_id)
        key = {"account_id": account_id, "currency": currency, "objective_type": objective_type}
        rows.append(found.table().with_columns(pl.lit(value).alias(name) for name, value in key.items()))
        names = ("ratio", "low", "high", "p_off_better", "unknown_days")
        ratios.append({**key, **span, **{name: getattr(found, name) for name in names}})
        text = placement.placement_sentences(found, result=result_words(objective_type)[1], currency=currency)
        said.append(Said(text, account_id, objective_type))
    frames = {"placement": frame_of(rows, _PLACEMENT), "placement_ratios": frame_of(ratios, _RATIOS)}
    return Found(frames, tuple(said))


def _span(values: Mapping[str, Any], last: date) -> dict[str, date]:
    return {"first_day": values["first_day"] or last - timedelta(days=PERIOD_DAYS - 1), "last_day": last}


def _whole_days(places: Known, totals: Known) -> pl.DataFrame:
    """The days that both resources know whole: account_id, date."""
    one, other = (days.covered.filter("complete").select("account_id", "date") for days in (places, totals))
    return one.join(other, on=["account_id", "date"], how="semi")


SATURATION = Answer(
    name="saturation",
    title="Is the audience used up: how often did each person see the ads, and how many new ones are still reached?",
    params={
        "account_ids": ACCOUNTS,
        "level": Item("text", "null: every level; else ACCOUNT, CAMPAIGN_GROUP or CAMPAIGN"),
    },
    inputs=("reach",),
    outputs={"saturation": _SATURATION},
    method=_saturation,
)
PLACEMENT = Answer(
    name="placement",
    title="How much was spent off LinkedIn, and what came of it compared with money spent on LinkedIn?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: 28 days to the last one"),
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
    },
    inputs=("accounts", "covered_days", "campaign_budgets", "placement_days", "campaign_day_figures"),
    outputs={"placement": _PLACEMENT, "placement_ratios": _RATIOS},
    method=_placement,
)
