"""The rows of each table that a correct sync must store, for the world as it is now.

It reads the world, never the server's answers, and adds up on its own. Rows are dicts with the tables' column names;
ids are ints, money is `Decimal` (metrics rounded to nine decimals), moments are aware datetimes, days are dates.
Bookkeeping columns (`listed`, `snapshot`, `synced_at`) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from workbench.sandbox.expected.audiences import Audiences
from workbench.sandbox.expected.expected_rows import (
    METRIC_COLUMNS,
    TableRow,
    account_row,
    campaign_row,
    creative_row,
    form_row,
    group_row,
    metrics,
    more_metrics,
    reached,
    rule_row,
)
from workbench.sandbox.world.model import Creative, Element, MetricsRow

_CONVERTED = (
    "external_website_conversions",
    "external_website_post_click_conversions",
    "external_website_post_view_conversions",
    "conversion_value_in_local_currency",
)
_KINDS = ("VIDEO", "DOCUMENT")
CORE_FIELDS = len(METRIC_COLUMNS)


class Truth(Audiences):
    """Expected table rows, each list sorted by its key.

    Every method takes the accounts it is about; None stands for all that are listed.
    """

    # --- entities -----------------------------------------------------------------------------------------------

    def ad_accounts(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        return [account_row(account) for account in self._accounts(accounts)]

    def campaign_groups(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        groups = [g for account in self._accounts(accounts) for g in self._world.listed_groups(account.id)]
        return _by_key([group_row(g.account_id, g.element) for g in groups], "campaign_group_id")

    def campaigns(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        rows = [
            campaign_row(account, campaign)
            for account in self._accounts(accounts)
            for campaign in self._world.listed_campaigns(account.id)
        ]
        return _by_key(rows, "campaign_id")

    def lead_forms(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """Of a token that may read lead forms (`r_marketing_leadgen_automation`)."""
        forms = [
            (account.id, form)
            for account in self._accounts(accounts)
            for form in self._world.listed_lead_forms(account.id)
        ]
        return _by_key([form_row(account_id, form) for account_id, form in forms], "lead_form_id")

    def creatives(self, accounts: Iterable[int] | None = None, *, posts: bool = False) -> list[TableRow]:
        """Args: posts — whether the token may read posts (`r_organization_social`), which names some creatives."""
        rows = [
            creative_row(creative, self._post(creative) if posts else None)
            for account in self._accounts(accounts)
            for creative in self._world.listed_creatives(account.id)
        ]
        return _by_key(rows, "creative_id")

    def _post(self, creative: Creative) -> Element | None:
        reference = creative.element.get("content", {}).get("reference")
        is_post = str(reference).startswith(("urn:li:share:", "urn:li:ugcPost:"))
        return self._world.post(reference) if reference and is_post else None

    # --- metrics ------------------------------------------------------------------------------------------------

    def campaign_daily_metrics(self, first: date, last: date, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """A campaign's day is the sum of its creatives' days, of those no longer listed too."""
        videos = self._with_videos(accounts)
        sums: dict[tuple[int, int, int], MetricsRow] = {}
        for creative in self._creatives(accounts):
            for day, row in self._world.days(creative, first, last):
                key = (creative.account_id, creative.campaign_id, day)
                have = sums.get(key)
                sums[key] = row if have is None else have.plus(row)
        return [
            {
                "account_id": account,
                "campaign_id": campaign,
                "date": date.fromordinal(day),
                **metrics(sums[key]),
                **more_metrics(sums[key], videos=account in videos),
            }
            for key in sorted(sums)
            for account, campaign, day in [key]
        ]

    def creative_daily_metrics(self, first: date, last: date, accounts: Iterable[int] | None = None) -> list[TableRow]:
        videos = self._with_videos(accounts)
        rows = [
            {
                "account_id": creative.account_id,
                "creative_id": creative.id,
                "date": date.fromordinal(day),
                **metrics(row),
                **more_metrics(row, videos=creative.account_id in videos),
            }
            for creative in self._creatives(accounts)
            for day, row in self._world.days(creative, first, last)
        ]
        return sorted(rows, key=lambda row: (row["account_id"], row["creative_id"], row["date"]))

    def _with_videos(self, accounts: Iterable[int] | None) -> set[int]:
        """The accounts with campaigns that show videos or documents: the others are not asked for their figures."""
        return {
            account.id
            for account in self._accounts(accounts)
            for shown in [campaign.element for campaign in self._world.listed_campaigns(account.id)]
            if any(word in f"{shown.get('format')} {shown.get('objectiveType')}" for word in _KINDS)
        }

    def placement_daily_metrics(self, first: date, last: date, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """A campaign's day by serving location: parts of its creatives' days; one without any figure is no row."""
        sums: dict[tuple[int, int, str, int], MetricsRow] = {}
        for creative in self._creatives(accounts):
            for day, row in self._world.days(creative, first, last):
                for place, part in self._world.places(creative, day, row):
                    key = (creative.account_id, creative.campaign_id, place, day)
                    have = sums.get(key)
                    sums[key] = part if have is None else have.plus(part)
        return [
            {
                "account_id": account,
                "campaign_id": campaign,
                "serving_location": place,
                "date": date.fromordinal(day),
                **metrics(sums[key]),
            }
            for key in sorted(sums)
            if any(sums[key][:CORE_FIELDS])
            for account, campaign, place, day in [key]
        ]

    # --- conversions --------------------------------------------------------------------------------------------

    def conversions(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """Conversion rules; an account without campaigns has none."""
        rules = [(a.id, rule) for a in self._accounts(accounts) for rule in self._world.rules.listed(a.id)]
        return _by_key([rule_row(account_id, rule) for account_id, rule in rules], "conversion_id")

    def conversion_daily_metrics(
        self, first: date, last: date, accounts: Iterable[int] | None = None
    ) -> list[TableRow]:
        """A campaign's conversions by day and rule; one without any is no row."""
        sums: dict[tuple[int, int, int, int], MetricsRow] = {}
        for creative in self._creatives(accounts):
            for day, row in self._world.days(creative, first, last):
                for rule, part in self._world.rules.parts(creative, day, row):
                    key = (creative.account_id, creative.campaign_id, int(rule.rpartition(":")[2]), day)
                    have = sums.get(key)
                    sums[key] = part if have is None else have.plus(part)
        rows = []
        for key in sorted(sums):
            account, campaign, rule_id, day = key
            shown = metrics(sums[key])
            owner = {"account_id": account, "campaign_id": campaign, "conversion_id": rule_id}
            rows.append(owner | {"date": date.fromordinal(day)} | {name: shown[name] for name in _CONVERTED})
        return rows

    def campaign_monthly_metrics(
        self, first: date, last: date, accounts: Iterable[int] | None = None
    ) -> list[TableRow]:
        """A campaign's whole months that began half a year ago, of those that have a day from `first` to `last`."""
        first = first.replace(day=1)
        recent = ((self._world.clock.today - timedelta(days=183)).replace(day=1) + timedelta(days=31)).replace(day=1)
        last = min((last.replace(day=1) + timedelta(days=31)).replace(day=1), recent) - timedelta(days=1)
        sums: dict[tuple[int, int, date], MetricsRow] = {}
        for creative in self._creatives(accounts):
            for day, row in self._world.days(creative, first, last):
                key = (creative.account_id, creative.campaign_id, date.fromordinal(day).replace(day=1))
                have = sums.get(key)
                sums[key] = row if have is None else have.plus(row)
        return [
            {"account_id": account, "campaign_id": campaign, "month_start": month, **metrics(sums[key])}
            for key in sorted(sums)
            if any(sums[key][:CORE_FIELDS])
            for account, campaign, month in [key]
        ]

    # --- reach --------------------------------------------------------------------------------------------------

    def reach_windows(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """Reach of the windows that end three days before today, and of the last month that had ended by then."""
        end = self._world.clock.today - timedelta(days=3)
        month_end = (end + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        windows = {(end - timedelta(days=days - 1), end) for days in (7, 28, 92)}
        rows = []
        for first, last in {*windows, (month_end.replace(day=1), month_end)}:
            for (account, level, entity), total in self._totals_by_level(first, last, accounts).items():
                key = {"account_id": account, "level": level, "entity_id": entity}
                figures = reached(total)
                if any(figures.values()):
                    rows.append({**key, "window_start": first, "window_end": last, **figures})
        return sorted(rows, key=lambda row: tuple(row.values())[:5])


def _by_key(rows: list[TableRow], key: str) -> list[TableRow]:
    return sorted(rows, key=lambda row: (row["account_id"], row[key]))
