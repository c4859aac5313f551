"""Which figures can be signed: the state of every day, sums of ads against ad sets, and figures of nothing listed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import certificate, reconciliation, wording
from workbench.analytics.day_age import covered_days
from workbench.analytics.equal_age import late_objective
from workbench.analytics.maturity import Curve
from workbench.analytics.metrics import objective
from workbench.analytics.smoothing import days_between
from workbench.analytics.spend_at_stake import HISTORY_DAYS, AtStake, at_stake
from workbench.answers.figures import SPEND
from workbench.answers.inputs import Asker, wanted
from workbench.answers.late import key_curves, share_arrived
from workbench.answers.registry import ACCOUNTS, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS, CREATIVE_DAYS
from workbench.schema.snapshot_names import day_of

PERIOD_DAYS = 28
_CERTIFICATE = Output(dict(certificate.SCHEMA), {"age": "days at the deciding fetch"})
_GAPS = Output(
    {"account_id": pl.Int64(), **reconciliation.SCHEMA, "explained": pl.Boolean()},
    dict.fromkeys(("campaign", "creatives", "gap"), "the metric's own: count or account currency"),
)
_ORPHANS = Output(dict(reconciliation.ORPHANS), {"spend": "account currency"})


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    account_ids = values["account_ids"]
    coverage = ask("covered_windows", account_ids=account_ids)
    accounts = ask("accounts", account_ids=account_ids).sort("account_id")
    last = values["last_day"] or _yesterday(coverage)
    made: dict[str, list[pl.DataFrame]] = {"certificate": [], "reconciliation": [], "orphans": []}
    said: list[Said] = []
    if last is not None:
        first = values["first_day"] or last - timedelta(days=PERIOD_DAYS - 1)
        history = {"account_ids": account_ids, "first_day": first - timedelta(days=HISTORY_DAYS), "last_day": last}
        campaign_rows, creative_rows = ask("campaign_day_figures", **history), ask("creative_days", **history)
        curves = key_curves(ask, values)
        listed = ask("campaign_budgets", account_ids=account_ids), ask("creative_settings", account_ids=account_ids)
        for account in accounts.iter_rows(named=True):
            mine = pl.col("account_id") == account["account_id"]
            figures = campaign_rows.filter(mine), creative_rows.filter(mine)
            mine_curves = {one: curve for (owner, one), curve in curves.items() if owner == account["account_id"]}
            settled = _settled_age(listed[0].filter(mine), mine_curves)
            states = _states(coverage, account["account_id"], first, last, settled)
            gaps = _explained(_gaps(states, *_with_campaigns(*figures, listed[1])), figures[1], listed[1])
            of_campaigns, of_creatives = (frame.filter(pl.col("date") >= first) for frame in figures)
            ids = listed[0].filter(mine)["campaign_id"], listed[1].filter(mine)["creative_id"]
            made["certificate"].append(states)
            made["reconciliation"].append(gaps.with_columns(pl.lit(account["account_id"]).alias("account_id")))
            made["orphans"].append(reconciliation.orphans(of_campaigns, of_creatives, *ids))
            complete = _complete(coverage, account["account_id"])
            stake = _stake(complete, account["account_id"], figures[0], first, last)
            mature = _mature(states, figures[0], listed[0], mine_curves)
            said += _said(account, states, gaps, stake, mature)
    frames = {
        "certificate": frame_of(made["certificate"], _CERTIFICATE),
        "reconciliation": frame_of(made["reconciliation"], _GAPS),
        "orphans": frame_of(made["orphans"], _ORPHANS),
    }
    return Found(frames, tuple(said))


def _yesterday(coverage: pl.DataFrame) -> date | None:
    """The day before the newest fetch of figures: the last day that could be whole."""
    newest = coverage.filter(pl.col("resource") == CAMPAIGN_DAYS)["snapshot"].max()
    if not isinstance(newest, str):
        return None
    return day_of(newest) - timedelta(days=1)


def _complete(coverage: pl.DataFrame, account_id: int) -> set[date]:
    """The days of an account whose ad sets' figures are whole."""
    mine = coverage.filter(pl.col("account_id") == account_id, pl.col("resource") == CAMPAIGN_DAYS)
    return set(covered_days(mine).filter("complete")["date"].to_list())


def _settled_age(listed: pl.DataFrame, curves: Mapping[str, Curve]) -> int:
    """The age at which late results of every objective are settled; 30 days unless a curve of each says better."""
    late = {objective(one) for one in listed["objective_type"].unique().to_list() if late_objective(one)}
    if not late or late - set(curves):
        return certificate.SETTLED_AGE
    return max(curve.settled_age() for name, curve in curves.items() if name in late)


