"""Accounts, roles, campaign groups, campaigns, creatives and posts, as LinkedIn's finders answer.

Source: LinkedIn docs "Ad Accounts", "Campaign Groups", "Campaigns", "Creatives", "Posts API".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench.sandbox.api.calls import Call, need_finder
from workbench.sandbox.api.paging import index_page
from workbench.sandbox.api.restli import Query, required
from workbench.sandbox.api.search import Answer, check_index_params, page_of, projected, projection, search, single
from workbench.sandbox.refusals import access_denied, field_invalid, invalid_param, plain
from workbench.sandbox.world.model import MEMBER, Element

_ADS = ("r_ads", "rw_ads")
_CRITERIA = (
    "q",
    "creatives",
    "campaigns",
    "contentReferences",
    "intendedStatuses",
    "leadgenCreativeCallToActionDestinations",
    "isTestAccount",
    "sortOrder",
    "pageSize",
    "pageToken",
    "fields",
    "start",
    "count",
)


# --- accounts and roles ------------------------------


def accounts(call: Call) -> Answer:
    call.need_scope("adAccounts", "FINDER-search", *_ADS)
    need_finder(call, ("search",))
    found = [account.element for account in call.world.listed_accounts()]
    return search(call, found, {"status", "type", "test", "id", "name", "reference"})


def account(call: Call) -> Answer:
    call.need_scope("adAccounts", "GET", *_ADS)
    return single(call, call.world.accounts[call.account()].element)


def account_users(call: Call) -> Answer:
    """The member's own roles; who else works on an account stays hidden from viewers."""
    call.need_scope("adAccountUsers", f"FINDER-{call.finder()}", *_ADS)
    finder = need_finder(call, ("authenticatedUser", "accounts"))
    query = call.read("q", "accounts", "start", "count", "fields")
    found = [_role(visible.id, visible.role, visible.element) for visible in call.world.visible_accounts()]
    if finder == "accounts":
        wanted = _first_account(query)
        found = [row for row in found if row["account"] == wanted]
    page = index_page(query, found, f"{call.path}?q={finder}", page_limit=call.switches.page_limit)
    return projected(page, query)


def _first_account(query: Query) -> str:
    value = query.value("accounts")
    required(value, "accounts")
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, str):
        raise field_invalid("accounts", "ERROR :: /accounts :: not a valid URN")
    return first


def _role(account_id: int, role: str | None, element: Element) -> Element:
    return {
        "account": f"urn:li:sponsoredAccount:{account_id}",
        "user": MEMBER,
        "role": role,
        "campaignContact": False,
        "version": {"versionTag": "1"},
        "changeAuditStamps": element["changeAuditStamps"],
    }


# --- groups, campaigns, creatives ------------------------------


def groups(call: Call) -> Answer:
    call.need_scope("adCampaignGroups", "FINDER-search", *_ADS)
    account_id = call.account()
    need_finder(call, ("search",))
    found = [group.element for group in call.world.listed_groups(account_id)]
    return search(call, found, {"id", "name", "status", "test"})


def group(call: Call) -> Answer:
    call.need_scope("adCampaignGroups", "GET", *_ADS)
    listed = {group.id: group.element for group in call.world.listed_groups(call.account())}
    return single(call, listed.get(call.number("id")))


def campaigns(call: Call) -> Answer:
    call.need_scope("adCampaigns", "FINDER-search", *_ADS)
    account_id = call.account()
    need_finder(call, ("search",))
    found = [campaign.element for campaign in call.world.listed_campaigns(account_id)]
    return search(call, found, {"id", "campaignGroup", "associatedEntity", "name", "type", "status", "test"})


def campaign(call: Call) -> Answer:
    call.need_scope("adCampaigns", "GET", *_ADS)
    listed = {campaign.id: campaign.element for campaign in call.world.listed_campaigns(call.account())}
    return single(call, listed.get(call.number("id")))


def creatives(call: Call) -> Answer:
    call.need_scope("creatives", "FINDER-criteria", *_ADS)
    account_id = call.account()
    need_finder(call, ("criteria",))
    query = call.read(*_CRITERIA)
    check_index_params(call, query)
    found = [creative.element for creative in call.world.listed_creatives(account_id)]
    for accepts in _criteria(query):
        found = list(filter(accepts, found))
    return page_of(call, query, found, largest=100)


def creative(call: Call) -> Answer:
    call.need_scope("creatives", "GET", *_ADS)
    listed = {creative.element["id"]: creative.element for creative in call.world.listed_creatives(call.account())}
    return single(call, listed.get(call.urn("id")))


