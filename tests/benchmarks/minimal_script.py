"""A minimal first sync: make the same requests, keep the answers in memory, upsert them, and nothing else.

No snapshot, no checks, no retries, no state, no memory limit: what no honest sync can do without. A script of its own,
so that its seconds and megabytes can be measured: `python minimal_script.py <origin> <token> <database>`; without a
database: -.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import psycopg

CAP = 15_000
CONCURRENCY = 4
DAYS = 90
PIVOTS = (
    "JOB_TITLE",
    "JOB_FUNCTION",
    "INDUSTRY",
    "SENIORITY",
    "COMPANY_SIZE",
    "COUNTRY_V2",
    "COMPANY",
    "REGION_V2",
)
METRICS = {
    "impressions": "impressions",
    "clicks": "clicks",
    "costInLocalCurrency": "cost_in_local_currency",
    "costInUsd": "cost_in_usd",
    "landingPageClicks": "landing_page_clicks",
    "totalEngagements": "total_engagements",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "follows": "follows",
    "oneClickLeads": "one_click_leads",
    "oneClickLeadFormOpens": "one_click_lead_form_opens",
    "externalWebsiteConversions": "external_website_conversions",
    "externalWebsitePostClickConversions": "external_website_post_click_conversions",
    "externalWebsitePostViewConversions": "external_website_post_view_conversions",
    "conversionValueInLocalCurrency": "conversion_value_in_local_currency",
    "opens": "opens",
    "sends": "sends",
}
SEGMENT = (
    "impressions",
    "clicks",
    "landingPageClicks",
    "costInLocalCurrency",
    "oneClickLeads",
    "externalWebsiteConversions",
)
TODAY = datetime.now(UTC).date()
FIRST = TODAY - timedelta(days=DAYS)
Rows = list[tuple[Any, ...]]


class MinimalScript:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.places = asyncio.Semaphore(CONCURRENCY)
        self.requests = 0
        self.rows: dict[str, Rows] = {}
        self.segments: set[str] = set()

    async def get(self, path: str, query: str, **headers: str) -> Any:
        async with self.places:
            self.requests += 1
            answer = await self.client.get(f"/rest/{path}?{query}", headers=headers)
            answer.raise_for_status()
            return json.loads(answer.content)

    async def pages(self, path: str, query: str, **headers: str) -> list[Any]:
        elements, token = [], ""
        while True:
            page = await self.get(path, query + (f"&pageToken={quote(token, safe='')}" if token else ""), **headers)
            elements += page["elements"]
            token = page.get("metadata", {}).get("nextPageToken")
            if not token:
                return elements

    async def gather(self) -> None:
        accounts = await self.pages("adAccounts", "q=search&pageSize=1000")
        self.keep("ad_accounts", ((a["id"], a["name"], a["currency"], a["status"]) for a in accounts))
        await asyncio.gather(*(self.account(account["id"]) for account in accounts))

    async def account(self, account: int) -> None:
        at = f"adAccounts/{account}"
        groups, campaigns, creatives = await asyncio.gather(
            self.pages(f"{at}/adCampaignGroups", "q=search&pageSize=1000"),
            self.pages(f"{at}/adCampaigns", "q=search&pageSize=1000"),
            self.pages(f"{at}/creatives", "q=criteria&pageSize=100", **{"X-RestLi-Method": "FINDER"}),
        )
        self.keep("campaign_groups", ((account, g["id"], g["name"], g["status"]) for g in groups))
        self.keep("campaigns", ((account, c["id"], c["name"], c["status"], c.get("objectiveType")) for c in campaigns))
        self.keep("creatives", ((account, _id(c["id"]), c.get("name"), c["intendedStatus"]) for c in creatives))
        await asyncio.gather(
            *(self.daily(account, "CAMPAIGN", *window) for window in _windows(len(campaigns))),
            *(self.daily(account, "CREATIVE", *window) for window in _windows(len(creatives))),
            *(self.audience(account, pivot) for pivot in PIVOTS),
        )

    async def daily(self, account: int, pivot: str, first: date, last: date) -> None:
        found = await self.analytics(account, pivot, "DAILY", first, last, METRICS)
        rows = ((account, _id(e["pivotValues"][0]), _day(e), *(e.get(name) or 0 for name in METRICS)) for e in found)
        self.keep(f"{pivot.lower()}_daily_metrics", rows)

    async def audience(self, account: int, pivot: str) -> None:
        found = await self.analytics(account, f"MEMBER_{pivot}", "ALL", FIRST, TODAY, SEGMENT)
        window = (FIRST, TODAY)
        rows = [
            (account, f"MEMBER_{pivot}", e["pivotValues"][0], *window, *(e.get(name) or 0 for name in SEGMENT))
            for e in found
        ]
        self.segments.update(row[2] for row in rows if row[2].startswith("urn:"))
        self.keep("audience_demographics", rows)

    async def analytics(
        self, account: int, pivot: str, granularity: str, first: date, last: date, fields: Iterable[str]
    ) -> list[Any]:
        window = f"(start:{_restli(first)},end:{_restli(last)})"
        query = (
            f"q=analytics&pivot={pivot}&timeGranularity={granularity}&dateRange={window}"
            f"&accounts=List(urn%3Ali%3AsponsoredAccount%3A{account})&fields=dateRange,pivotValues,{','.join(fields)}"
        )
        return list((await self.get("adAnalytics", query))["elements"])

    async def names(self) -> None:
        urns = [quote(urn, safe="") for urn in sorted(self.segments)]
        asked = [",".join(urns[at : at + 50]) for at in range(0, len(urns), 50)]
        locale = "locale=(language:en,country:US)"
        await asyncio.gather(*(self.get("adTargetingEntities", f"q=urns&urns=List({some})&{locale}") for some in asked))

    def keep(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.rows.setdefault(table, []).extend(rows)


def load(url: str, tables: dict[str, Rows]) -> None:
    shape = {
        "ad_accounts": (1, ["account_id", "name", "currency", "status"]),
        "campaign_groups": (2, ["account_id", "campaign_group_id", "name", "status"]),
        "campaigns": (2, ["account_id", "campaign_id", "name", "status", "objective_type"]),
        "creatives": (2, ["account_id", "creative_id", "name", "intended_status"]),
        "campaign_daily_metrics": (3, ["account_id", "campaign_id", "date", *METRICS.values()]),
        "creative_daily_metrics": (3, ["account_id", "creative_id", "date", *METRICS.values()]),
        "audience_demographics": (
            5, ["account_id", "pivot", "segment_urn", "window_start", "window_end", *map(METRICS.get, SEGMENT)],
        ),
    }  # fmt: skip
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, rows in tables.items():
            keys, columns = shape[table]
            names = ", ".join(columns)
            extra = {"listed": "true", "snapshot": "'minimal'"} if keys < 3 else {}
            cursor.execute(f"create temp table s on commit drop as select {names} from {table} with no data")
            with cursor.copy(f"copy s ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            sets = ", ".join(f"{name} = excluded.{name}" for name in columns[keys:])
            cursor.execute(
                f"insert into {table} ({', '.join([*columns, *extra, 'synced_at'])})"
                f" select {', '.join([names, *extra.values(), 'now()'])} from s"
                f" on conflict ({', '.join(columns[:keys])}) do update set {sets}"
            )
            cursor.execute("drop table s")


def _windows(rows_a_day: int) -> list[tuple[date, date]]:
    """As few windows as keep every answer below the length at which LinkedIn cuts."""
    days = (CAP - 1) // max(rows_a_day, 1)
    starts = [FIRST + timedelta(days=at) for at in range(0, DAYS + 1, min(days, DAYS + 1))]
    return [(first, min(first + timedelta(days=days - 1), TODAY)) for first in starts]


def _id(urn: str) -> int:
    return int(urn.rpartition(":")[2])


def _day(element: Any) -> date:
    start = element["dateRange"]["start"]
    return date(start["year"], start["month"], start["day"])


def _restli(day: date) -> str:
    return f"(year:{day.year},month:{day.month},day:{day.day})"


async def main(origin: str, token: str, url: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "LinkedIn-Version": "202607", "X-RestLi-Protocol-Version": "2.0.0"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=120) as client:
        minimal = MinimalScript(client)
        await minimal.gather()
        await minimal.names()
    if url != "-":
        load(url, minimal.rows)
    print(json.dumps({"requests": minimal.requests, "rows": sum(map(len, minimal.rows.values()))}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
