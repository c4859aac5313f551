"""Accounts, groups, campaigns, creatives, posts and names: what the finders answer, and what they refuse."""

from __future__ import annotations

from urllib.parse import quote

import pytest


def campaigns(account_id: int, more: str = "") -> str:
    return f"/rest/adAccounts/{account_id}/adCampaigns?q=search{more}"


def creatives(account_id: int, more: str = "") -> str:
    return f"/rest/adAccounts/{account_id}/creatives?q=criteria{more}"


def ids(answer) -> list[object]:
    return [element["id"] for element in answer["elements"]]


def pages(get, url: str):
    answer = get(url)
    yield answer
    while token := answer["metadata"].get("nextPageToken"):
        answer = get(f"{url}&pageToken={quote(token, safe='')}")
        yield answer


def test_the_small_world_is_small(sandbox):
    listed = sandbox.world.listed_accounts()
    assert [len(sandbox.truth.campaigns([account.id])) for account in listed] == [6, 6, 0]
    assert len(sandbox.truth.creatives()) == 39  # and one that is no longer listed


def test_the_same_seed_gives_the_same_world_and_another_seed_another(sandbox):
    from workbench.sandbox.clock import Clock
    from workbench.sandbox.world.world import World

    from .conftest import TODAY

    same, other = (World(size="small", seed=seed, clock=Clock(TODAY)) for seed in (1, 2))
    assert [c.element for c in same.creatives.values()] == [c.element for c in sandbox.world.creatives.values()]
    assert set(other.campaigns) != set(same.campaigns)


def test_every_status_occurs(sandbox):
    seen = {row["status"] for row in sandbox.truth.campaigns()}
    known = "ACTIVE PAUSED ARCHIVED COMPLETED CANCELED DRAFT PENDING_DELETION REMOVED"
    assert seen == set(known.split())


@pytest.mark.parametrize("size", [1, 2, 5, 6, 100])
@pytest.mark.parametrize("short", [False, True])
def test_cursors_lead_through_the_whole_list_once(sandbox, get, account_id, size, short):
    sandbox.switches.short_pages = short
    found = [i for page in pages(get, campaigns(account_id, f"&pageSize={size}")) for i in ids(page)]
    assert found == [row["campaign_id"] for row in sandbox.truth.campaigns([account_id])]


def test_the_last_page_may_be_full(get, account_id):
    *_, last = pages(get, campaigns(account_id, "&pageSize=3"))
    assert len(last["elements"]) == 3
    assert "nextPageToken" not in last["metadata"]


def test_a_cursor_belongs_to_its_query(client, get, account_id):
    token = quote(get(campaigns(account_id, "&pageSize=2"))["metadata"]["nextPageToken"], safe="")
    assert client.get(campaigns(account_id, f"&pageSize=2&pageToken={token}")).status_code == 200
    for changed in (
        f"&pageSize=3&pageToken={token}",
        f"&pageSize=2&sortOrder=DESCENDING&pageToken={token}",
        "&pageToken=abc",
    ):
        answer = client.get(campaigns(account_id, changed))
        assert (answer.status_code, answer.json()["message"]) == (400, "Parameter 'pageToken' is invalid")


def test_page_sizes_have_limits(client, account_id):
    assert client.get(creatives(account_id, "&pageSize=101")).status_code == 400
    assert client.get(creatives(account_id, "&pageSize=0")).status_code == 400
    assert client.get(campaigns(account_id, "&pageSize=1001")).status_code == 400
    assert client.get(campaigns(account_id, "&pageSize=1000")).status_code == 200


def test_start_and_count_are_ignored_or_refused_as_switched(sandbox, client, get, account_id):
    assert ids(get(campaigns(account_id, "&start=2&count=1"))) == ids(get(campaigns(account_id)))
    sandbox.switches.strict_paging = True
    assert client.get(campaigns(account_id, "&start=2&count=1")).status_code == 400


def test_search_members_are_anded_and_their_values_ored(sandbox, get, account_id):
    rows = sandbox.truth.campaigns([account_id])
    found = ids(
        get(
            campaigns(account_id, "&search=(status:(values:List(ACTIVE,PAUSED)),type:(values:List(SPONSORED_UPDATES)))")
        )
    )
    assert found == [
        row["campaign_id"]
        for row in rows
        if row["status"] in ("ACTIVE", "PAUSED") and row["type"] == "SPONSORED_UPDATES"
    ]
    assert 0 < len(found) < len(rows)


def test_creatives_are_filtered_by_campaign_and_status(sandbox, get, account_id):
    rows = sandbox.truth.creatives([account_id])
    campaign = rows[0]["campaign_id"]
    more = f"&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A{campaign})&intendedStatuses=List(ACTIVE)"
    expected = [
        f"urn:li:sponsoredCreative:{row['creative_id']}"
        for row in rows
        if row["campaign_id"] == campaign and row["intended_status"] == "ACTIVE"
    ]
    assert ids(get(creatives(account_id, more))) == expected


@pytest.mark.parametrize(
    "more",
    [
        "&search=status",
        "&search=(status:ACTIVE)",
        "&search=(status:(values:ACTIVE))",
        "&search=(colour:(values:List(RED)))",
        "&search=(status:(values:List(ACTIVE))",
        "&status=ACTIVE",
        "&fields=id%2Cname",
        "&q=search",
    ],
)
def test_malformed_searches_are_refused(client, account_id, more):
    assert client.get(campaigns(account_id, more)).status_code == 400


