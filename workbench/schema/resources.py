"""Every resource once: what a sync fetches, in the order in which it is shown, logged and loaded.

To add a resource: one line in `RESOURCES`, its record in `linkedin.models`, its finder in `linkedin.endpoints`, its
view in `sql/views/` and a migration. What iterates resources reads this list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from workbench.schema.literals import FetchStage

Scope = Literal["global", "account"]
Kind = Literal["entities", "daily", "monthly", "window", "reach", "names"]


class CoverageRow(NamedTuple):
    """One row of the table `coverage`.

    Attributes:
        window_start: first UTC day; None, like the last one, for a complete listing.
        pivot: of windows of demographics, the only one that is covered; None: every pivot that was asked for. Of reach,
            the level. Of days of campaigns and creatives, the groups of metrics beyond the core, separated by commas.
    """

    account_id: int
    resource: str
    window_start: date | None
    window_end: date | None
    snapshot: str
    pivot: str | None = None


@dataclass(frozen=True)
class Resource:
    """One kind of thing that a sync fetches.

    Attributes:
        name: in snapshots, coverage and the log of syncs.
        scope: `global`: fetched once a sync (account 0); `account`: fetched for each account.
        stage: the stage of a sync that fetches it.
        kind: `entities` (a listing), `daily` (figures by UTC day), `monthly` (figures by
            calendar month, of days that LinkedIn no longer gives), `window` (figures of the newest window), `reach`
            (figures of several windows, each kept) or `names`.
        label: its name for people, as LinkedIn's website has it; "" where it is not shown.
        singular: of `entities`, the label of one of them.
        entity: of `entities`, what one of them is called; of `daily`, the entity whose days these are.
        parent: of `entities`, the member that holds the parent's URN, and the resource that lists the parents.
        optional: whether a complete sync may lack it: it needs a scope that not every sign-in has.
        columns: of `entities`, the table's columns and their types, as in SQL, between its key and its bookkeeping.
        later: of `entities`, the columns that came later, behind its bookkeeping; null in rows of older snapshots.
        permission: the OAuth scope without which it is not asked for; "": none beyond those of every sync.
        no_settings: those of them that people do not set, besides moments and `test`.
        group: the group in the setting `METRIC_GROUPS` that asks for it; "": every sync does.
        divided_by: of `daily`, the column and its type by which the days of an entity are divided further.
    """

    name: str
    scope: Scope
    stage: FetchStage
    kind: Kind
    label: str = ""
    entity: str = ""
    parent: tuple[str, str] | None = None
    optional: bool = False
    singular: str = ""
    columns: str = ""
    later: str = ""
    permission: str = ""
    no_settings: Sequence[str] = ()
    group: str = ""
    divided_by: tuple[str, str] | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Of `entities` and `daily`, the columns that identify the entity, `account_id` first."""
        return ("account_id",) if self.entity == "account" else ("account_id", f"{self.entity}_id")

    @property
    def types(self) -> Mapping[str, str]:
        """The type of each of `columns`, in order."""
        return _typed(self.columns)

    @property
    def later_types(self) -> Mapping[str, str]:
        """The type of each of `later`, in order."""
        return _typed(self.later)

    @property
    def table(self) -> str | None:
        """The table that it is loaded into; names and posts are read by the views of other tables."""
        return None if self.kind == "names" else self.name


def _typed(columns: str) -> Mapping[str, str]:
    pairs = (column.split() for column in columns.split(","))
    return {name: kind for name, kind in filter(None, pairs)}


