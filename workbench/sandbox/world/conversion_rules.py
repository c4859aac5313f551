"""The conversion rules of an account, and which of them a day's conversions belong to.

Rules of every world: the same for every account that has campaigns, but for its currency; one has a hostile name in
the hostile world.
Source: LinkedIn docs "Conversion Tracking": attribution windows of 1, 7, 30 or 90 days, `valueType`, `attributionType`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workbench.sandbox.world.currencies import PRICE_LEVEL, whole
from workbench.sandbox.world.model import Account, Creative, Element, MetricsRow

_DAY = 86_400_000
_FIELDS = (
    "external_website_post_click_conversions",
    "external_website_post_view_conversions",
    "conversion_value_in_local_currency",
)
_NOTHING = MetricsRow(*[0] * 18)


@dataclass(frozen=True)
class _Rule:
    name: str
    type: str
    weight: int
    click_days: int | None
    view_days: int | None
    value: int | None = None
    method: str = "INSIGHT_TAG"
    attribution: str = "LAST_TOUCH_BY_CAMPAIGN"
    enabled: bool = True


_RULES = (
    _Rule("Demo request", "LEAD", 45, 30, 7, value=120),
    _Rule("Pricing page viewed", "KEY_PAGE_VIEW", 30, 7, 1),
    _Rule(
        "Won deal (CRM)",
        "PURCHASE",
        20,
        90,
        30,
        value=0,
        method="CONVERSIONS_API",
        attribution="LAST_TOUCH_BY_CONVERSION",
    ),
    _Rule("Old thank-you page", "SIGN_UP", 5, None, None, enabled=False),
)
"""`value` 0: the value comes with each conversion."""
_HOSTILE = {"Old thank-you page": "Old thank-you page, Ω <b>2024</b>"}


class RuleBook:
    """The conversion rules of all accounts.

    Args:
        accounts: those that have campaigns, by id; the others have no rules.
        hostile: whether a name is one that breaks out of HTML.
    """

    def __init__(self, accounts: Mapping[int, Account], *, hostile: bool) -> None:
        self._accounts = accounts
        self._names = _HOSTILE if hostile else {}
        self._changes: dict[int, Element] = {}
        self._removed: set[int] = set()

    def listed(self, account_id: int) -> list[Element]:
        """The rules of an account as LinkedIn lists them, ids ascending."""
        account = self._accounts.get(account_id)
        known = [replace(rule, name=self._names.get(rule.name, rule.name)) for rule in _RULES]
        rules = [_element(account, number, rule) for number, rule in enumerate(known)] if account else []
        return [{**rule, **self._changes.get(rule["id"], {})} for rule in rules if rule["id"] not in self._removed]

    def change(self, identifier: int, **fields: object) -> None:
        """Change a rule from now on."""
        self._changes.setdefault(identifier, {}).update(fields)

    def remove(self, identifier: int) -> None:
        """Take a rule off the listing; what it counted stays."""
        self._removed.add(identifier)

    def parts(self, creative: Creative, day: int, row: MetricsRow) -> Iterator[tuple[str, MetricsRow]]:
        """The conversions of a creative's day by the URN of their rule; they add up to the row, value included."""
        return _parts(self._accounts[creative.account_id], creative.id, day, row)


def _parts(account: Account, creative_id: int, day: int, row: MetricsRow) -> Iterator[tuple[str, MetricsRow]]:
    if not row.external_website_conversions:
        return
    turn = (creative_id + day) % len(_RULES)
    order = [(turn + number) % len(_RULES) for number in range(len(_RULES))]
    whole_money = account.currency == "JPY"
    cumulated, before = 0, dict.fromkeys(_FIELDS, 0)
    for place in order:
        cumulated += _RULES[place].weight
        upto = {name: getattr(row, name) * cumulated // 100 for name in _FIELDS}
        if cumulated < 100:
            upto[_FIELDS[2]] = whole(upto[_FIELDS[2]], whole_money)
        share = {name: upto[name] - before[name] for name in _FIELDS}
        before = upto
        if any(share.values()):
            count = share[_FIELDS[0]] + share[_FIELDS[1]]
            yield (
                f"urn:lla:llaPartnerConversion:{_identifier(account, place)}",
                _NOTHING._replace(external_website_conversions=count, **share),
            )


def _identifier(account: Account, number: int) -> int:
    return 14_000_000 + account.id % 100_000 * 10 + number


def _element(account: Account, number: int, rule: _Rule) -> Element:
    began = account.element["changeAuditStamps"]["created"]["time"]
    element: Element = {
        "id": _identifier(account, number),
        "name": rule.name,
        "account": f"urn:li:sponsoredAccount:{account.id}",
        "type": rule.type,
        "enabled": rule.enabled,
        "conversionMethod": rule.method,
        "attributionType": rule.attribution,
        "postClickAttributionWindowSize": rule.click_days,
        "viewThroughAttributionWindowSize": rule.view_days,
        "created": began + number * _DAY,
        "lastModified": began + number * _DAY + 3_600_000,
        "imagePixelTag": '<img src="https://px.ads.linkedin.com/collect/?pid=1&fmt=gif" />',
    }
    if rule.value is not None:
        element["valueType"] = "FIXED" if rule.value else "DYNAMIC"
    if rule.value:
        amount = str(rule.value * PRICE_LEVEL[account.currency])
        element["value"] = {"amount": amount, "currencyCode": account.currency}
    return {name: value for name, value in element.items() if value is not None}
