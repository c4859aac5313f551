"""The meaning of each table and column: the comments in PostgreSQL, and the data dictionary in `sql/README.md`.

Metrics are described by their own catalogue (`schema.metrics`). A field is LinkedIn's, as its API spells it; a column
without one is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.schema.metrics import STORED, Stored
from workbench.schema.reach_metrics import REACHED
from workbench.schema.resources import BY_NAME

MONEY = "account currency"
MOMENT = "moment, UTC"
DAY = "UTC day"
COUNT = "count"


@dataclass(frozen=True)
class Described:
    """The meaning of a column.

    Attributes:
        text: in words, its label first where it has one.
        unit: "" where it has none.
        field: LinkedIn's name of it; "" where it is not LinkedIn's.
    """

    text: str
    unit: str = ""
    field: str = ""

    @property
    def comment(self) -> str:
        """All of it, as the comment in PostgreSQL."""
        parts = (self.text, self.unit and f"Unit: {self.unit}", self.field and f"LinkedIn: {self.field}")
        return " ".join(f"{part}." for part in parts if part)


TABLES: Mapping[str, str] = {
    "ad_accounts": "Accounts: one row per ad account, as last seen",
    "campaign_groups": "Campaigns on LinkedIn's website, campaign groups in its API: one row each, as last seen",
    "campaigns": "Ad sets on LinkedIn's website, campaigns in its API: one row each, as last seen",
    "creatives": "Ads on LinkedIn's website, creatives in its API: one row each, as last seen",
    "conversions": "Conversion rules: one row each, as last seen; empty where the sign-in may not read them",
    "lead_forms": "Lead forms: one row each, as last seen, without what people filled in; empty without the permission",
    "campaign_daily_metrics": "Ad set days: one row per ad set and UTC day with activity",
    "creative_daily_metrics": "Ad days: one row per ad and UTC day with activity",
    "placement_daily_metrics": "Placement days: one row per ad set, serving location and UTC day with activity",
    "conversion_daily_metrics": "Conversion days: one row per ad set, conversion rule and UTC day with conversions",
    "campaign_monthly_metrics": "Ad set months: one row per ad set and calendar month with activity, of months whose "
    "days LinkedIn may no longer give; never add it to the tables of days",
    "audience_demographics": "Audiences: one row per demographic segment, of the newest window; windows never add up",
    "entity_demographics": "Audiences by campaign: one row per campaign or ad set that was asked for and demographic "
    "segment, of the newest window; windows never add up",
    "reach_windows": "Reach: one row per entity and window of days, each window kept; reach and averages never add up",
    "coverage": "What each snapshot covers completely: a window of days, or a whole listing where both ends are null",
    "coverage_summary": "One row per account and resource: the days that `coverage` holds of it, merged; listings, too",
    "account_loads": "One row per account that was loaded; 0: the list of accounts",
    "data_origin": "One row: whose data the database holds, real or invented",
    "sync_log": "One row per sync",
    "sync_steps": "One row per sync, account and resource",
    "alembic_version": "Which migration the tables are at (Alembic)",
}

_BUDGET = "the most that may be spent"
_ENTITY: Mapping[str, Described] = {
    "account_id": Described("The ad account", field="account"),
    "campaign_group_id": Described(
        "The campaign on LinkedIn's website (campaign group in its API)", field="campaignGroup"
    ),
    "campaign_id": Described("The ad set on LinkedIn's website (campaign in its API)", field="campaign"),
    "creative_id": Described("The ad on LinkedIn's website (creative in its API)", field="creative"),
    "name": Described("Name", field="name"),
    "currency": Described("ISO code of the currency", field="currency"),
    "type": Described("Type", field="type"),
    "status": Described("Status that people set", field="status"),
    "serving_statuses": Described("Why it may or may not be shown", field="servingStatuses"),
    "reference": Described("The company or person that the account belongs to, a URN", field="reference"),
    "test": Described("Whether it is a test, which is never shown", field="test"),
    "total_budget": Described(f"Total budget: {_BUDGET} in all", MONEY, "totalBudget.amount"),
    "daily_budget": Described(f"Daily budget: {_BUDGET} in a day", MONEY, "dailyBudget.amount"),
    "unit_cost": Described("Bid, or the target cost, of a result", MONEY, "unitCost.amount"),
    "run_schedule_start": Described("When it starts", MOMENT, "runSchedule.start"),
    "run_schedule_end": Described("When it ends; null: no end is set", MOMENT, "runSchedule.end"),
    "objective_type": Described("Objective", field="objectiveType"),
    "format": Described("Ad format", field="format"),
    "cost_type": Described("What is paid for: clicks, impressions or sends", field="costType"),
    "optimization_target_type": Described("What LinkedIn's delivery aims at", field="optimizationTargetType"),
    "creative_selection": Described("How ads take turns", field="creativeSelection"),
    "pacing_strategy": Described("How the budget is spread over the schedule", field="pacingStrategy"),
    "offsite_delivery_enabled": Described("Whether ads are shown outside LinkedIn", field="offsiteDeliveryEnabled"),
    "audience_expansion_enabled": Described("Whether similar people are reached", field="audienceExpansionEnabled"),
    "targeting_criteria": Described("Who is targeted, as LinkedIn sent it", "JSON", "targetingCriteria"),
    "created_at": Described("When it was created", MOMENT, "changeAuditStamps.created.time"),
    "last_modified_at": Described("When it was last modified", MOMENT, "changeAuditStamps.lastModified.time"),
    "listed": Described("Whether LinkedIn's newest complete listing has it"),
    "snapshot": Described("The snapshot in which it was last seen"),
    "synced_at": Described("When the values of this row last changed", MOMENT),
    "date": Described("LinkedIn's reporting day", DAY, "dateRange"),
    "window_start": Described("First day of the window", DAY),
    "window_end": Described("Last day of the window", DAY),
    "resource": Described("What was fetched: a table's name, names or posts"),
    "sync_id": Described("The sync: the name of its snapshot, which is its start in UTC"),
    "started_at": Described("When it started", MOMENT),
    "finished_at": Described("When it ended; null: not yet", MOMENT),
    "api_calls": Described("Requests to LinkedIn", COUNT),
    "error": Described("What failed, why, and what to do next", "JSON"),
}

_OF_TABLE: Mapping[tuple[str, str], Described] = {
    ("ad_accounts", "account_id"): Described("The ad account", field="id"),
    ("ad_accounts", "role"): Described(
        "Role of the signed-in member, such as VIEWER; null: not known", field="adAccountUsers.role"
    ),
    ("account_loads", "loads"): Described("How often its rows were loaded: it changes whenever they may have"),
    ("data_origin", "origin"): Described("linkedin, loopback (a sandbox or the demo) or sample"),
    ("campaign_groups", "campaign_group_id"): Described("The campaign on LinkedIn's website", field="id"),
    ("campaigns", "campaign_id"): Described("The ad set on LinkedIn's website", field="id"),
    ("campaigns", "currency"): Described("ISO code of the budgets' currency", field="dailyBudget.currencyCode"),
    ("creatives", "creative_id"): Described("The ad on LinkedIn's website", field="id"),
    ("creatives", "name"): Described("Name: LinkedIn's, else the headline, the post's text or the id", field="name"),
    ("creatives", "name_source"): Described("Where the name comes from: name, headline, post or fallback"),
    ("creatives", "intended_status"): Described("Status that people set", field="intendedStatus"),
    ("creatives", "is_serving"): Described("Whether it is being shown", field="isServing"),
    ("creatives", "serving_hold_reasons"): Described("Why it is not shown", field="servingHoldReasons"),
    ("creatives", "review_status"): Described("Outcome of LinkedIn's review", field="review.status"),
    ("creatives", "content_reference"): Described(
        "The post or other content that it shows, a URN", field="content.reference"
    ),
    ("creatives", "content_type"): Described("Kind of its content", field="content"),
    ("creatives", "lead_form_id"): Described("The lead form that it opens", field="leadgenCallToAction.destination"),
    ("creatives", "format"): Described(
        "What it shows, such as VIDEO or ARTICLE; null where its post may not be read", field="content"
    ),
    ("creatives", "introductory_text"): Described(
        "First 200 characters of its post, or its description", field="commentary"
    ),
    ("creatives", "headline"): Described("Headline, or its post's title", field="content.article.title"),
    ("creatives", "landing_page"): Described("Address that it leads to", field="contentLandingPage"),
    **{
        ("creatives", f"utm_{name}"): Described(f"utm_{name} in the address of the landing page")
        for name in ("source", "medium", "campaign", "term", "content")
    },
    ("lead_forms", "lead_form_id"): Described("The lead form", field="id"),
    ("lead_forms", "status"): Described("PUBLISHED, DRAFT or ARCHIVED", field="state"),
    ("lead_forms", "created_at"): Described("When it was created", MOMENT, "created"),
    ("lead_forms", "last_modified_at"): Described("When it was last modified", MOMENT, "lastModified"),
    ("creatives", "created_at"): Described("When it was created", MOMENT, "createdAt"),
    ("creatives", "last_modified_at"): Described("When it was last modified", MOMENT, "lastModifiedAt"),
    ("campaign_daily_metrics", "campaign_id"): Described("The ad set on LinkedIn's website", field="pivotValues"),
    ("creative_daily_metrics", "creative_id"): Described("The ad on LinkedIn's website", field="pivotValues"),
    ("placement_daily_metrics", "campaign_id"): Described("The ad set on LinkedIn's website", field="pivotValues"),
    ("placement_daily_metrics", "serving_location"): Described(
        "ON_SITE (on LinkedIn) or another place, such as OFF_SITE", field="pivotValues"
    ),
    ("conversion_daily_metrics", "campaign_id"): Described("The ad set on LinkedIn's website", field="pivotValues"),
    ("conversion_daily_metrics", "conversion_id"): Described(
        "The conversion rule; one that LinkedIn no longer lists has no row in `conversions`", field="pivotValues"
    ),
    ("conversions", "conversion_id"): Described("The conversion rule", field="id"),
    ("conversions", "type"): Described("Kind of conversion, such as LEAD or PURCHASE", field="type"),
    ("conversions", "enabled"): Described("Whether it counts conversions now", field="enabled"),
    ("conversions", "conversion_method"): Described(
        "How LinkedIn learns of a conversion, such as INSIGHT_TAG", field="conversionMethod"
    ),
    ("conversions", "attribution_type"): Described(
        "LAST_TOUCH_BY_CAMPAIGN (each ad set counts a conversion) or LAST_TOUCH_BY_CONVERSION (one does)",
        field="attributionType",
    ),
    ("conversions", "post_click_attribution_window_size"): Described(
        "Days after a click in which a conversion counts", "days", "postClickAttributionWindowSize"
    ),
    ("conversions", "view_through_attribution_window_size"): Described(
        "Days after a view in which a conversion counts", "days", "viewThroughAttributionWindowSize"
    ),
    ("conversions", "value_type"): Described("DYNAMIC where the value comes with each conversion", field="valueType"),
    ("conversions", "value"): Described(
        "Value of one conversion that people set", "currency of its row", "value.amount"
    ),
    ("conversions", "currency"): Described("ISO code of the value's currency", field="value.currencyCode"),
    ("conversions", "created_at"): Described("When it was created", MOMENT, "created"),
    ("conversions", "last_modified_at"): Described("When it was last modified", MOMENT, "lastModified"),
    ("campaign_monthly_metrics", "campaign_id"): Described("The ad set on LinkedIn's website", field="pivotValues"),
    ("campaign_monthly_metrics", "month_start"): Described("First day of the month", DAY, "dateRange"),
    ("reach_windows", "level"): Described("What the entity is: ACCOUNT, CAMPAIGN_GROUP or CAMPAIGN", field="pivot"),
    ("reach_windows", "entity_id"): Described("Id of the account, campaign group or campaign", field="pivotValues"),
    ("audience_demographics", "pivot"): Described(
        "What people are grouped by, such as MEMBER_SENIORITY", field="pivot"
    ),
    ("audience_demographics", "segment_urn"): Described("The segment: a URN or a word", field="pivotValues"),
    ("audience_demographics", "segment_name"): Described("The segment's name; null: LinkedIn does not tell it"),
    ("entity_demographics", "level"): Described("What the entity is: CAMPAIGN_GROUP or CAMPAIGN"),
    ("entity_demographics", "entity_id"): Described("Id of the campaign group or campaign"),
    ("entity_demographics", "pivot"): Described("What people are grouped by, such as MEMBER_SENIORITY", field="pivot"),
    ("entity_demographics", "segment_urn"): Described("The segment: a URN or a word", field="pivotValues"),
    ("entity_demographics", "segment_name"): Described("The segment's name; null: LinkedIn does not tell it"),
    ("coverage", "pivot"): Described(
        "The demographic pivot, the level of reach, or the groups of metrics beyond the core; null: every pivot that "
        "was asked for, or none"
    ),
    ("coverage", "snapshot"): Described("The snapshot that covers it"),
    ("coverage", "window_start"): Described("First day; null with its end: a complete listing", DAY),
    ("coverage", "window_end"): Described("Last day; null with its start: a complete listing", DAY),
    ("coverage_summary", "days"): Described(
        "Every covered day; null: a listing, or windows that never add up", "UTC days"
    ),
    ("coverage_summary", "complete_through"): Described("The last covered day that was over when it was fetched", DAY),
    ("coverage_summary", "newest_snapshot"): Described("The newest snapshot that covers any of it"),
    ("sync_log", "trigger"): Described("What started it: cli, notebook, script or demo"),
    ("sync_log", "status"): Described("running, done, partial, failed or interrupted"),
    ("sync_log", "heartbeat_at"): Described("Last sign of life", MOMENT),
    ("sync_log", "snapshot"): Described("The snapshot that it wrote"),
    ("sync_log", "steps_pruned"): Described("Whether its steps that were done are dropped, and summed up here"),
    ("sync_log", "accounts"): Described("Accounts of all its steps; null: the steps are there", COUNT),
    ("sync_log", "fetched"): Described("Elements that LinkedIn sent; null: the steps are there", COUNT),
    ("sync_log", "rejected"): Described("Elements that could not be read; null: the steps are there", COUNT),
    ("sync_log", "inserted"): Described("Rows inserted; null: the steps are there", COUNT),
    ("sync_log", "updated"): Described("Rows updated; null: the steps are there", COUNT),
    ("sync_log", "deleted"): Described("Rows deleted; null: the steps are there", COUNT),
    ("sync_log", "shard"): Described("The shard of the accounts that it asked for, such as 2/4; null: all accounts"),
    ("sync_steps", "account_id"): Described("The ad account; 0: what belongs to no account"),
    ("sync_steps", "status"): Described("pending, running, done, partial or failed"),
    ("sync_steps", "fetched"): Described("Elements that LinkedIn sent", COUNT),
    ("sync_steps", "rejected"): Described("Elements that could not be read", COUNT),
    ("sync_steps", "inserted"): Described("Rows inserted", COUNT),
    ("sync_steps", "updated"): Described("Rows updated", COUNT),
    ("sync_steps", "deleted"): Described("Rows deleted", COUNT),
    ("sync_steps", "unchanged"): Described("Rows left as they were", COUNT),
    ("sync_steps", "complete_through"): Described("The last day that is complete", DAY),
    ("alembic_version", "version_num"): Described("The migration's number"),
}

_UNITS = {"count": COUNT, "money": MONEY, "usd": "USD", "share": "share, 0 to 1", "seconds": "seconds"}
METRICS: Mapping[str, Stored] = {metric.name: metric for metric in (*STORED, *REACHED)}


def is_described(table: str, column: str) -> bool:
    """Whether a column has words of its own."""
    return (table, column) in _OF_TABLE or column in _ENTITY or column in METRICS


def of_column(table: str, column: str) -> Described:
    """The meaning of a column; where none is written, its name in words."""
    if column in METRICS:
        metric = METRICS[column]
        return Described(f"{metric.label}: {metric.formula}", _UNITS[metric.unit], metric.field)
    return _OF_TABLE.get((table, column)) or _ENTITY.get(column) or Described(column.replace("_", " ").capitalize())


def of_table(table: str) -> str:
    """The meaning of a row of a table."""
    return TABLES.get(table) or (BY_NAME[table].label if table in BY_NAME else table.replace("_", " ").capitalize())