RESOURCES: Sequence[Resource] = (
    Resource(
        "ad_accounts", "global", "accounts", "entities", "Accounts", "account", singular="Account",
        columns="name text, currency text, type text, status text, serving_statuses text[], reference text,"
        " test boolean, created_at timestamptz, last_modified_at timestamptz",
        later="role text",
    ),
    Resource(
        "campaign_groups", "account", "campaigns", "entities", "Campaigns", "campaign_group",
        singular="Campaign",
        columns="name text, status text, total_budget numeric, daily_budget numeric, run_schedule_start timestamptz,"
        " run_schedule_end timestamptz, objective_type text, created_at timestamptz, last_modified_at timestamptz",
    ),
    Resource(
        "campaigns", "account", "campaigns", "entities", "Ad sets", "campaign", singular="Ad set",
        parent=("campaignGroup", "campaign_groups"),
        columns="campaign_group_id bigint, name text, status text, serving_statuses text[], type text, format text,"
        " objective_type text, cost_type text, unit_cost numeric, daily_budget numeric, total_budget numeric,"
        " currency text, optimization_target_type text, creative_selection text, pacing_strategy text,"
        " offsite_delivery_enabled boolean, audience_expansion_enabled boolean, run_schedule_start timestamptz,"
        " run_schedule_end timestamptz, targeting_criteria jsonb, test boolean, created_at timestamptz,"
        " last_modified_at timestamptz",
        no_settings=("currency",),
    ),
    Resource(
        "creatives", "account", "campaigns", "entities", "Ads", "creative", singular="Ad",
        parent=("campaign", "campaigns"),
        columns="campaign_id bigint, name text, name_source text, intended_status text, is_serving boolean,"
        " serving_hold_reasons text[], review_status text, content_reference text, content_type text,"
        " created_at timestamptz, last_modified_at timestamptz",
        no_settings=("name_source", "content_type"),
        later="lead_form_id bigint, format text, introductory_text text, headline text, landing_page text,"
        " utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text",
    ),
    Resource(
        "conversions", "account", "campaigns", "entities", "Conversion rules", "conversion", optional=True,
        singular="Conversion rule", group="conversions",
        columns="name text, type text, enabled boolean, conversion_method text, attribution_type text,"
        " post_click_attribution_window_size bigint, view_through_attribution_window_size bigint, value_type text,"
        " value numeric, currency text, created_at timestamptz, last_modified_at timestamptz",
        no_settings=("currency",),
    ),
    Resource(
        "lead_forms", "account", "campaigns", "entities", "Lead forms", "lead_form", optional=True,
        singular="Lead form", permission="r_marketing_leadgen_automation",
        columns="name text, status text, created_at timestamptz, last_modified_at timestamptz",
    ),
    Resource("campaign_daily_metrics", "account", "metrics", "daily", "Ad set days", "campaign"),
    Resource("creative_daily_metrics", "account", "metrics", "daily", "Ad days", "creative"),
    Resource(
        "placement_daily_metrics", "account", "metrics", "daily", "Placement days", "campaign",
        group="placement", divided_by=("serving_location", "text"),
    ),
    Resource(
        "conversion_daily_metrics", "account", "metrics", "daily", "Conversion days", "campaign",
        group="conversions", divided_by=("conversion_id", "bigint"),
    ),
    Resource(
        "campaign_monthly_metrics", "account", "metrics", "monthly", "Ad set months", "campaign", group="months"
    ),
    Resource("audience_demographics", "account", "demographics", "window", "Audiences"),
    Resource(
        "entity_demographics", "account", "demographics", "window", "Audiences by campaign", group="audiences"
    ),
    Resource("reach_windows", "account", "metrics", "reach", "Reach", group="reach"),
    Resource("names", "global", "names", "names"),
    Resource("posts", "global", "names", "names", optional=True, permission="r_organization_social"),
    Resource("account_users", "global", "accounts", "names", optional=True),
)  # fmt: skip
"""Tables are loaded in this order."""

NAMES = tuple(resource.name for resource in RESOURCES)
OF_ACCOUNT = tuple(resource for resource in RESOURCES if resource.scope == "account")
TABLES = tuple(resource for resource in RESOURCES if resource.table)
LABELS: Mapping[str, str] = {resource.name: resource.label for resource in OF_ACCOUNT}
BY_NAME: Mapping[str, Resource] = {resource.name: resource for resource in RESOURCES}


def of_kind(*kinds: Kind, scope: Scope | None = None) -> tuple[str, ...]:
    """The names of the resources of some kinds, in order."""
    return tuple(one.name for one in RESOURCES if one.kind in kinds and scope in (None, one.scope))


LISTINGS = of_kind("entities", scope="account")
"""What is listed for each account."""
DAILY = of_kind("daily")
"""What has figures by day."""
WINDOWED = of_kind("window")
"""What has figures of a window, which never add up; only the newest window counts."""
REACH = of_kind("reach")[0]
"""What has figures of several windows, which never add up; each window is kept."""
MONTHS = of_kind("monthly")[0]
"""What has figures by calendar month, apart from those by day."""
BY_DAY = of_kind("daily", "monthly")
"""What covers days: for each day the newest snapshot that covers it decides."""
FIGURES = of_kind("daily", "monthly", "window", "reach")
"""What has figures."""
CAMPAIGN_DAYS, CREATIVE_DAYS = (
    next(name for name in DAILY if BY_NAME[name].entity == entity) for entity in ("campaign", "creative")
)
PLACEMENT_DAYS = "placement_daily_metrics"
CONVERSION_DAYS = "conversion_daily_metrics"
CORE_DAYS = (CAMPAIGN_DAYS, CREATIVE_DAYS)
"""What has figures by day, and is asked for by every sync."""
ACTIVE_DAYS = tuple(name for name in DAILY if name != CONVERSION_DAYS)
"""What has a row for each day on which ads were shown; of the others, an account with activity may have none."""
DEMOGRAPHICS, ENTITY_DEMOGRAPHICS = WINDOWED
"""Audiences of accounts, and of campaign groups and campaigns."""
FIRST_LISTED = tuple(name for name in LISTINGS if BY_NAME[name].entity in {BY_NAME[daily].entity for daily in DAILY})
"""What is listed before figures by day are asked for: the entities that these are about."""


def entity_id(element: Any) -> int:
    """The number at the end of an entity's `id`, which LinkedIn sends as a number or as a URN."""
    return int(str(element["id"]).rpartition(":")[2])
