"""Where ads and ad sets do not agree, and which figures belong to nothing that is listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import polars as pl

from workbench.analytics import wording
from workbench.analytics.currency import one_currency
from workbench.analytics.metrics import SUMS

JUDGED = ("impressions", "clicks", "landing_page_clicks", "cost_in_local_currency", "sends", "opens")
"""Metrics whose ads add up to their ad set; of all others a difference is reported, not judged."""
TOLERANCE = Decimal("0.005")
"""Differences of money below this are LinkedIn's rounding."""
NO_GAPS = "The ads add up to their ad sets."
_KEY = ("campaign_id", "date")
_SPEND = "cost_in_local_currency"
_EXACT = pl.Decimal(38, 18)

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "campaign_id": pl.Int64,
    "date": pl.Date,
    "metric": pl.String,
    "campaign": _EXACT,
    "creatives": _EXACT,
    "gap": _EXACT,
}
"""The columns of `reconcile`; gap is the ad set's figure less the sum of its ads."""
ORPHANS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.Int64,
    "level": pl.String,
    "entity_id": pl.Int64,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "spend": _EXACT,
}


def reconcile(
    campaign_rows: pl.DataFrame, creative_rows: pl.DataFrame, metrics: Sequence[str] = JUDGED
) -> pl.DataFrame:
    """The differences between each ad set's figures and the sums of its ads, by day (`SCHEMA`); equal ones make no row.

    Args:
        campaign_rows: campaign_id, date, and `metrics`: the days on which both resources are known and complete.
        creative_rows: the same per ad. A side without a row is 0; a null figure is unknown, and is not compared.
        metrics: the columns to compare.

    Returns:
        Sorted by campaign and date, then in the order of `metrics`.

    Raises:
        ValidationError: the rows (`currency`) are of two currencies.
    """
    one_currency(campaign_rows, creative_rows)
    compared = [_compared(campaign_rows, creative_rows, metric) for metric in metrics]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *compared]).sort("campaign_id", "date", maintain_order=True)


def judged(gaps: pl.DataFrame) -> pl.DataFrame:
    """The differences that must not be; results and engagements are left out.

    Args:
        gaps: as `reconcile` returns them.
    """
    return gaps.filter(pl.col("metric").is_in(JUDGED))


def reconciliation_sentence(gaps: pl.DataFrame) -> str:
    """Whether ads add up to their ad sets, and where they do not most; plain text.

    Args:
        gaps: as `reconcile` returns them.
    """
    wrong = judged(gaps)
    if wrong.is_empty():
        return NO_GAPS
    days, sets = wrong["date"].n_unique(), wrong["campaign_id"].n_unique()
    metrics = [SUMS[name].label.lower() for name in JUDGED if name in wrong["metric"].to_list()]
    where = f"on {wording.counted(days, 'day')} of {wording.counted(sets, 'ad set')}"
    return f"The ads do not add up to their ad sets {where}: {wording.listed(metrics)}."


def orphans(
    campaign_rows: pl.DataFrame, creative_rows: pl.DataFrame, campaigns: Iterable[int], creatives: Iterable[int]
) -> pl.DataFrame:
    """The ad sets and ads that have figures but are in no listing, with their spend in the account's currency.

    Args:
        campaign_rows: account_id, campaign_id, date, cost_in_local_currency.
        creative_rows: account_id, creative_id, date, cost_in_local_currency.
        campaigns, creatives: ids that a listing has.

    Returns:
        account_id, level (campaign or creative), entity_id, first_day, last_day, spend (null where a day's is unknown);
        most spend first. The two levels overlap, so their spend is never added up.

    Raises:
        ValidationError: the rows (`currency`) are of two currencies.
    """
    one_currency(campaign_rows, creative_rows)
    levels = (("campaign", campaign_rows, campaigns), ("creative", creative_rows, creatives))
    found = [_unlisted(level, rows, set(listed)) for level, rows, listed in levels]
    order = ["level", "spend", "account_id", "entity_id"]
    made = pl.concat([pl.DataFrame(schema=ORPHANS), *found])
    return made.sort(order, descending=[False, True, False, False], nulls_last=True)


def without_access(
    accounts: Iterable[int], with_entities: Iterable[int], with_rows: Iterable[int], known_roles: Iterable[int]
) -> tuple[int, ...]:
    """The accounts that probably show nothing for lack of access: no entity, no row, and a role that is not known.

    Args: ids of accounts; those with any entity, with any row of figures, and with a known role.
    """
    return tuple(sorted(set(accounts) - set(with_entities) - set(with_rows) - set(known_roles)))


def _compared(campaign_rows: pl.DataFrame, creative_rows: pl.DataFrame, metric: str) -> pl.DataFrame:
    one, other = _sums(campaign_rows, metric, "campaign"), _sums(creative_rows, metric, "creatives")
    both = one.join(other, on=_KEY, how="full", coalesce=True)
    known = both.filter(~pl.any_horizontal(pl.col("campaign_unknown", "creatives_unknown").fill_null(False)))
    sides = known.with_columns(pl.col("campaign", "creatives").fill_null(0).cast(_EXACT))
    gaps = sides.with_columns((pl.col("campaign") - pl.col("creatives")).alias("gap"), pl.lit(metric).alias("metric"))
    unit = SUMS[metric].unit if metric in SUMS else "count"
    least = pl.lit(TOLERANCE) if unit in ("money", "usd") else pl.lit(Decimal(1))
    differing = gaps.filter(pl.col("gap").abs() >= least)
    return differing.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _sums(rows: pl.DataFrame, metric: str, name: str) -> pl.DataFrame:
    value = pl.col(metric)
    return rows.group_by(_KEY).agg(value.cast(_EXACT).sum().alias(name), value.is_null().any().alias(f"{name}_unknown"))


def _unlisted(level: str, rows: pl.DataFrame, listed: set[int]) -> pl.DataFrame:
    name = f"{level}_id"
    strangers = rows.filter(~pl.col(name).is_in(sorted(listed)))
    spend = pl.when(pl.col(_SPEND).is_null().any()).then(None).otherwise(pl.col(_SPEND).cast(_EXACT).sum())
    sums = strangers.group_by("account_id", name).agg(
        pl.col("date").min().alias("first_day"), pl.col("date").max().alias("last_day"), spend.alias("spend")
    )
    made = sums.with_columns(pl.lit(level).alias("level"), pl.col(name).alias("entity_id"))
    return made.select(pl.col(column).cast(kind) for column, kind in ORPHANS.items())
