"""Which ad sets are cheaper or dearer than others of their objective by more than chance may explain.

Costs are ranked as results per money with the prior that all rows share (`shrinkage`), so that the cheapest of many
equal ones is not taken for a cheap one. Rows are of one currency; results never across objectives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.creative_comparison import gamma_interval
from workbench.analytics.metrics import key_result
from workbench.analytics.overdispersion import day_scatter
from workbench.analytics.shrinkage import Gamma, gamma_prior

NONE_DIFFERS = "None is cheaper or dearer than the others by more than chance may explain."
TOO_FEW = "Not enough data: it takes two that spent something, and one result among them, to compare costs."
_SPEND = "cost_in_local_currency"
_KEY = ("account_id", "campaign_id")


def enough(frame: pl.DataFrame) -> pl.Series:
    """For each row, whether its own results weigh more than what the rows of its objective have in common.

    Args:
        frame: objective, cost_in_local_currency, key_result.
    """
    needed = {name: prior.shape for name in frame["objective"].unique() if (prior := _prior(frame, name)) is not None}
    results = frame.select("objective", pl.col("key_result").cast(pl.Float64)).rows()
    judged = [name in needed and count is not None and count >= needed[name] for name, count in results]
    return pl.Series("enough", judged, pl.Boolean)


def ranked_costs(frame: pl.DataFrame, objective: str | None, days: pl.DataFrame | None = None) -> pl.DataFrame:
    """The ad sets of an objective that spent something, the cheapest first after allowing for chance.

    Args:
        frame: `comparison.compare` of campaigns.
        days: `daily_series_by_campaign` of the same days: how much counts scatter beyond chance is seen in it.

    Returns:
        The rows with shrunk_cost, shrunk_low, shrunk_high (account currency per key result, 90 %; of impressions per
        1,000), typical_cost (of all rows together), and beyond: `less`, `more`, or null where chance may explain it.
    """
    rows = frame.filter(_of(objective), pl.col(_SPEND) > 0, pl.col("key_result").is_not_null())
    phis = _phis(rows, objective, days)
    found = [_exposure(row, phis) for row in rows.iter_rows(named=True)]
    prior = gamma_prior(found)
    if prior is None or rows.height < 2:
        return _with_costs(rows.clear(), [])
    scale = key_result(objective).scale
    typical = scale * float(rows[_SPEND].sum()) / float(rows["key_result"].sum())
    return _with_costs(rows, [_costs(prior.updated(count, spend), scale, typical) for spend, count in found])


def least_costs(frame: pl.DataFrame) -> Mapping[tuple[int, int], tuple[float, bool]]:
    """By account and ad set, what a key result costs at least (95 % sure), and whether that is more than usual.

    Args:
        frame: `comparison.compare` of campaigns of one currency.
    """
    found = [ranked_costs(frame, name) for name in frame["objective"].drop_nulls().unique().sort()]
    rows = [row for ranked in found for row in ranked.select(*_KEY, "shrunk_low", "beyond").iter_rows()]
    return {(account, campaign): (low, beyond == "more") for account, campaign, low, beyond in rows}


def ranking(ranked: pl.DataFrame, *, count: int = 3) -> list[Mapping[str, str]]:
    """The cheapest and the dearest beyond chance against all together, as finished text; none where none differs.

    Args:
        ranked: as `ranked_costs` leaves it.
    """
    less = ranked.filter(pl.col("beyond") == "less").head(count)
    more = ranked.filter(pl.col("beyond") == "more").tail(count).reverse()
    return [_ranked(row) for row in [*less.iter_rows(named=True), *more.iter_rows(named=True)]]


def placed(ranked: pl.DataFrame) -> str:
    """How many differ by more than chance, of how many; or why that cannot be said.

    Args:
        ranked: as `ranked_costs` leaves it.
    """
    if ranked.is_empty():
        return TOO_FEW
    beyond = ranked["beyond"].drop_nulls()
    less, more = int((beyond == "less").sum()), int((beyond == "more").sum())
    every = f"{wording.counted(ranked.height, 'ad set')} spent something"
    if not less and not more:
        return f"{every}. {NONE_DIFFERS}"
    return f"{every}; {less} {_are(less)} cheaper and {more} {_are(more)} dearer than all together beyond chance."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _of(objective: str | None) -> pl.Expr:
    """Rows of one objective; of none where none is chosen."""
    return pl.col("objective") == pl.lit(objective, pl.String)


def _prior(frame: pl.DataFrame, objective: str | None) -> Gamma | None:
    rows = frame.filter(_of(objective), pl.col(_SPEND) > 0).drop_nulls("key_result")
    return gamma_prior(rows.select(pl.col(_SPEND, "key_result").cast(pl.Float64)).rows())


def _phis(rows: pl.DataFrame, objective: str | None, days: pl.DataFrame | None) -> Mapping[Any, float]:
    """By ad set, what its spend and results are divided by."""
    metric = key_result(objective).metric
    if days is None or metric is None or metric not in days.columns:
        return {}
    mine = days.join(rows.select(_KEY), on=_KEY, how="semi").drop_nulls([_SPEND, metric])
    pairs = mine.select(*_KEY, pl.col(_SPEND, metric).cast(pl.Float64)).rows()
    return day_scatter(((account, campaign), spend, count) for account, campaign, spend, count in pairs).phi


def _exposure(row: Mapping[str, Any], phis: Mapping[Any, float]) -> tuple[float, float]:
    phi = phis.get((row["account_id"], row["campaign_id"]), 1.0)
    return float(row[_SPEND]) / phi, float(row["key_result"]) / phi


def _costs(rate: Gamma, scale: int, typical: float) -> tuple[float, float, float, float, str | None]:
    fewest, most = gamma_interval(rate)
    low, high = scale / most, scale / fewest
    beyond = "less" if high < typical else "more" if low > typical else None
    return scale / rate.mean, low, high, typical, beyond


def _with_costs(rows: pl.DataFrame, costs: list[tuple[float, float, float, float, str | None]]) -> pl.DataFrame:
    names = ("shrunk_cost", "shrunk_low", "shrunk_high", "typical_cost")
    schema = {**dict.fromkeys(names, pl.Float64), "beyond": pl.String}
    return rows.hstack(pl.DataFrame(costs, schema=schema, orient="row")).sort("shrunk_cost", *_KEY)


def _ranked(row: Mapping[str, Any]) -> Mapping[str, str]:
    currency = row["currency"]
    return {
        "Costs": "Less" if row["beyond"] == "less" else "More",
        "Name": row["name"],
        "Cost per key result": formatting.money(row["cost_per_key_result"], currency),
        "After allowing for chance": formatting.money(row["shrunk_cost"], currency),
        "90 %": wording.money_range(row["shrunk_low"], row["shrunk_high"], currency),
        "Against all": formatting.change(row["shrunk_cost"] / row["typical_cost"] - 1),
        "Key results": formatting.number(row["key_result"]),
        "Spend": formatting.money(row[_SPEND], currency),
    }
