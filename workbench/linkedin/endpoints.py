"""Call LinkedIn's finders, one function each: path, parameters, fields, page size.

Source: Microsoft Learn, LinkedIn Marketing API, versions 202401 (cursor paging) to 202609.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from workbench.linkedin.client import ATTEMPTS, Client
from workbench.linkedin.cursor_paging import pages_by_cursor, search_pages
from workbench.linkedin.index_paging import pages_by_index
from workbench.linkedin.restli import Plain, Value
from workbench.linkedin.urns import urn, urn_id
from workbench.linkedin.validation import Page, split, unreadable
from workbench.schema.windows import Window

NAMES_A_CALL = 50
_ROLE = 100  # characters of a role


def ad_accounts(client: Client) -> AsyncIterator[Page]:
    """Every ad account that the member can see, test accounts included."""
    return search_pages(client, "adAccounts", "/rest/adAccounts", (), "the ad accounts")


def campaign_groups(client: Client, account_id: int) -> AsyncIterator[Page]:
    """Every campaign group of an account, whatever its status."""
    path = f"/rest/adAccounts/{account_id}/adCampaignGroups"
    return search_pages(client, "adCampaignGroups", path, (), f"campaign groups of account {account_id}")


def campaigns(client: Client, account_id: int, *, statuses: Sequence[str] = ()) -> AsyncIterator[Page]:
    """The campaigns of an account, of some statuses or of all."""
    path = f"/rest/adAccounts/{account_id}/adCampaigns"
    return search_pages(client, "adCampaigns", path, statuses, f"campaigns of account {account_id}")


def creatives(client: Client, account_id: int) -> AsyncIterator[Page]:
    """Every creative of an account; no campaign list in the URL, and at most 100 a page."""
    return pages_by_cursor(
        client,
        "creatives",
        f"/rest/adAccounts/{account_id}/creatives",
        {"q": "criteria", "pageSize": 100},
        f"creatives of account {account_id}",
        method="FINDER",
    )


def conversions(client: Client, account_id: int) -> AsyncIterator[Page]:
    """The conversion rules of an account, disabled ones included; some apps may not read them (403)."""
    asked: dict[str, Value | Plain] = {"q": "account", "account": urn("sponsoredAccount", account_id)}
    what = f"conversion rules of account {account_id}"
    return pages_by_index(client, "conversions", "/rest/conversions", asked, what)


def lead_forms(client: Client, account_id: int) -> AsyncIterator[Page]:
    """The lead forms of an account, without their questions; needs `r_marketing_leadgen_automation`."""
    asked: dict[str, Value | Plain] = {
        "q": "owner",
        "owner": {"sponsoredAccount": urn("sponsoredAccount", account_id)},
        "fields": Plain("id,name,state,created,lastModified"),
    }
    return pages_by_index(client, "leadForms", "/rest/leadForms", asked, f"lead forms of account {account_id}")


LISTINGS: Mapping[str, Callable[..., AsyncIterator[Page]]] = {
    "campaign_groups": campaign_groups,
    "campaigns": campaigns,
    "creatives": creatives,
    "conversions": conversions,
    "lead_forms": lead_forms,
}
"""How each resource of an account is listed: called with the client and the account's id."""


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


async def names(client: Client, urns: Sequence[str]) -> Page:
    """The names of at most 50 URNs; unknown URNs are absent from the answer."""
    return await client.get(
        "adTargetingEntities",
        "/rest/adTargetingEntities",
        {"q": "urns", "urns": list(urns), "locale": {"language": "en", "country": "US"}},
        what=f"{len(urns)} names",
        read=split,
    )


async def posts(client: Client, urns: Sequence[str]) -> Mapping[str, bytes]:
    """Posts by URN, as received; needs `r_organization_social`. Deleted ones are absent."""
    return await client.get(
        "posts",
        "/rest/posts",
        {"ids": list(urns)},
        what=f"{len(urns)} posts",
        read=_results,
        method="BATCH_GET",
    )


async def account_roles(client: Client) -> Mapping[int, str]:
    """The ad accounts on which the signed-in member has a role, and the role; no ids of members are asked for."""
    asked: dict[str, Value | Plain] = {"q": "authenticatedUser", "fields": Plain("account,role")}
    pages = pages_by_index(client, "adAccountUsers", "/rest/adAccountUsers", asked, "the member's roles")
    return {account_id: role async for page in pages for account_id, role in _roles(page.elements)}


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


def _results(body: bytes) -> Mapping[str, bytes]:
    """The results of a BATCH_GET; keys that failed stand in its `errors` and are left out."""
    try:
        results = json.loads(body)["results"]
        return {str(key): _compact(value) for key, value in results.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise unreadable("It is not a batch with `results`.") from None


def _compact(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _roles(elements: Iterable[bytes]) -> Iterable[tuple[int, str]]:
    for element in elements:
        try:
            found = json.loads(element)
            yield urn_id(found["account"]), str(found.get("role") or "")[:_ROLE]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
