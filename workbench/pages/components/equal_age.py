"""Ask for what was known of late results at equal age, wherever it may be asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import polars as pl

from workbench.errors import WorkbenchError
from workbench.pages.components.selection import Choices
from workbench.queries.api import allowed_sources
from workbench.schema.key_results import PROVISIONAL_RESULT_DAYS
from workbench.schema.metrics import LATE
from workbench.schema.resources import CAMPAIGN_DAYS


def equal_age(choices: Choices) -> pl.DataFrame | None:
    """`equal_age_results` of what is chosen; None where the periods are not settled and no history can be asked.

    The database knows one state; its history is that of the snapshots it was loaded from, where these may be asked.
    """
    for source in (choices,) if choices.source != "database" else _snapshots(choices):
        with suppress(WorkbenchError):
            return source.ask("equal_age_results")
    return _settled(choices)


def _snapshots(choices: Choices) -> tuple[Choices, ...]:
    """The same choices of the snapshots, if the newest of them is the database's."""
    if "snapshots" not in allowed_sources():
        return ()
    other = replace(choices, source="snapshots")
    with suppress(WorkbenchError):
        if other.newest_snapshot == choices.newest_snapshot:
            return (other,)
    return ()


def _settled(choices: Choices) -> pl.DataFrame | None:
    """The period before as known now, if no day of either period is provisional."""
    first, last = choices.period.previous.first, choices.period.last
    covered = choices.ask("covered_days", resource=CAMPAIGN_DAYS, first_day=first, last_day=last)
    youngest = covered["age"].min()
    if not isinstance(youngest, int) or youngest <= PROVISIONAL_RESULT_DAYS:
        return None
    rows = choices.ask("campaigns").filter(pl.col("period") == "previous")
    days = pl.lit((last - choices.period.first).days + 1, dtype=pl.Int64)
    late = [pl.col(metric.name).alias(f"previous_{metric.name}") for metric in LATE if metric.name in rows.columns]
    return rows.select(
        "account_id", "currency", "campaign_id", "objective_type", days.alias("days"), days.alias("known_days"), *late
    )
