"""What the audit found and what of it was agreed to: how much money touches an open finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import polars as pl

from workbench.analytics import wording
from workbench.analytics.placement import OFF, ON, UNREPORTED

PLACES: Mapping[str, str] = {ON: "On LinkedIn", OFF: "Off LinkedIn (Audience Network)", UNREPORTED: "Not reported"}
_KEY = ("account_id", "campaign_id")
_SPEND = "cost_in_local_currency"


def with_agreements(findings: pl.DataFrame, agreed: Callable[[str, int, int], str | None]) -> pl.DataFrame:
    """The findings with `agreed`: what was agreed about each, null where it is open.

    Args:
        agreed: from rule, account and campaign to the words of an agreement.
    """
    said = [agreed(*row) for row in findings.select("finding", *_KEY).iter_rows()]
    return findings.with_columns(pl.Series("agreed", said, pl.String))


def touched(findings: pl.DataFrame) -> Decimal:
    """The spend that open findings touch: each ad set once; of an ad without a finding of its ad set, the ad's."""
    still_open = findings.filter(pl.col("agreed").is_null())
    sets = still_open.filter(pl.col("creative_id").is_null()).unique(_KEY)
    ads = still_open.filter(pl.col("creative_id").is_not_null()).join(sets, on=_KEY, how="anti")
    ads = ads.unique([*_KEY, "creative_id"])
    return Decimal(sets[_SPEND].sum() or 0) + Decimal(ads[_SPEND].sum() or 0)


def headline(findings: pl.DataFrame, spent: Decimal, currency: str | None) -> tuple[str, str]:
    """The answer in one sentence, and what was agreed to."""
    still_open = findings.filter(pl.col("agreed").is_null()).height
    agreed = findings.height - still_open
    quiet = f"{wording.counted(agreed, 'finding')} {'is' if agreed == 1 else 'are'} agreed to" if agreed else ""
    if not still_open:
        return "Nothing in the active ad sets needs a look.", quiet
    money, whole = (wording.money(amount, currency, like=spent) for amount in (touched(findings), spent))
    return f"{money} of {whole} spent in 30 days touches an open finding.", quiet


def switched_on(findings: pl.DataFrame, currency: str | None) -> str:
    """In how many ad sets the switch of the Audience Network is on, and what they spent; "" where it is off."""
    sets = findings.filter(finding="audience_network").unique(_KEY)
    if sets.is_empty():
        return "The Audience Network is off in every active ad set."
    money = wording.money(sets[_SPEND].sum() or 0, currency)
    return f"The Audience Network is on in {wording.counted(sets.height, 'active ad set')}; they spent {money} in all."
