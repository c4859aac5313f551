"""Metrics that do not fit into one request: groups of at most 18, and answers merged by the key of their rows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from workbench.linkedin.ad_analytics_models import DAILY_METRICS
from workbench.linkedin.validation import Accepted, Page, Rejected, check, without_repeats
from workbench.pipeline.fetch.answer_merger import merged
from workbench.schema.metric_groups import CORE_GROUPS, GROUP_FIELDS, request_groups
from workbench.schema.metrics import CORE, STORED
from workbench.settings.metric_groups import GROUPS

DAY = {"year": 2026, "month": 11, "day": 20}


def row(campaign: int, **metrics: object) -> bytes:
    head = {"dateRange": {"start": DAY, "end": DAY}, "pivotValues": [f"urn:li:sponsoredCampaign:{campaign}"]}
    return json.dumps({**head, **metrics}, separators=(",", ":")).encode()


def of(*groups: list[bytes]) -> list[bytes]:
    return [element for some in merged([[Page(group)] for group in groups], DAILY_METRICS) for element in some]


def test_the_core_fits_into_one_request_and_each_group_beyond_it_into_another() -> None:
    assert (tuple(metric.field for metric in CORE),) == CORE_GROUPS
    assert {metric.field for metric in STORED} == {
        *CORE_GROUPS[0],
        *(one for each in GROUP_FIELDS.values() for one in each),
    }
    assert all(len(fields) <= 18 for fields in (*CORE_GROUPS, *GROUP_FIELDS.values()))


def test_every_group_of_metrics_is_one_that_the_setting_knows() -> None:
    assert set(GROUP_FIELDS) <= set(GROUPS)


def test_every_group_asks_for_the_anchor() -> None:
    video = [replace(STORED[1], name=f"video_{n}", field=f"video{n}", group="video") for n in range(17)]
    core, second = request_groups([*CORE, *video])
    assert (core, second[0], len(second)) == (CORE_GROUPS[0], "impressions", 18)


def test_a_group_that_a_request_cannot_hold_is_refused() -> None:
    one_more = replace(STORED[1], name="made_up", field="madeUp")
    with pytest.raises(ValueError, match="core asks for 19"):
        request_groups([*CORE, one_more])


def test_one_group_stays_as_it_came() -> None:
    pages = [Page([row(1, impressions=3), b"not JSON"]), Page([row(1, impressions=4)])]
    assert merged([pages], DAILY_METRICS) == [page.elements for page in pages]


def test_rows_of_several_groups_become_one_row_of_their_key() -> None:
    first = [row(1, impressions=3, costInUsd="1.000000000000000000001"), row(2, impressions=5)]
    second = [row(3, impressions=1, sends=9), row(1, impressions=4, sends=7)]
    assert of(first, second) == [
        row(1, impressions=3, costInUsd="1.000000000000000000001", sends=7),
        row(2, impressions=5),
        row(3, impressions=1, sends=9),
    ]


@pytest.mark.parametrize("bad", [b"not JSON", row(1, sends=-1), row(1, sends=2)])
def test_what_cannot_be_merged_is_set_aside_with_a_reason_and_costs_no_neighbour(bad: bytes) -> None:
    elements = of([row(1, impressions=3), row(2, impressions=5)], [row(1, sends=1), bad, row(2, sends=2)])
    verdicts: list[Any] = list(without_repeats(check(elements, DAILY_METRICS), {}))
    accepted = [verdict.raw for verdict in verdicts if isinstance(verdict, Accepted)]
    assert accepted == [row(1, impressions=3, sends=1), row(2, impressions=5, sends=2)]
    assert [verdict.raw for verdict in verdicts if isinstance(verdict, Rejected)] == [bad]
