"""Which rate an ad is judged by, for each objective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from workbench.analytics.metrics import objective

MESSAGE_TYPE = "SPONSORED_INMAILS"


@dataclass(frozen=True)
class AdRate:
    """A rate of an ad: the metric counted, the metric it is counted over, its name and what the count is called."""

    count: str
    exposure: str
    label: str
    noun: str


_LANDING_PAGE = AdRate("landing_page_clicks", "impressions", "landing-page CTR", "landing-page clicks")
AD_RATES: Mapping[str, AdRate] = {
    "WEBSITE_VISIT": _LANDING_PAGE,
    "WEBSITE_CONVERSION": _LANDING_PAGE,
    "JOB_APPLICANT": _LANDING_PAGE,
    "LEAD_GENERATION": AdRate("one_click_lead_form_opens", "impressions", "form open rate", "form opens"),
    "ENGAGEMENT": AdRate("total_engagements", "impressions", "engagement rate", "engagements"),
    "BRAND_AWARENESS": AdRate("clicks", "impressions", "CTR", "clicks"),
}
"""VIDEO_VIEW has none: ads are not compared by views yet."""
MESSAGE_RATE = AdRate("opens", "sends", "open rate", "opens")


def ad_rate(objective_type: str | None, campaign_type: str | None = None) -> AdRate | None:
    """The rate that ads of an objective (either spelling) are judged by; None where none is collected.

    Args:
        campaign_type: the campaign's `type`; messages are judged by opens over sends, whatever their objective.
    """
    if campaign_type == MESSAGE_TYPE:
        return MESSAGE_RATE
    return AD_RATES.get(objective(objective_type) or "")


def creative_days(rows: pl.DataFrame) -> pl.DataFrame:
    """The days of creatives with `exposure` and `count` by the rate of their objective; others are left out.

    Args:
        rows: account_id, creative_id, campaign_id, objective_type, type, date, cost_in_local_currency and the metrics
            that `AD_RATES` names; a null metric is an unknown day.

    Returns:
        The columns of `rows` before the metrics, `exposure` and `count` (null on an unknown day).
    """
    pairs = rows.select("objective_type", "type").unique().rows()
    parts = [_judged(rows, one, kind, rate) for one, kind in pairs if (rate := ad_rate(one, kind)) is not None]
    if not parts:
        return _judged(rows.clear(), None, None, _LANDING_PAGE)
    return pl.concat(parts).sort("account_id", "creative_id", "date")


def _judged(rows: pl.DataFrame, objective_type: str | None, kind: str | None, rate: AdRate) -> pl.DataFrame:
    same = pl.col("objective_type").eq_missing(objective_type) & pl.col("type").eq_missing(kind)
    return rows.filter(same).select(
        *("account_id", "creative_id", "campaign_id", "date", "cost_in_local_currency"),
        pl.lit(objective(objective_type), pl.String).alias("objective_type"),
        pl.col(rate.exposure).cast(pl.Float64).alias("exposure"),
        pl.col(rate.count).cast(pl.Float64).alias("count"),
    )
