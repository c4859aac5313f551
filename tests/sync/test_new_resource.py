"""A new resource is five files: a sync fetches and loads it; status, counts and comparisons then show it as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.changed_copies import add_migration, copy_checkout, generate, insert_before, run_script

LINE = """\
    Resource(
        "ad_rules", "account", "campaigns", "entities", "Rules", "ad_rule", singular="Rule",
        parent=("campaign", "campaigns"),
        columns="campaign_id bigint, title text, limit_amount numeric, created_at timestamptz",
    ),
"""
RECORD = """\
@strict_record
class AdRule(TypedDict, total=False):
    id: Required[Id]
    campaign: Urn | None
    title: Text | None
    limit: Amount | None
    createdAt: Milliseconds | None


"""
FINDER = '''\
def ad_rules(client: Client, account_id: int) -> AsyncIterator[Page]:
    """Every rule of an account."""
    path = f"/rest/adAccounts/{account_id}/adRules"
    return pages_by_cursor(client, "adRules", path, {"q": "search", "pageSize": 1000}, "rules")


'''
VIEW = """\
select
    r.account_id,
    urn_id(r.element.id) as ad_rule_id,
    urn_id(r.element.campaign) as campaign_id,
    r.element.title as title,
    money(r.element."limit".amount) as limit_amount,
    moment(r.element.createdAt) as created_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot
from read_json(
    getvariable('ad_rules'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        element: 'STRUCT(
            id VARCHAR, campaign VARCHAR, title VARCHAR, "limit" STRUCT(amount VARCHAR), createdAt BIGINT)'
    }
) as r
join parts as p using (path)
qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
"""
MIGRATION = '''\
    op.execute("""
        create table ad_rules (
            account_id bigint not null, ad_rule_id bigint not null, campaign_id bigint, title text,
            limit_amount numeric(38, 18), created_at timestamptz, listed boolean not null, snapshot text not null,
            synced_at timestamptz not null, primary key (account_id, ad_rule_id)
        )
    """)
'''
ANSWER = """\
def rules(call: Call) -> Answer:
    call.need_scope("adRules", "FINDER-search", *_ADS)
    need_finder(call, ("search",))
    found = [
        {
            "id": campaign.id,
            "campaign": f"urn:li:sponsoredCampaign:{campaign.id}",
            "title": "Pause it",
            "limit": {"amount": "12.50", "currencyCode": "USD"},
            "createdAt": 1_700_000_000_000,
        }
        for campaign in call.world.listed_campaigns(call.account())
    ]
    return search(call, found, {"id"})


"""
ROUTE = '    (_ACCOUNT + "/adRules", "adRules", entities.rules),\n'


@pytest.mark.slow
def test_a_new_resource_needs_five_files_only(tmp_path: Path, database_url: URL) -> None:
    copy = copy_checkout(tmp_path / "copy")
    insert_before(copy / "workbench/schema/resources.py", '    Resource("campaign_daily_metrics"', LINE)
    models, endpoints = copy / "workbench/linkedin/models.py", copy / "workbench/linkedin/endpoints.py"
    insert_before(models, "@strict_record\nclass TargetingEntity", RECORD)
    insert_before(models, '    "ad_accounts": AD_ACCOUNT,', '    "ad_rules": Kind(AdRule, entity_id, entity=True),\n')
    insert_before(endpoints, "LISTINGS: Mapping", FINDER)
    insert_before(endpoints, '    "campaigns": campaigns,', '    "ad_rules": ad_rules,\n')
    (copy / "sql/views/ad_rules.sql").write_text(VIEW, "utf-8")
    add_migration(copy, MIGRATION)
    generate(copy)
    # LinkedIn, for once, is ours: the sandbox learns the endpoint.
    insert_before(copy / "workbench/sandbox/api/entities.py", "def retired(", ANSWER)
    insert_before(copy / "workbench/sandbox/api/gateway.py", '    ("/rest/creatives", "creatives"', ROUTE)

    found = run_script(copy, "made_up_resource.py", database_url.render_as_string(False), str(tmp_path / "run"))

    count = found["campaigns"]
    assert count > 0
    assert found == {
        "campaigns": count,
        "status": "done",
        "again": None,  # everything is fresh: the steps of a complete sync are counted with it
        "steps": ["done"],
        "fetched": count,
        "table": {"rows": count, "listed": count, "limit_amount": "12.50"},
        "counts": {"database": count, "snapshots": count},
        "status_counts": count,
        "compared": 0,
        "summary": count,
        "label": ["Rule", "Rules"],
    }