def _mature(
    states: pl.DataFrame, rows: pl.DataFrame, listed: pl.DataFrame, curves: Mapping[str, Curve]
) -> float | None:
    """The share of late results of these days that has arrived, weighted by the spend of their objectives.

    None without a curve for every objective that has late results, and where all days are settled.
    """
    days = states.filter(pl.col("resource") == CAMPAIGN_DAYS, pl.col("age") >= 1).select("date", "age")
    late = wanted(listed, None).filter(
        pl.col("objective_type").map_elements(late_objective, return_dtype=pl.Boolean, skip_nulls=True)
    )
    spent = rows.join(late, on=["account_id", "campaign_id"]).join(days, on="date")
    found = {one: spent.filter(pl.col("objective_type") == one) for one in spent["objective_type"].unique().to_list()}
    if (
        not found
        or set(found) - set(curves)
        or not any(row["state"] == "provisional_results" for row in states.to_dicts())
    ):
        return None
    shares = [(share_arrived(mine, curves[one]), float(mine[SPEND].sum())) for one, mine in sorted(found.items())]
    known = [(share, weight) for share, weight in shares if share is not None]
    whole = math.fsum(weight for _, weight in known)
    return math.fsum(share * weight for share, weight in known) / whole if whole > 0 else None


def _states(coverage: pl.DataFrame, account_id: int, first: date, last: date, settled: int) -> pl.DataFrame:
    sources = [(account_id, CAMPAIGN_DAYS), (account_id, CREATIVE_DAYS)]
    mine = coverage.filter(pl.col("account_id") == account_id)
    days = days_between(first, last)
    return certificate.certificate(mine, sources, days, settled_ages={account_id: settled})


def _with_campaigns(
    campaign_rows: pl.DataFrame, creative_rows: pl.DataFrame, creatives: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both rows with a campaign_id; ads that no listing has cannot be added to an ad set and are `orphans`."""
    owners = creatives.select("account_id", "creative_id", "campaign_id").drop_nulls()
    return campaign_rows, creative_rows.join(owners, on=["account_id", "creative_id"])


def _gaps(states: pl.DataFrame, campaign_rows: pl.DataFrame, creative_rows: pl.DataFrame) -> pl.DataFrame:
    """Differences on days that both resources know whole."""
    whole = states.filter(pl.col("age") >= 1).group_by("date").agg(pl.col("resource").n_unique().alias("known"))
    days = whole.filter(pl.col("known") == 2).select("date")
    one, other = (frame.join(days, on="date", how="semi") for frame in (campaign_rows, creative_rows))
    return reconciliation.reconcile(one, other)


def _explained(gaps: pl.DataFrame, creative_rows: pl.DataFrame, creatives: pl.DataFrame) -> pl.DataFrame:
    """The gaps with `explained`: whether the ads of the account that no listing has make up those of the day."""
    key, metrics = ["date", "metric"], list(reconciliation.JUDGED)
    owners = creatives.select("account_id", "creative_id", "campaign_id").drop_nulls()
    strangers = creative_rows.join(owners, on=["account_id", "creative_id"], how="anti")
    exact = strangers.select("date", *(pl.col(name).cast(pl.Decimal(38, 18)) for name in metrics))
    sums = exact.unpivot(index="date", on=metrics, variable_name="metric", value_name="stranger").group_by(key)
    joined = gaps.join(sums.agg(pl.col("stranger").sum()), on=key, how="left", maintain_order="left")
    rest = (pl.col("gap").sum().over(key) - pl.col("stranger").fill_null(0)).abs()
    return joined.with_columns((rest < reconciliation.TOLERANCE).alias("explained")).drop("stranger")


def _said(
    account: Mapping[str, Any],
    states: pl.DataFrame,
    gaps: pl.DataFrame,
    stake: AtStake | None,
    mature: float | None,
) -> list[Said]:
    account_id = account["account_id"]
    open_gaps = reconciliation.judged(gaps.filter(~pl.col("explained")))
    mine = states.filter(pl.col("resource") == CAMPAIGN_DAYS)
    text = certificate.certificate_sentence(
        mine,
        {account_id: account["name"] or str(account_id)},
        currency=account["currency"],
        maturity=mature,
        stake=stake,
        gaps=open_gaps.height,
    )
    said = [text, reconciliation.reconciliation_sentence(open_gaps)]
    sets = gaps.filter("explained")["campaign_id"].n_unique()
    if sets:
        said.append(f"Ads that no listing has make up what the listed ads of {wording.counted(sets, 'ad set')} lack.")
    return [Said(one, account_id) for one in said]


def _stake(
    complete: set[date], account_id: int, campaign_rows: pl.DataFrame, first: date, last: date
) -> AtStake | None:
    """The spend that the unknown days let expect; None where every day is known."""
    if complete.issuperset(days_between(first, last)):
        return None
    sums = dict(campaign_rows.group_by("date").agg(pl.col(SPEND).sum()).iter_rows())
    begun = min(sums, default=first)
    rows = [
        (account_id, day, float(sums.get(day, 0)) if day in complete else None) for day in days_between(begun, last)
    ]
    schema = {"account_id": pl.Int64(), "date": pl.Date(), SPEND: pl.Float64()}
    return at_stake(pl.DataFrame(rows, schema=schema, orient="row"), first, last)


ANSWER = Answer(
    name="certificate",
    title="Which of these figures can be signed?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: 28 days to the last one"),
        "last_day": Item("date", "null: the day before the newest fetch; a day under way is shown as such"),
    },
    inputs=(
        "accounts",
        "covered_windows",
        "campaign_day_figures",
        "creative_days",
        "campaign_budgets",
        "creative_settings",
        "completeness",
        "result_versions",
    ),
    outputs={"certificate": _CERTIFICATE, "reconciliation": _GAPS, "orphans": _ORPHANS},
    method=_answer,
)
