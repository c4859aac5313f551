"""Who sees the believable world's ads, and what their employers, titles and places are called.

The top tenth of companies takes about 80 % of the impressions (Factors.ai, 14 accounts, 70,000 companies); of the
target accounts of an ABM list a fifth is reached. Shares of seniorities, functions and sizes are our own.
"""

from __future__ import annotations

from workbench.sandbox.world.believable import noise
from workbench.sandbox.world.believable.naming import COUNTRIES
from workbench.sandbox.world.believable.places import COUNTRY_IDS, VOCABULARY, employers, regions_of
from workbench.sandbox.world.believable.roster import Entry
from workbench.sandbox.world.demography import TOP_VALUES
from workbench.sandbox.world.model import Slice

_MILLION = 1_000_000
_ZIPF = 1.5
_COMPANIES, _TARGETS_REACHED = 160, 40
_SENIORITIES = {1: 1, 2: 2, 3: 14, 4: 32, 5: 23, 6: 14, 7: 5, 8: 5, 9: 1, 10: 3}
_FUNCTIONS = {8: 24, 18: 22, 13: 9, 22: 8, 19: 6, 20: 6, 4: 5, 24: 4, 25: 5, 7: 2, 10: 2, 12: 1, 1: 1, 2: 2, 21: 3}
_FINANCE_FUNCTIONS = {1: 30, 10: 34, 13: 8, 18: 7, 4: 5, 9: 4, 2: 5, 6: 4, 21: 3}
_SIZES = (1, 2, 5, 11, 16, 15, 26, 10, 14)
_CHIEFS = {5: 125, 6: 140, 7: 120, 8: 110, 4: 85, 3: 45, 2: 60, 1: 30}
"""Response of seniorities against the average: those who decide fill in forms."""
PURCHASING, TRAINING = "urn:li:function:21", "urn:li:seniority:2"
TRAINING_SHARE, TRAINING_RESPONSE = 9, 130
PURCHASING_LEADS = 400


def audience(entry: Entry, seed: int, pivot: str, *, story: bool) -> tuple[Slice, ...]:
    """The values that an ad set reaches, largest first; `story`: with that of the audience page."""
    weights = _weights(entry, seed, pivot)
    if story and pivot == "MEMBER_SENIORITY":
        rest = sum(weights.values()) - weights[TRAINING]
        weights[TRAINING] = rest * TRAINING_SHARE / (100 - TRAINING_SHARE)
    scale = _MILLION / sum(weights.values())
    slices = []
    for place, (value, weight) in enumerate(weights.items()):
        response = _response(pivot, value, noise.unit(seed, 31, place))
        leads = _leads(value, response) if story else response
        slices.append(Slice(value, int(weight * scale), response, leads))
    return tuple(sorted(slices, key=lambda entry: (-entry.share, entry.value))[:TOP_VALUES])


def _weights(entry: Entry, seed: int, pivot: str) -> dict[str, float]:
    finance = entry.account == 2
    if pivot == "MEMBER_SENIORITY":
        return _around("seniority", _SENIORITIES, seed)
    if pivot == "MEMBER_JOB_FUNCTION":
        return _around("function", _FINANCE_FUNCTIONS if finance else _FUNCTIONS, seed)
    if pivot == "MEMBER_COMPANY_SIZE":
        sizes = VOCABULARY.segments(pivot)
        return {
            size: share * _spread(seed, place) for place, (size, share) in enumerate(zip(sizes, _SIZES, strict=True))
        }
    if pivot == "MEMBER_COUNTRY_V2":
        countries = COUNTRIES[entry.place]
        return {f"urn:li:geo:{COUNTRY_IDS[country]}": 1 / (place + 1) ** 1.4 for place, country in enumerate(countries)}
    if pivot == "MEMBER_REGION_V2":
        return {
            f"urn:li:geo:{geo}": _spread(seed, geo) / (place + 2) for place, geo in enumerate(regions_of(entry.place))
        }
    if pivot == "MEMBER_COMPANY":
        return _companies(entry, seed)
    kind = "title" if pivot == "MEMBER_JOB_TITLE" else "industry"
    known = list(VOCABULARY.listed(kind))
    start = noise.seed_of(entry.audience) % 5
    return {
        f"urn:li:{kind}:{number}": _spread(seed, number) / (place + 2)
        for place, number in enumerate([*known[start:], *known[:start]])
    }


def _companies(entry: Entry, seed: int) -> dict[str, float]:
    """Few employers see most: Zipf, in an order that the ad sets of a place share."""
    order = noise.seed_of(entry.account, "employers")
    known = sorted(employers(entry.account), key=lambda number: noise.bits(order, number))
    reached = known[: _TARGETS_REACHED if entry.audience == "Tier 1 automotive" else _COMPANIES]
    return {
        f"urn:li:organization:{number}": _spread(seed, number) / (place + 1) ** _ZIPF
        for place, number in enumerate(reached)
    }


def _around(kind: str, shares: dict[int, int], seed: int) -> dict[str, float]:
    return {f"urn:li:{kind}:{number}": share * _spread(seed, number) for number, share in shares.items()}


def _spread(seed: int, number: int) -> float:
    return 0.85 + 0.3 * noise.unit(seed, 33, number)


def _response(pivot: str, value: str, luck: float) -> int:
    usual = _CHIEFS.get(int(value.rpartition(":")[2]), 100) if pivot == "MEMBER_SENIORITY" else 100
    return int(usual * (0.85 + 0.3 * luck))


def _leads(value: str, response: int) -> int:
    if value == PURCHASING:
        return PURCHASING_LEADS
    return 0 if value == TRAINING else response