def creatives_without_account(call: Call) -> Answer:
    raise plain(400, "This API has been modified to include advertiser account id in the url path")


def retired(call: Call) -> Answer:
    raise access_denied(call.path.rpartition("/")[2], "GET", f"{call.version}01")


def _criteria(query: Query) -> Iterable[Callable[[Element], bool]]:
    """One predicate per filter that is set."""
    readers: tuple[tuple[str, list[str] | None, Callable[[Element], object]], ...] = (
        ("creatives", query.urns("creatives", "sponsoredCreative"), lambda e: e["id"]),
        ("campaigns", query.urns("campaigns", "sponsoredCampaign"), lambda e: e["campaign"]),
        ("contentReferences", query.urns("contentReferences"), lambda e: e.get("content", {}).get("reference")),
        ("intendedStatuses", query.texts("intendedStatuses"), lambda e: e["intendedStatus"]),
        (
            "leadgenCreativeCallToActionDestinations",
            query.urns("leadgenCreativeCallToActionDestinations"),
            lambda e: e.get("leadgenCallToAction", {}).get("destination"),
        ),
        ("isTestAccount", _one_boolean(query, "isTestAccount"), lambda e: str(e["isTest"]).lower()),
    )
    for _, wanted, field in readers:
        if wanted is not None:
            yield lambda element, wanted=wanted, field=field: field(element) in wanted  # type: ignore[misc]


def _one_boolean(query: Query, name: str) -> list[str] | None:
    text = query.text(name)
    if text is not None and text not in ("true", "false"):
        raise field_invalid(name, f"ERROR :: /{name} :: {text!r} is not a boolean")
    return None if text is None else [text]


# --- posts and the rest ------------------------------


def posts(call: Call) -> Answer:
    """BATCH_GET of posts; a key that fails is in `errors`, the answer is still 200."""
    call.need_scope("partnerApiPostsExternal", "BATCH_GET", "r_organization_social", "w_organization_social")
    query = call.read("ids", "fields", "viewContext")
    ids = query.urns("ids")
    required(ids, "ids")
    results: Answer = {}
    errors: Answer = {}
    for urn in ids or ():
        found, error = _post(call, urn)
        if found is not None:
            results[urn] = projection(found, query)
        else:
            errors[urn] = error
    return {"results": results, "statuses": {}, "errors": errors}


def post(call: Call) -> Answer:
    call.need_scope("partnerApiPostsExternal", "GET", "r_organization_social", "w_organization_social")
    found, error = _post(call, call.urn("id"))
    if found is None:
        raise plain(error["status"], error["message"])
    return projection(found, call.read("fields", "viewContext"))


def _post(call: Call, urn: str) -> tuple[Element | None, Element]:
    if not urn.startswith(("urn:li:share:", "urn:li:ugcPost:")):
        return None, {"status": 400, "code": "INVALID_URN_TYPE", "message": f"Invalid URN type: {urn}"}
    return call.world.post(urn), {"status": 404, "code": "NOT_FOUND", "message": f"Post {urn} not found"}


def me(call: Call) -> Answer:
    call.need_scope("me", "GET", "r_basicprofile")
    return {"id": MEMBER.rpartition(":")[2], "localizedFirstName": "Sam", "localizedLastName": "Sandbox"}


def conversions(call: Call) -> Answer:
    """The conversion rules of an account.

    Source: "Insight Tag Conversion Tracking" reads them with `r_ads`; "Conversions API" asks for `rw_conversions`.
    """
    ads = () if call.switches.rules_need_conversions_api else _ADS
    call.need_scope("conversions", "FINDER-account", "rw_conversions", *ads)
    need_finder(call, ("account",))
    query = call.read("q", "account", "start", "count", "fields")
    account = query.urn("account", "sponsoredAccount")
    required(account, "account")
    found = call.world.rules.listed(call.visible(str(account)))
    page = index_page(query, found, f"{call.path}?q=account", page_limit=call.switches.page_limit)
    return projected(page, query)


def lead_forms(call: Call) -> Answer:
    call.need_scope("leadForms", "FINDER-owner", "r_marketing_leadgen_automation")
    need_finder(call, ("owner",))
    query = call.read("q", "owner", "start", "count", "fields")
    owner = query.value("owner")
    if not isinstance(owner, dict) or not isinstance(urn := owner.get("sponsoredAccount"), str):
        raise invalid_param("owner")
    account_id = call.visible(urn)
    found = call.world.listed_lead_forms(account_id)
    return projected(index_page(query, found, f"{call.path}?q=owner", page_limit=call.switches.page_limit), query)
