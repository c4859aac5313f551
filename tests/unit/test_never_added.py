"""Reach and ready-made averages have no sum: no statement of ours adds them up, and one of a user's is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import ValidationError
from workbench.paths import CHECKOUT
from workbench.queries.never_added import added_up
from workbench.queries.own_questions import find_own
from workbench.schema.metrics import RATIOS, SUMS
from workbench.schema.reach_metrics import NEVER_ADDED

ADDING = """\
-- How many people did we reach?
--
-- Returns: one row
-- Columns: reach (bigint)
select cast(sum(coalesce(r.approximate_member_reach, 0)) as bigint) as reach from reach_windows as r
"""


def test_no_statement_of_ours_adds_up_reach_or_an_average() -> None:
    assert CHECKOUT is not None
    files = [file for home in ("sql", "workbench", "notebooks") for file in (CHECKOUT / home).rglob("*.*")]
    files = [file for file in files if file.suffix in (".sql", ".py")]
    assert len(files) > 300
    assert {str(file): column for file in files if (column := added_up(file.read_text("utf-8")))} == {}


def test_no_metric_that_is_added_up_or_divided_is_reach_or_an_average() -> None:
    inputs = {name for ratio in RATIOS.values() for name in (ratio.top, ratio.bottom)}
    assert not {*SUMS, *inputs} & set(NEVER_ADDED)


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("select sum(approximate_member_reach) from reach_windows", "approximate_member_reach"),
        ('select SUM ( distinct r."audience_penetration" ) from x', "audience_penetration"),
        ("select avg(case when a > f(b) then average_dwell_time end)", "average_dwell_time"),
        ("select max(approximate_member_reach), sum(impressions) from reach_windows", None),
        ("-- sum(approximate_member_reach)\nselect 1", None),
        ("select 'sum(approximate_member_reach)'", None),
    ],
)
def test_what_counts_as_adding_up(statement: str, column: str | None) -> None:
    assert added_up(statement) == column


def test_a_question_of_ones_own_that_adds_up_reach_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.sql").write_text(ADDING, "utf-8")
    with pytest.raises(ValidationError, match="adds up approximate_member_reach, which has no sum"):
        find_own("people", tmp_path)
