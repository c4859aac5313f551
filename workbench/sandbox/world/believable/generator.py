"""The believable world: who is in it, what they deliver, and to whom."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from workbench.sandbox.world.believable import ad_sets, ads, conversions, delivery, naming, noise, stories
from workbench.sandbox.world.believable.accounts import account, amount, group
from workbench.sandbox.world.believable.audiences import audience
from workbench.sandbox.world.believable.places import VOCABULARY
from workbench.sandbox.world.believable.plans import AdSetPlan, Step
from workbench.sandbox.world.believable.roster import KESTREL, SIZES, Entry, roster
from workbench.sandbox.world.believable.stories import STORIES
from workbench.sandbox.world.model import (
    UNITS,
    Account,
    Campaign,
    Cast,
    Change,
    Correction,
    Creative,
    Element,
    MetricsRow,
    Slice,
)
from workbench.sandbox.world.random_source import Stage

_CACHED_WEEKS = 6_000


class BelievableWorld:
    """Accounts a marketer could have, whose stories end on `anchor`.

    Args:
        size: a key of `SIZES`.
        seed: another seed, another world.
        anchor: the UTC day everything is dated against.
        chosen: which of `STORIES` happen; None: all.
    """

    def __init__(self, size: str, seed: int, anchor: date, chosen: frozenset[str] | None = None) -> None:
        self.seed, self.vocabulary, self.cast = seed, VOCABULARY, Cast()
        self.removed: set[tuple[str, int]] = set()
        self.changes: list[Change] = []
        self.corrections: list[Correction] = []
        self._stories = STORIES if chosen is None else chosen
        self._stage = Stage(f"believable {size}", seed, anchor)
        self._anchor = anchor.toordinal()
        self._entries: dict[int, Entry] = {}
        self._plans: dict[int, AdSetPlan] = {}
        self._weeks: dict[tuple[int, int], delivery.Rows] = {}
        self._audiences: dict[tuple[int, str], tuple[Slice, ...]] = {}
        accounts, campaigns, creatives = SIZES[size]
        self._clients = naming.clients(accounts)
        self._add(roster(self._clients, campaigns), creatives)

    # --- who ----------------------------------------------------------------------------------------------------

    def _add(self, entries: list[Entry], creatives: int) -> None:
        owners = [account(self._stage, number, client) for number, client in enumerate(self._clients)]
        empty = account(self._stage, len(owners), naming.EMPTY, test=True)
        self.cast.accounts.update({owner.id: owner for owner in [*owners, empty]})
        groups = self._add_groups(entries, owners)
        budgets = ad_sets.budgets(entries, self._clients)
        for number, entry in enumerate(entries):
            share = ad_sets.share_of_part(entries, budgets, entry) if entry.part else 0.0
            self._add_ad_set(number, entry, owners[entry.account], groups[number], budgets[number], share)
        homes = list(self.cast.campaigns.values())
        for number in range(creatives):
            self._add_ad(number, homes[number % len(homes)])
        for number, entry in enumerate(entries):
            self._place_in_story(homes[number], entry, budgets[number])
            self._happens_lately(homes[number], entry)

    def _add_groups(self, entries: list[Entry], owners: list[Account]) -> list[int]:
        """The groups of all entries, and for each entry the id of its own."""
        themes: dict[tuple[int, str], list[Entry]] = {}
        keys = []
        for entry in entries:
            began = date.fromordinal(self._anchor - entry.started)
            keys.append((entry.account, naming.group(entry.theme, began)))
            themes.setdefault(keys[-1], []).append(entry)
        ids = {}
        for number, key in enumerate(sorted(themes)):
            members = themes[key]
            over = not any(ad_sets.runs(member) or member.status == "DRAFT" for member in members)
            started = max(member.started for member in members) + 3
            added = group(self._stage, number, owners[key[0]], key[1], started, over=over)
            self.cast.groups[added.id] = added
            ids[key] = added.id
        return [ids[key] for key in keys]

    def _add_ad_set(self, number: int, entry: Entry, owner: Account, group_id: int, budget: int, share: float) -> None:
        added = ad_sets.campaign(self._stage, number, owner, group_id, entry, budget)
        self.cast.campaigns[added.id], self._entries[added.id] = added, entry
        plan = ad_sets.plan(self._stage, number, entry, self._clients[entry.account], budget)
        if plan is not None:
            stories.tell(plan, entry, self._stories, self._anchor, share)
            self._plans[added.id] = plan

    def _add_ad(self, number: int, home: Campaign) -> None:
        entry, owner = self._entries[home.id], self.cast.accounts[home.account_id]
        client = self._clients[entry.account]
        added = ads.ad(self._stage, number, owner, home, entry, software=client.software)
        place, ad_set = len(home.creative_ids), self._plans.get(home.id)
        home.creative_ids.append(added.id)
        self.cast.creatives[added.id] = added
        if ad_set is not None:
            plan = ads.plan(self._stage, added, entry, place, ad_set)
            stories.tire(plan, entry, place, self._stories)
            ad_set.ads.append(plan)
            added.first, added.last = max(plan.first, ad_set.first), min(plan.last, ad_set.last)

    # --- what changes -------------------------------------------------------------------------------------------

    def _place_in_story(self, home: Campaign, entry: Entry, budget: int) -> None:
        """The settings that a story changes, each on its day."""
        chosen = self._stories
        if entry.part == "stopped":
            self._limit_group(home, stopped="stopped" in chosen)
        if entry.part == "raised" and "raised" in chosen:
            raised = round(budget * self._plans[home.id].at(self._anchor).budget)
            daily = amount(raised, self.cast.accounts[home.account_id].currency)
            self._change(stories.RAISED_DAYS, "campaigns", home.id, dailyBudget=daily)
        if entry.part == "network" and "network" in chosen:
            self._change(stories.NETWORK_DAYS, "campaigns", home.id, offsiteDeliveryEnabled=True)
        if stories.has_new_form(entry, chosen) and ad_sets.runs(entry):
            for creative_id in home.creative_ids:
                call = {"destination": f"urn:li:adForm:{7_860_200 + entry.account}", "label": "DOWNLOAD"}
                self._change(stories.FORM_DAYS, "creatives", creative_id, leadgenCallToAction=call)

    def _happens_lately(self, home: Campaign, entry: Entry) -> None:
        """Add the changes and corrections of the last week that belong to no story, because every week has some."""
        currency = self.cast.accounts[home.account_id].currency
        if entry.part == "late":
            bid = round(float(home.element["unitCost"]["amount"]) * stories.BID_RAISED)
            self._change(stories.BID_DAYS, "campaigns", home.id, unitCost=amount(bid, currency))
        if entry.part == "raised" and entry.kind == "image":
            name = f"{self.cast.groups[home.group_id].element['name']} calculator"
            self._change(stories.RENAMED_DAYS, "campaign_groups", home.group_id, name=name)
        if entry.part == "voice" and entry.account == KESTREL:
            plan = self._plans[home.id]
            daily = amount(round(plan.budget / UNITS * stories.VOICE_RAISED), currency)
            plan.steps.append(Step(self._anchor - stories.VOICE_DAYS, budget=stories.VOICE_RAISED))
            self._change(stories.VOICE_DAYS, "campaigns", home.id, dailyBudget=daily)
        if entry.account == KESTREL and entry.audience == "Controllers" and entry.part == "" and entry.place == "Japan":
            self._pause_newest_ad(home)
        if entry.part == "network":
            first, last = (self._anchor - day for day in stories.CORRECTED)
            day = self._anchor - stories.CORRECTED_DAYS
            self.corrections.append(Correction(day, first, last, stories.CORRECTED_PERCENT, home.id))

    def _pause_newest_ad(self, home: Campaign) -> None:
        newest = max((self.cast.creatives[number] for number in home.creative_ids), key=lambda ad: ad.first)
        if newest.id == home.creative_ids[0]:
            return
        day = self._anchor - stories.PAUSED_DAYS
        newest.last = min(newest.last, day - 1)
        for ad in self._plans[home.id].ads:
            ad.last = newest.last if ad.id == newest.id else ad.last
        held = {"isServing": False, "servingHoldReasons": ["STOPPED"]}
        self._change(stories.PAUSED_DAYS, "creatives", newest.id, intendedStatus="PAUSED", **held)

    def _limit_group(self, home: Campaign, *, stopped: bool) -> None:
        """A total budget for the group: used up when the story stops it, ample without."""
        owner = self.cast.groups[home.group_id]
        spent = sum(
            row.cost_in_local_currency
            for monday in range(delivery.monday_of(self._plans[home.id].first), self._anchor, 7)
            for rows in self._week(home.id, monday).values()
            for day, row in rows.items()
            if day < self._anchor
        )
        step = 100 * UNITS
        total = max(1, (spent + step // 2) // step) if stopped else spent * 7 // 5 // step + 1
        owner.element["totalBudget"] = amount(total * 100, self.cast.accounts[home.account_id].currency)
        owner.element["runSchedule"]["end"] = self._stage.moment(-stories.EARLY_DAYS)
        if stopped:
            hold = ["CAMPAIGN_GROUP_TOTAL_BUDGET_HOLD"]
            self._change(0, "campaign_groups", owner.id, servingStatuses=hold)
            self._change(0, "campaigns", home.id, servingStatuses=hold)
            for creative_id in home.creative_ids:
                held = {"isServing": False, "servingHoldReasons": ["CAMPAIGN_STOPPED"]}
                self._change(0, "creatives", creative_id, **held)

    def _change(self, days_ago: int, resource: str, identifier: int, **fields: object) -> None:
        self.changes.append(Change(self._anchor - days_ago, resource, identifier, fields))

    # --- what they deliver --------------------------------------------------------------------------------------

    def month(self, creative: Creative, year: int, month: int) -> dict[int, MetricsRow]:
        first = date(year, month, 1).toordinal()
        last = first + monthrange(year, month)[1] - 1
        rows = {}
        for monday in range(delivery.monday_of(max(first, creative.first)), min(last, creative.last) + 1, 7):
            for day, row in self._week(creative.campaign_id, monday).get(creative.id, {}).items():
                if first <= day <= last:
                    rows[day] = row
        return rows

    def _week(self, campaign_id: int, monday: int) -> delivery.Rows:
        key = (campaign_id, monday)
        if key not in self._weeks:
            if len(self._weeks) >= _CACHED_WEEKS:
                self._weeks.clear()
            self._weeks[key] = delivery.week(self._plans[campaign_id], monday)
        return self._weeks[key]

    def visible(self, creative: Creative, day: int, settled: MetricsRow, age: int) -> MetricsRow:
        plan = self._plans[creative.campaign_id]
        return conversions.visible(
            settled, noise.seed_of(self.seed, creative.id), day, age, plan.curve, plan.whole_money
        )

    # --- to whom and where --------------------------------------------------------------------------------------

    def audience(self, campaign_id: int, pivot: str) -> tuple[Slice, ...]:
        key = (campaign_id, pivot)
        if key not in self._audiences:
            seed = noise.seed_of(self.seed, campaign_id, pivot)
            story = "audience" in self._stories
            self._audiences[key] = audience(self._entries[campaign_id], seed, pivot, story=story)
        return self._audiences[key]

    def places(self, creative: Creative, day: int, row: MetricsRow) -> Iterable[tuple[str, MetricsRow]]:
        return delivery.places(self._plans[creative.campaign_id], noise.seed_of("places", creative.id), day, row)

    def post(self, creative: Creative) -> Element | None:
        entry, home = self._entries[creative.campaign_id], self.cast.campaigns[creative.campaign_id]
        owner, client = self.cast.accounts[creative.account_id], self._clients[entry.account]
        place = home.creative_ids.index(creative.id)
        return ads.post(creative, owner, entry, place, software=client.software, year=self._stage.today.year)
