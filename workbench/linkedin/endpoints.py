"""Call LinkedIn's finders of entities, names and roles, one function each: path, parameters, fields, page size.

Those of figures are in `ad_analytics`.

Source: Microsoft Learn, LinkedIn Marketing API, versions 202401 (cursor paging) to 202609.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from workbench.linkedin.client import Client
from workbench.linkedin.cursor_paging import pages_by_cursor, search_pages
from workbench.linkedin.index_paging import pages_by_index
from workbench.linkedin.restli import Plain, Value
from workbench.linkedin.urns import urn, urn_id
from workbench.linkedin.validation import Page, split, unreadable

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
