"""Call the finders of adAnalytics, one function for each kind of figures: pivot, granularity, window, metrics.

Source: Microsoft Learn, LinkedIn Marketing API, "Reporting", versions 202401 to 202609.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from workbench.linkedin.client import ATTEMPTS, Client
from workbench.linkedin.restli import Plain, Value
from workbench.linkedin.urns import urn
from workbench.linkedin.validation import Page, split
from workbench.schema.windows import Window


async def daily_metrics(
    client: Client,
    account_id: int,
    pivot: str,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """At most 18 metrics by entity and UTC day, of a whole account or of some of its campaigns.

    Args:
        pivot: `CAMPAIGN` or `CREATIVE`.
        metrics: LinkedIn's names of one group of metrics.
        attempts: how often to try at most.

    Returns:
        One element per entity and day with activity, in no order; empty means no activity or no permission.
    """
    facet = _facet(account_id, campaign_ids)
    what = f"{pivot.lower()} metrics of account {account_id}, {window}"
    return await _ad_analytics(client, _by(pivot), "DAILY", window, facet, metrics, what, attempts)


async def monthly_metrics(
    client: Client,
    account_id: int,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """At most 18 metrics by campaign and calendar month, of a whole account or of some of its campaigns.

    Args:
        window: whole months. LinkedIn keeps them for ten years, and days perhaps for half a year only.
    """
    what = f"months of account {account_id}, {window}"
    facet = _facet(account_id, campaign_ids)
    return await _ad_analytics(client, _by("CAMPAIGN"), "MONTHLY", window, facet, metrics, what, attempts)


async def placements(
    client: Client,
    account_id: int,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """At most 18 metrics by campaign, serving location and UTC day, of a whole account or of some of its campaigns.

    Returns:
        As `daily_metrics`; the values of `pivotValues` are the campaign's URN and the location.
    """
    by: dict[str, Value | Plain] = {"q": "statistics", "pivots": ["CAMPAIGN", "SERVING_LOCATION"]}
    what = f"placements of account {account_id}, {window}"
    return await _ad_analytics(client, by, "DAILY", window, _facet(account_id, campaign_ids), metrics, what, attempts)


async def conversion_days(
    client: Client,
    account_id: int,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """Metrics of conversions by campaign, conversion rule and UTC day, of a whole account or of some of its campaigns.

    Returns:
        As `daily_metrics`; the values of `pivotValues` are the campaign's URN and the rule's.
    """
    by: dict[str, Value | Plain] = {"q": "statistics", "pivots": ["CAMPAIGN", "CONVERSION"]}
    what = f"conversions by rule of account {account_id}, {window}"
    return await _ad_analytics(client, by, "DAILY", window, _facet(account_id, campaign_ids), metrics, what, attempts)


async def reach(
    client: Client,
    account_id: int,
    level: str,
    window: Window,
    *,
    metrics: Sequence[str],
    ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """Reach and averages by entity over one window of at most 92 days, which LinkedIn may not be asked to add up.

    Args:
        level: `ACCOUNT`, `CAMPAIGN_GROUP` or `CAMPAIGN`.
        ids: entities of the level; none: all of the account.
    """
    facet = _entities(level, *ids) if ids else _facet(account_id)
    what = f"reach ({level}) of account {account_id}, {window}"
    return await _ad_analytics(client, _by(level), "ALL", window, facet, metrics, what, attempts)


async def spend(
    client: Client,
    account_id: int,
    level: str,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    attempts: int = ATTEMPTS,
) -> Page:
    """What each campaign group, or each campaign, of an account spent in a window as a whole."""
    what = f"spend ({level}) of account {account_id}, {window}"
    facet = _facet(account_id, campaign_ids)
    return await _ad_analytics(client, _by(level), "ALL", window, facet, metrics, what, attempts)


async def demographics(
    client: Client,
    account_id: int,
    pivot: str,
    window: Window,
    *,
    metrics: Sequence[str],
    campaign_ids: Sequence[int] = (),
    of: tuple[str, int] | None = None,
    attempts: int = ATTEMPTS,
) -> Page:
    """Approximate figures by segment of one `MEMBER_*` pivot over one window, of an account or some campaigns.

    Args:
        of: the level and id of the one entity that the figures are of, in place of the account.

    LinkedIn changes them a little to protect members and leaves small segments out, by an amount it does not state:
    their sum is less than the account's figures, and two windows may not be added up.
    """
    facet = _entities(*of) if of else _facet(account_id, campaign_ids)
    owner = f", {of[0]} {of[1]}" if of else ""
    what = f"demographics ({pivot}) of account {account_id}{owner}, {window}"
    return await _ad_analytics(client, _by(pivot), "ALL", window, facet, metrics, what, attempts)


_FACETS = {
    "ACCOUNT": ("accounts", "sponsoredAccount"),
    "CAMPAIGN_GROUP": ("campaignGroups", "sponsoredCampaignGroup"),
    "CAMPAIGN": ("campaigns", "sponsoredCampaign"),
}
"""By level, the facet that takes its entities, and the kind of their URNs."""


def _by(pivot: str) -> dict[str, Value | Plain]:
    """The finder for one pivot."""
    return {"q": "analytics", "pivot": pivot}


def _entities(level: str, *ids: int) -> dict[str, Value | Plain]:
    """The facet that names entities of one level."""
    name, kind = _FACETS[level]
    return {name: [urn(kind, each) for each in ids]}


def _facet(account_id: int, campaign_ids: Sequence[int] = ()) -> dict[str, Value | Plain]:
    """The facet that names some campaigns, or the whole account."""
    if campaign_ids:
        return {"campaigns": [urn("sponsoredCampaign", campaign_id) for campaign_id in campaign_ids]}
    return {"accounts": [urn("sponsoredAccount", account_id)]}


async def _ad_analytics(
    client: Client,
    by: Mapping[str, Value | Plain],
    granularity: str,
    window: Window,
    facet: Mapping[str, Value | Plain],
    metrics: Iterable[str],
    what: str,
    attempts: int,
) -> Page:
    """One of the finders of adAnalytics. It has no pages, and `fields` takes at most 20 names, as literal commas."""
    return await client.get(
        "adAnalytics",
        "/rest/adAnalytics",
        {
            **by,
            "timeGranularity": granularity,
            "dateRange": {"start": window.first, "end": window.last},
            **facet,
            "fields": Plain(",".join(("dateRange", "pivotValues", *metrics))),
        },
        what=what,
        read=split,
        attempts=attempts,
    )
