"""Every metric once: its column, LinkedIn's field, its name for people, its unit, its formula in words.

To add a stored metric: one line in `STORED`, a migration that adds its column, `poe generate` for the SQL files. What
LinkedIn is asked for, the records that judge its answers, the tables and the labels follow from the line.

LinkedIn takes at most 20 field names a request, two of which are the key of a row. So metrics are asked for in groups
of at most 18; answers of several groups are merged by key. Every group asks for `ANCHOR` too: LinkedIn leaves out a row
in which every metric that was asked for is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.schema.metrics_beyond_the_core import BEYOND_THE_CORE, DECIMAL, IN_QUESTIONS

Unit = Literal["count", "money", "usd", "share", "factor", "index", "seconds"]
Good = Literal["up", "down"] | None

ANCHOR = "impressions"


@dataclass(frozen=True)
class Metric:
    """A number as people read it.

    Attributes:
        label: its name.
        unit: `count`, `money` (the account's currency), `usd`, `share` (0 to 1), `factor`, `index` (100 is even) or
            `seconds`.
        formula: how it is made, in words.
        top, bottom: of a ratio, its inputs; else empty.
        scale: of a ratio, what it is multiplied with.
        good: the direction that is good news, or None where neither is.
    """

    label: str
    unit: Unit
    formula: str
    top: str = ""
    bottom: str = ""
    scale: int = 1
    good: Good = None


@dataclass(frozen=True)
class Stored(Metric):
    """A metric that LinkedIn sends and the tables hold.

    Attributes:
        name: the column in tables, views and questions.
        field: LinkedIn's name.
        group: the request that asks for it; a group has at most `metric_groups.GROUP_SIZE` metrics.
        brief: whether the questions with the short list of sums have it too.
        decimal: whether LinkedIn sends the count as a decimal string.
        table_only: whether tables and views of days have it, and no question does unless it names it.
        late: whether LinkedIn adds to a day's value for weeks: results that it credits to the day of the click or view.
        demographic: its place among the columns of `audience_demographics`; None where it is not asked for by
            demographic pivot.
    """

    name: str = ""
    field: str = ""
    group: str = "core"
    brief: bool = False
    late: bool = False
    decimal: bool = False
    table_only: bool = False
    demographic: int | None = None

    @property
    def type(self) -> Literal["count", "money"]:
        """A whole number, or an exact decimal."""
        return "count" if self.unit == "count" and not self.decimal else "money"

    @property
    def original(self) -> bool:
        """Whether every snapshot asked for it. The group `core` is full; each metric outside it came later."""
        return self.group == "core"


def stored(
    name: str,
    field: str,
    label: str,
    formula: str,
    *,
    unit: Unit = "count",
    good: Good = "up",
    group: str = "core",
    brief: bool = False,
    late: bool = False,
    decimal: bool = False,
    table_only: bool = False,
    demographic: int | None = None,
) -> Stored:
    return Stored(
        label,
        unit,
        formula,
        good=good,
        name=name,
        field=field,
        group=group,
        brief=brief,
        late=late,
        decimal=decimal,
        table_only=table_only,
        demographic=demographic,
    )


STORED: Sequence[Stored] = (
    stored("impressions", "impressions", "Impressions", "Times an ad was shown", brief=True, demographic=1),
    stored(
        "clicks",
        "clicks",
        "Clicks",
        "Chargeable clicks; what counts depends on the objective",
        brief=True,
        demographic=2,
    ),
    stored(
        "cost_in_local_currency",
        "costInLocalCurrency",
        "Spend",
        "Cost in the account's currency",
        unit="money",
        good=None,
        brief=True,
        demographic=4,
    ),
    stored(
        "cost_in_usd", "costInUsd", "Spend in USD", "Cost in US dollars, converted by LinkedIn", unit="usd", good=None
    ),
    stored(
        "landing_page_clicks",
        "landingPageClicks",
        "Landing-page clicks",
        "Clicks that lead to the landing page",
        brief=True,
        demographic=3,
    ),
    stored("total_engagements", "totalEngagements", "Engagements", "All interactions, clicks included", brief=True),
    stored("likes", "likes", "Reactions", "Likes and other reactions"),
    stored("comments", "comments", "Comments", "Comments on the ad"),
    stored("shares", "shares", "Shares", "Reposts of the ad"),
    stored("follows", "follows", "Follows", "Follows of the page that came from the ad"),
    stored("one_click_leads", "oneClickLeads", "Leads", "Submitted lead forms", brief=True, late=True, demographic=5),
    stored("one_click_lead_form_opens", "oneClickLeadFormOpens", "Form opens", "Lead forms opened"),
    stored(
        "external_website_conversions",
        "externalWebsiteConversions",
        "Conversions",
        "Website conversions after a click or a view",
        brief=True,
        late=True,
        demographic=6,
    ),
    stored(
        "external_website_post_click_conversions",
        "externalWebsitePostClickConversions",
        "Conversions after a click",
        "Website conversions after a click",
        late=True,
    ),
    stored(
        "external_website_post_view_conversions",
        "externalWebsitePostViewConversions",
        "Conversions after a view",
        "Website conversions after a view",
        late=True,
    ),
    stored(
        "conversion_value_in_local_currency",
        "conversionValueInLocalCurrency",
        "Conversion value",
        "Value of conversions in the account's currency",
        unit="money",
        late=True,
    ),
    stored("opens", "opens", "Opens", "Messages opened", brief=True),
    stored("sends", "sends", "Sends", "Messages sent", brief=True),
    *(
        stored(name, field, label, formula, group=group, decimal=name in DECIMAL, table_only=name not in IN_QUESTIONS)
        for group, metrics in BEYOND_THE_CORE.items()
        for name, field, label, formula in metrics
    ),
)
"""What LinkedIn sends by entity and day, in the order of the tables' columns."""

BY_DEMOGRAPHIC: Sequence[Stored] = tuple(
    sorted((metric for metric in STORED if metric.demographic), key=lambda metric: metric.demographic or 0)
)
"""What is stored by segment, in the order of the columns of `audience_demographics`."""

LATE: Sequence[Stored] = tuple(metric for metric in STORED if metric.late)
"""What is provisional for weeks, in the order of the tables' columns."""
SPEND_AND_LATE: Sequence[Stored] = (next(metric for metric in STORED if metric.unit == "money"), *LATE)
"""What late results cost, and the results."""
SHOWN: Sequence[Stored] = tuple(metric for metric in STORED if not metric.table_only)
"""What questions about days have, in the order of the tables' columns."""
CORE: Sequence[Stored] = tuple(metric for metric in STORED if metric.original)
"""What is stored by serving location, in the order of the columns of `placement_daily_metrics`."""

BY_CONVERSION: Sequence[Stored] = tuple(metric for metric in LATE if metric.name != "one_click_leads")
"""What is stored by conversion rule, in the order of the columns of `conversion_daily_metrics`."""

DAILY_FIELDS: Mapping[str, str] = {metric.name: metric.field for metric in STORED}
"""LinkedIn's field by column of the daily tables."""
DEMOGRAPHIC_FIELDS: Mapping[str, str] = {metric.name: metric.field for metric in BY_DEMOGRAPHIC}
"""LinkedIn's field by column of `audience_demographics`."""
MONEY_METRICS = frozenset(metric.name for metric in STORED if metric.type == "money")


def _share(label: str, top: str, bottom: str, formula: str, good: Good = "up") -> Metric:
    return Metric(label, "share", formula, top, bottom, good=good)


def _cost(label: str, bottom: str, formula: str, scale: int = 1) -> Metric:
    return Metric(label, "money", formula, "cost_in_local_currency", bottom, scale, good="down")


RATIOS: Mapping[str, Metric] = {
    "ctr": _share("CTR", "clicks", "impressions", "Clicks ÷ impressions"),
    "lp_ctr": _share("Landing-page CTR", "landing_page_clicks", "impressions", "Landing-page clicks ÷ impressions"),
    "cpc": _cost("CPC", "clicks", "Spend ÷ clicks"),
    "cost_per_lp_click": _cost("Cost per landing-page click", "landing_page_clicks", "Spend ÷ landing-page clicks"),
    "cpm": _cost("CPM", "impressions", "1,000 × spend ÷ impressions", 1000),
    "engagement_rate": _share("Engagement rate", "total_engagements", "impressions", "Engagements ÷ impressions"),
    "cpl": _cost("Cost per lead", "one_click_leads", "Spend ÷ leads"),
    "form_open_rate": _share("Form open rate", "one_click_lead_form_opens", "impressions", "Form opens ÷ impressions"),
    "form_completion_rate": _share(
        "Form completion rate", "one_click_leads", "one_click_lead_form_opens", "Leads ÷ form opens"
    ),
    "cpa": _cost("Cost per conversion", "external_website_conversions", "Spend ÷ conversions"),
    "cvr": _share(
        "Conversion rate after a click",
        "external_website_post_click_conversions",
        "landing_page_clicks",
        "Conversions after a click ÷ landing-page clicks",
    ),
    "view_through_share": _share(
        "View-through share",
        "external_website_post_view_conversions",
        "external_website_conversions",
        "Conversions after a view ÷ all conversions",
        good=None,
    ),
    "roas": Metric(
        "ROAS",
        "factor",
        "Conversion value ÷ spend, both in the account's currency",
        "conversion_value_in_local_currency",
        "cost_in_local_currency",
        good="up",
    ),
    "message_open_rate": _share("Open rate", "opens", "sends", "Opens ÷ sends"),
}
"""What is computed after adding up."""

SUMS: Mapping[str, Metric] = {
    metric.name: metric for metric in sorted(SHOWN, key=lambda metric: not metric.name.startswith("cost_"))
}
"""What questions add up, spend first."""

METRICS: Mapping[str, Metric] = {
    **SUMS,
    **{metric.name: metric for metric in STORED if metric.table_only},
    **RATIOS,
    "key_result": Metric("Key results", "count", "What the objective asks for", good="up"),
    "cost_per_key_result": Metric("Cost per key result", "money", "Spend ÷ key results", good="down"),
}

_LATE_NAMES = frozenset(metric.name for metric in LATE)
LATE_METRICS = frozenset(
    {*_LATE_NAMES, "key_result", "cost_per_key_result"}
    | {name for name, ratio in RATIOS.items() if not _LATE_NAMES.isdisjoint((ratio.top, ratio.bottom))}
)
"""What is provisional for weeks, and what is made from it."""
