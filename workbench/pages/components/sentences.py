"""The sentences of an answer as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.analytics import formatting
from workbench.answers.registry import Found


def of_objectives(found: Found, accounts: pl.DataFrame, currency: str | None, heading: str) -> list[Mapping[str, str]]:
    """What an answer says of each account and objective of one currency, without what it says of single entities.

    Args:
        accounts: `accounts`.
        heading: of the column with the sentences.
    """
    mine = accounts.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    names = dict(mine.select("account_id", "name").iter_rows())
    return [
        {
            "Account": names[one.account_id] or formatting.account(None, one.account_id),
            "Objective": formatting.objective_words(one.objective_type),
            heading: one.text,
        }
        for one in found.sentences
        if one.entity_id is None and one.account_id is not None and one.account_id in names
    ]
