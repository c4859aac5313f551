"""Settings that differ between two snapshots, in words, and who changed them: a person, or LinkedIn."""

from __future__ import annotations

import re

import polars as pl

from workbench.analytics import formatting, wording

BY_LINKEDIN = ("serving_statuses", "is_serving", "serving_hold_reasons", "review_status")
"""Fields that LinkedIn sets by itself; it does not say which person set the others."""
_LONGEST = 80
_ENUMS = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(, [A-Z0-9_]+)*")
_FIELD_WORDS = {"unit_cost": "Bid", "is_serving": "Can be shown"}
_VALUE_WORDS = {"true": "yes", "false": "no"}


def each_once(found: pl.DataFrame) -> pl.DataFrame:
    """Each change once; what is new has one row, with who made it and finished text.

    Args:
        found: `changed_settings`.
    """
    rows = found.filter(~pl.col("is_new") | (pl.col("field") == "name"))
    fields = rows.select(pl.col("field")).to_series().to_list()
    who = ["LinkedIn" if field in BY_LINKEDIN else "A person" for field in fields]
    new = rows["is_new"].to_list()
    made = rows.with_columns(
        pl.Series("who", who, pl.String),
        pl.Series("entity_words", [_entity(name) for name in rows["entity"].to_list()], pl.String),
        pl.Series(
            "field_words",
            [
                "New" if is_new else _FIELD_WORDS.get(name, formatting.words(name))
                for name, is_new in zip(fields, new, strict=True)
            ],
            pl.String,
        ),
        *(
            pl.Series(f"{side}_text", [_short(value) for value in rows[f"{side}_value"].to_list()], pl.String)
            for side in ("before", "after")
        ),
    )
    return made.sort(pl.col("who") == "LinkedIn", "account_id", "entity", "entity_id", "field")


def _entity(name: str) -> str:
    return formatting.term(name) if name in formatting.TERMS else formatting.words(name)


def _short(value: str | None) -> str:
    if value is None:
        return "–"
    if value in _VALUE_WORDS:
        return _VALUE_WORDS[value]
    if _ENUMS.fullmatch(value):
        return wording.listed([formatting.words(one) for one in value.split(", ")])
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]} …"
