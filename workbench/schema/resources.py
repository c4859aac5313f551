"""Every resource once: what a sync fetches, in the order in which it is shown, logged and loaded.

To add a resource: one line in `RESOURCES`, its record and its finder in `linkedin/`, its view in `sql/views/`, its
table in `schema.tables` and a migration. What iterates resources reads this list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Scope = Literal["global", "account"]
Stage = Literal["accounts", "campaigns", "metrics", "demographics", "names"]
Kind = Literal["entities", "daily", "window", "names"]

CoverageRow = tuple[int, str, date | None, date | None, str]
"""Account, resource, first and last UTC day (None: all), snapshot: one row of the table `coverage`."""


@dataclass(frozen=True)
class Resource:
    """One kind of thing that a sync fetches.

    Attributes:
        name: in snapshots, coverage and the log of syncs.
        scope: `global`: fetched once a sync (account 0); `account`: fetched for each account.
        stage: the stage of a sync that fetches it.
        kind: `entities` (a listing), `daily` (figures by UTC day), `window` (figures of one window) or `names`.
        label: its name for people; "" where it is shown to no one.
        short: its name in the narrow table of a terminal.
        entity: of `entities`, what one of them is called; of `daily`, the entity whose days these are.
        parent: of `entities`, the member that holds the parent's URN, and the resource that lists the parents.
        optional: whether a complete sync may lack it: it needs a scope that not every sign-in has.
    """

    name: str
    scope: Scope
    stage: Stage
    kind: Kind
    label: str = ""
    short: str = ""
    entity: str = ""
    parent: tuple[str, str] | None = None
    optional: bool = False

    @property
    def table(self) -> str | None:
        """The table that it is loaded into; names and posts are read by the views of other tables."""
        return None if self.kind == "names" else self.name


RESOURCES: Sequence[Resource] = (
    Resource("ad_accounts", "global", "accounts", "entities", entity="account"),
    Resource("campaign_groups", "account", "campaigns", "entities", "Campaigns", "groups", "campaign_group"),
    Resource(
        "campaigns", "account", "campaigns", "entities", "Ad sets", "campaigns", "campaign",
        parent=("campaignGroup", "campaign_groups"),
    ),
    Resource(
        "creatives", "account", "campaigns", "entities", "Ads", "creatives", "creative",
        parent=("campaign", "campaigns"),
    ),
    Resource("campaign_daily_metrics", "account", "metrics", "daily", "Ad set days", "campaign metrics", "campaign"),
    Resource("creative_daily_metrics", "account", "metrics", "daily", "Ad days", "creative metrics", "creative"),
    Resource("audience_demographics", "account", "demographics", "window", "Audiences", "demographics"),
    Resource("names", "global", "names", "names"),
    Resource("posts", "global", "names", "names", optional=True),
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
"""What has figures of a window, which never add up."""


def entity_id(element: Any) -> int:
    """The number at the end of an entity's `id`, which LinkedIn sends as a number or as a URN."""
    return int(str(element["id"]).rpartition(":")[2])