def test_single_entities_and_projections(sandbox, get, client, account_id):
    first = sandbox.truth.campaigns([account_id])[0]
    url = f"/rest/adAccounts/{account_id}/adCampaigns/{first['campaign_id']}?fields=id,dailyBudget:(amount)"
    assert get(url) == {"id": first["campaign_id"], "dailyBudget": {"amount": "60"}}
    creative = sandbox.truth.creatives([account_id])[0]["creative_id"]
    path = f"/rest/adAccounts/{account_id}/creatives/"
    assert get(f"{path}urn%3Ali%3AsponsoredCreative%3A{creative}?fields=id") == {
        "id": f"urn:li:sponsoredCreative:{creative}"
    }
    for wrong in (
        f"urn:li:sponsoredCreative:{creative}",
        f"urn%253Ali%253AsponsoredCreative%253A{creative}",
        str(creative),
    ):
        assert client.get(path + wrong).status_code == 400


def test_an_account_without_a_role_is_refused_and_not_listed(sandbox, client, get):
    hidden = next(account for account in sandbox.world.accounts.values() if account.role is None)
    assert hidden.id not in ids(get("/rest/adAccounts?q=search"))
    answer = client.get(campaigns(hidden.id))
    assert (answer.status_code, answer.json()["code"]) == (403, "NO_PERMISSION_ON_ENTITY")
    sandbox.switches.hidden_as_404 = True
    assert client.get(campaigns(hidden.id)).status_code == 404


def test_roles_are_the_members_own(sandbox, get):
    answer = get("/rest/adAccountUsers?q=authenticatedUser")
    assert [(row["account"], row["role"]) for row in answer["elements"]] == [
        (f"urn:li:sponsoredAccount:{account.id}", account.role) for account in sandbox.world.listed_accounts()
    ]
    page = get("/rest/adAccountUsers?q=authenticatedUser&start=1&count=1")
    assert len(page["elements"]) == 1
    assert page["paging"]["links"][0]["href"] == "/rest/adAccountUsers?q=authenticatedUser&start=2&count=1"


def test_renamed_removed_and_revoked_show_at_once(sandbox, client, get, account_id):
    first, second = (row["campaign_id"] for row in sandbox.truth.campaigns([account_id])[:2])
    sandbox.world.rename("campaigns", first, "Renamed")
    sandbox.world.remove("campaigns", second)
    listed = {element["id"]: element["name"] for element in get(campaigns(account_id))["elements"]}
    assert listed[first] == "Renamed"
    assert second not in listed
    assert [row["name"] for row in sandbox.truth.campaigns([account_id])] == list(listed.values())
    sandbox.world.revoke_role(account_id)
    assert client.get(campaigns(account_id)).status_code == 403


# --- posts and names ------------------------------


def references(sandbox) -> list[str]:
    rows = sandbox.truth.creatives()
    return [row["content_reference"] for row in rows if row["content_reference"]]


def batch(urns) -> str:
    return "/rest/posts?ids=List(" + ",".join(quote(urn, safe="") for urn in urns) + ")"


def test_posts_need_their_scope(sandbox, client):
    answer = client.get(batch(references(sandbox)[:1]))
    message = "Not enough permissions to access: partnerApiPostsExternal.BATCH_GET.20260701"
    assert (answer.status_code, answer.json()["message"]) == (403, message)


def test_a_batch_of_posts_is_200_though_some_fail(sandbox, client, get):
    client.headers["Authorization"] = f"Bearer {sandbox.issue_token(scopes=['r_ads', 'r_organization_social'])}"
    urns = references(sandbox)
    answer = get(batch(urns))
    assert answer["results"]
    assert set(answer["results"]) | set(answer["errors"]) == set(urns)
    assert {error["status"] for error in answer["errors"].values()} == {400, 404}
    one = next(iter(answer["results"]))
    assert get(f"/rest/posts/{quote(one, safe='')}") == answer["results"][one]


def test_creatives_are_named_by_name_headline_post_or_number(sandbox):
    with_posts = {row["name_source"] for row in sandbox.truth.creatives(posts=True)}
    without = {row["name_source"] for row in sandbox.truth.creatives()}
    assert with_posts == {"name", "headline", "post", "fallback"}
    assert without == {"name", "headline", "fallback"}


def test_urns_resolve_in_the_language_asked_for_and_unknown_ones_are_missing(get):
    asked = ("seniority%3A9", "geo%3A102095887", "organization%3A1", "title%3A9001")
    urns = "urns=List(" + ",".join(f"urn%3Ali%3A{urn}" for urn in asked) + ")"
    english = get(f"/rest/adTargetingEntities?q=urns&{urns}&locale=(language:en,country:US)")
    assert english == {
        "elements": [
            {"facetUrn": "urn:li:adTargetingFacet:seniorities", "name": "Partner", "urn": "urn:li:seniority:9"},
            {
                "facetUrn": "urn:li:adTargetingFacet:locations",
                "name": "California, United States",
                "urn": "urn:li:geo:102095887",
            },
            {"facetUrn": "urn:li:adTargetingFacet:titles", "name": "Junior Plant Manager", "urn": "urn:li:title:9001"},
        ],
        "paging": {"count": 2147483647, "links": [], "start": 0},
    }
    german = get(f"/rest/adTargetingEntities?q=urns&{urns}&locale=(language:de,country:DE)")
    assert german["elements"][0]["name"] == "Partner [de_DE]"
