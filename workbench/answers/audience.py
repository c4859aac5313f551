"""Who answers more or less than they see, beyond LinkedIn's blurring and chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.analytics.demographic_index import indexed_segments, known_totals
from workbench.analytics.demographic_sentences import hidden_sentence, index_headline
from workbench.answers.inputs import Asker, parts
from workbench.answers.registry import ACCOUNTS, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS

_INDEX = ("index", "index_low", "index_high", "index_shrunk", "index_under")
_SEGMENTS = Output(
    {
        "account_id": pl.Int64(),
        "pivot": pl.String(),
        "segment_urn": pl.String(),
        "segment": pl.String(),
        "window_start": pl.Date(),
        "window_end": pl.Date(),
        "impressions": pl.Int64(),
        "answers": pl.Int64(),
        **dict.fromkeys(_INDEX, pl.Float64()),
        "expected": pl.Float64(),
        "verdict": pl.String(),
        "suppression": pl.Float64(),
    },
    {
        **dict.fromkeys(_INDEX, "index, 100 is even; low to high is 90 %"),
        "expected": "answers",
        "suppression": "shown share of answers over shown share of impressions",
    },
)


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    account_ids, counted = values["account_ids"], values["counted"] or "clicks"
    rows = ask("demographics", account_ids=account_ids, pivot=values["pivot"])
    totals = ask("demographics_totals", account_ids=account_ids)
    covered = ask("covered_days", account_ids=account_ids, resource=CAMPAIGN_DAYS)
    made: list[pl.DataFrame] = []
    said: list[Said] = []
    for (account_id, pivot), mine in parts(rows, ("account_id", "pivot")):
        account = known_totals(totals, covered).filter(pl.col("account_id") == account_id, pl.col("pivot") == pivot)
        segments = indexed_segments(mine, account, counted)
        made.append(segments.with_columns(pl.col(counted).alias("answers"), pl.col(f"index_{counted}").alias("index")))
        texts = (index_headline(segments, counted), hidden_sentence(segments, account, counted))
        said += [Said(f"{_pivot(pivot)}: {text}", account_id) for text in texts if text]
    return Found({"demographic_index": frame_of(made, _SEGMENTS)}, tuple(said))


def _pivot(name: str) -> str:
    return name.removeprefix("MEMBER_").replace("_", " ").capitalize()


ANSWER = Answer(
    name="demographic_index",
    title="Which segments answer more or less than they see, given that LinkedIn blurs and hides?",
    params={
        "account_ids": ACCOUNTS,
        "pivot": Item("text", "null: every pivot"),
        "counted": Item("text", "null: clicks; the count that is an answer, such as landing_page_clicks"),
    },
    inputs=("demographics", "demographics_totals", "covered_days"),
    outputs={"demographic_index": _SEGMENTS},
    method=_answer,
)
