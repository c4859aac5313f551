"""The three currencies of the sandbox: price level, value in US dollars, smallest coin."""

from __future__ import annotations

from workbench.sandbox.world.model import UNITS

USD_PER_MILLION = {"USD": 1_000_000, "EUR": 1_087_000, "JPY": 6_700}
"""What a million of the currency is worth, in US dollars."""
PRICE_LEVEL = {"USD": 1, "EUR": 1, "JPY": 150}


def whole(amount: int, whole_money: bool) -> int:
    """The amount in whole units of its currency where the currency has no smaller ones."""
    return amount - amount % UNITS if whole_money else amount
