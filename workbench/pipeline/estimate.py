"""Estimate the calls, rows and minutes of a sync before it is started. Pure.

An estimate, not a promise: it counts the calls that are certain, and leaves out retries, splits and new campaigns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.linkedin.endpoints import NAMES_A_CALL
from workbench.pipeline.fetch import reach
from workbench.pipeline.fetch.call_planner import CAP, slices
from workbench.pipeline.fetch.divided_days import PLACES
from workbench.pipeline.fetch.entity_audiences import MOST
from workbench.schema.metric_groups import CORE_GROUPS, DEMOGRAPHIC_GROUPS, asked_groups
from workbench.schema.pivots import PIVOTS
from workbench.schema.resources import BY_NAME, FIRST_LISTED, LISTINGS
from workbench.schema.windows import Window
from workbench.settings.demographics_by import LEVELS, ids
from workbench.settings.metric_groups import AUDIENCES, GROUPS

_CAMPAIGNS_A_PAGE, _CREATIVES_A_PAGE, _NAMES_CALLS = 1000, 100, 2
_DETAIL_DAYS = 183
_ACCOUNTS_CALLS = 2  # the list of accounts, and the member's roles
SECONDS_A_CALL = 0.4
"""Until a sync of this installation has shown its pace: answers take about 1.5 s, four at a time."""


@dataclass(frozen=True)
class AccountSize:
    """The number of campaigns and creatives of an account, on which an estimate rests."""

    campaigns: int
    creatives: int


@dataclass(frozen=True)
class Estimate:
    """Requests to LinkedIn, rows at most, and minutes."""

    calls: int
    rows: int
    minutes: float


def estimate(
    accounts: Sequence[AccountSize],
    days: int,
    *,
    batch_size: int = 20,
    seconds_a_call: float = SECONDS_A_CALL,
    groups: Collection[str] = GROUPS,
    scopes: Collection[str] = (),
    demographics_by: Collection[str] = (),
) -> Estimate:
    """The estimate for a sync of so many days of these accounts.

    Args:
        days: UTC days back from today, today included.
        seconds_a_call: the pace of the last sync.
        groups: the groups of figures beyond the core, as `METRIC_GROUPS` names them.
        scopes: what the sign-in may do, as `LINKEDIN_SCOPES` names it.
        demographics_by: of what the audience is asked for, as the setting of that name has it.
    """
    window = Window(date.min, date.min + timedelta(days=max(days, 1) - 1))
    posts = sum(account.creatives for account in accounts) if BY_NAME["posts"].permission in scopes else 0
    calls = _ACCOUNTS_CALLS + -(-posts // NAMES_A_CALL)
    calls += sum(_calls(account, window, batch_size, {"", *groups}, {"", *scopes}) for account in accounts)
    if AUDIENCES in groups:
        calls += _audiences(accounts, demographics_by)
    divided = PLACES * ("placement" in groups) + ("conversions" in groups)
    rows = sum((account.campaigns * (1 + divided) + account.creatives) * window.days for account in accounts)
    return Estimate(calls, rows, calls * seconds_a_call / 60)


def _audiences(accounts: Sequence[AccountSize], by: Collection[str]) -> int:
    """Requests for the audiences of entities: of each level the top spenders of each account, and those named."""
    levels = sum(word in LEVELS for word in by)
    entities = sum(levels * min(MOST, account.campaigns) for account in accounts) + len(ids(by))
    return len(accounts) * levels + entities * len(PIVOTS) * len(DEMOGRAPHIC_GROUPS)


def _calls(
    account: AccountSize, window: Window, batch_size: int, groups: Collection[str], scopes: Collection[str]
) -> int:
    asked = [name for name in LISTINGS if BY_NAME[name].group in groups and BY_NAME[name].permission in scopes]
    others = len(asked) - len(FIRST_LISTED)  # a page each
    listings = others + _pages(account.campaigns, _CAMPAIGNS_A_PAGE) + _pages(account.creatives, _CREATIVES_A_PAGE)
    each = account.creatives // max(account.campaigns, 1) + 1

    def daily(rows_a_day: int) -> int:
        pieces = slices(window, dict.fromkeys(range(account.campaigns), rows_a_day), batch_size=batch_size)
        return sum(max(len(part.campaign_ids), 1) for part in pieces)

    metrics = (len(CORE_GROUPS) + len(asked_groups(groups))) * (daily(1) + daily(each))
    if "placement" in groups:
        metrics += daily(PLACES)
    if "conversions" in groups:
        metrics += daily(1)
    if "months" in groups and window.days > _DETAIL_DAYS:
        metrics += -(-account.campaigns * (window.days - _DETAIL_DAYS) // (30 * CAP)) or 1
    if "reach" in groups:
        metrics += len(reach.LEVELS) * len(reach.windows(date.max))
    return listings + metrics + len(PIVOTS) * len(DEMOGRAPHIC_GROUPS) + _NAMES_CALLS


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))
