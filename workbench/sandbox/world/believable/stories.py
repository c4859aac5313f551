"""What happens in the believable world: one story for each page to find. Each has a name and can be left out.

Days are counted back from the anchor, the day on which the world's stories end.
"""

from __future__ import annotations

from workbench.sandbox.world.believable import conversions
from workbench.sandbox.world.believable.plans import AdPlan, AdSetPlan, Step
from workbench.sandbox.world.believable.roster import Entry
from workbench.sandbox.world.model import UNITS

STORIES = frozenset({"stopped", "form", "bid", "raised", "capped", "hero", "audience", "network", "late"})
"""
stopped: `SC-IMG | LG | Plant managers | DACH` stopped yesterday, its group's budget spent nine days early.
form: leads of EMEA cost a third more since a form with seven fields came: fewer people finish it.
bid: two ad sets of EMEA cannot spend their budget at their bid, so the account lands at 84 % of its plan.
raised: budgets of two American ad sets were raised, so the account lands at 112 %.
capped: `SC-DOC | LG | Quality leads | UK&I` has the cheapest leads and spends its small budget every day.
hero: the same image tired in DACH and holds in UK&I: the audience is used up, not the ad.
audience: purchasing sees 3 % and gives 12 % of the leads; trainees cost 9 % and give none.
network: the Audience Network was switched on for one ad set and brings clicks without leads.
late: conversions arrive in their second week, so last week's nine are twenty-three now.
"""

FORM_DAYS, FORM_LEFT, FORM_CPM, FORM_CTR = 28, 0.79, 1.04, 0.97
RAISED_DAYS, RAISED = 33, 0.18
"""How much more the account spends."""
NETWORK_DAYS = 26
CAPPED_BUDGET, CAPPED_COMPLETION = 100, 1.9
UNSPENT = 0.13
"""What the account cannot spend, of its plan."""
HERO_DACH, HERO_UK, HERO_REST = 0.16, 0.02, 0.5
EARLY_DAYS = 9
"""How long before its end the stopped group's budget was spent."""

# What happens in the last week besides; days before the anchor.
BID_DAYS, BID_RAISED = 5, 1.1
RENAMED_DAYS = 4
VOICE_DAYS, VOICE_RAISED = 3, 1.25
PAUSED_DAYS = 2
CORRECTED, CORRECTED_DAYS, CORRECTED_PERCENT = (12, 10), 3, 94
"""The first and last day whose figures LinkedIn corrects, when it does, and what is left of them."""

NETWORK_SPEND, NETWORK_CLICKS, NETWORK_LEADS, NETWORK_IMPRESSIONS = 0.31, 0.62, 0.04, 0.38
"""What falls on the Audience Network after it took over. Its CTR is 2–4 times that of the feed, its form completion
near zero (AdGradr, technicallyproduct)."""


def tell(plan: AdSetPlan, entry: Entry, stories: frozenset[str], anchor: int, share: float) -> None:
    """Change how an ad set delivers by its part in a story.

    Args:
        plan: what is changed.
        entry: the ad set.
        stories: which happen.
        anchor: the day (ordinal) on which they end.
        share: of its account's budgets, what the ad sets with its part have.
    """
    if entry.part == "stopped" and "stopped" in stories:
        plan.last = anchor - 1
    if entry.part == "bid" and "bid" in stories:
        plan.demand = max(0.3, plan.demand - UNSPENT / share)
    if entry.part == "raised" and "raised" in stories:
        before = plan.budget // UNITS
        plan.steps.append(Step(anchor - RAISED_DAYS, budget=raised(before, share) / before))
    if entry.part == "capped" and "capped" in stories:
        plan.steady, plan.completion = True, CAPPED_COMPLETION
    if entry.part == "network" and "network" in stories:
        _network(plan, anchor - NETWORK_DAYS)
    if "late" in stories and entry.account == 0:
        plan.curve = conversions.SLOW
    if has_new_form(entry, stories):
        plan.steps.append(Step(anchor - FORM_DAYS, cpm=FORM_CPM, ctr=FORM_CTR, completion=FORM_LEFT))


def raised(budget: int, share: float) -> int:
    """A raised daily budget, round as budgets are."""
    return round(budget * (1 + RAISED / share) / 10) * 10


def has_new_form(entry: Entry, stories: frozenset[str]) -> bool:
    return "form" in stories and entry.account == 0 and entry.kind in ("image", "document") and entry.part != "capped"


def _network(plan: AdSetPlan, day: int) -> None:
    """Clicks and leads in the feed stay what they were for what is still spent there."""
    in_feed = (1 - NETWORK_IMPRESSIONS) / (1 - NETWORK_CLICKS)
    feed_leads = (1 - NETWORK_SPEND) / (1 - NETWORK_LEADS)
    plan.network_from = day
    plan.steps.append(Step(day, ctr=in_feed, completion=feed_leads / in_feed))


def tire(ad: AdPlan, entry: Entry, place: int, stories: frozenset[str]) -> None:
    """The first ad of two ad sets is the same image."""
    if place == 0 and entry.part in ("stopped", "steady"):
        ad.pressure, ad.quality = HERO_UK, 1.12
        if entry.part == "stopped" and "hero" in stories:
            ad.pressure, ad.rest = HERO_DACH, HERO_REST
