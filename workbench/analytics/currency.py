"""One currency and one objective per call: what is said of two together would mean nothing."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from workbench.errors import ValidationError

_WORDS = {"EUR": "euro", "USD": "dollar", "GBP": "pound"}


def one_currency(*frames: pl.DataFrame) -> str | None:
    """The currency of all rows of `frames`; None where no frame has a column `currency` with a value.

    Raises:
        ValidationError: there are two or more.
    """
    return one_of(
        (value for frame in frames if "currency" in frame.columns for value in frame["currency"].unique().to_list()),
        "currency",
    )


def one_objective(*frames: pl.DataFrame) -> str | None:
    """The objective of all rows of `frames`; None where no frame has a column `objective_type` with a value.

    Raises:
        ValidationError: there are two or more, and their results are not the same thing.
    """
    return one_of(
        (
            v
            for frame in frames
            if "objective_type" in frame.columns
            for v in frame["objective_type"].unique().to_list()
        ),
        "objective",
    )


def one_of(values: Iterable[str | None], name: str) -> str | None:
    """The one value there is, nulls aside; None if there is none.

    Raises:
        ValidationError: there are two or more values of `name`.
    """
    found = sorted({value for value in values if value is not None})
    if len(found) > 1:
        raise ValidationError(
            f"Rows of more than one {name} cannot be analysed together.",
            why=f"There are {', '.join(found)}.",
            next_step=f"Ask for one {name} at a time.",
        )
    return found[0] if found else None


def money_word(currency: str | None) -> str:
    """One unit of a currency in a sentence: `euro`, `CHF`, `unit of money` for one that is not known."""
    return _WORDS.get(currency or "", currency or "unit of money")
