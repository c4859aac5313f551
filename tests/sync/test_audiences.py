"""Audiences are covered pivot by pivot, over the window that the answer itself names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views, truth
from sync.outcomes import FIRST, SECOND, heal, said, statuses
from workbench import Workbench
from workbench.diagnostics.status import gather
from workbench.schema.pivots import ASKED

ODD = "MEMBER_INDUSTRY"
OTHERS = sorted({*ASKED} - {ODD})
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "refused": ("status", {"status": 400, "body": '{"message":"Invalid pivot","status":400}'}),
    "forbidden": ("status", {"status": 403}),
    "odd segment": ("rewrite", {"find": r'"pivotValues": ?\["[^"]+"\]', "put": '"pivotValues":[]'}),
    "odd figure": ("rewrite", {"find": r'"impressions": ?\d+', "put": '"impressions":"many"'}),
}


def _audiences(installation: Installation, account_id: int) -> dict[str, set[date]]:
    """The last days of the windows that the table holds, by pivot."""
    found: dict[str, set[date]] = {}
    for row in installation.table("audience_demographics", where=f"account_id = {account_id}"):
        found.setdefault(row["pivot"], set()).add(row["window_end"])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("fault", sweep_except("forbidden", "odd segment", of=FAULTS))
def test_one_pivot_that_fails_leaves_only_itself_old(installation: Installation, fault: str) -> None:
    installation.first_sync()
    installation.sandbox.advance(1)
    before, today = installation.today - timedelta(days=1), installation.today
    kind, details = FAULTS[fault]
    order = installation.sandbox.faults.add(f"pivot={ODD}.*{FIRST}", kind, times=None, **details)

    code, outcome = installation.outcome()

    assert (code, order.hit > 0) == (10, True)
    assert said(outcome).account_id == FIRST
    assert statuses(outcome)[FIRST] == "partial"
    assert _audiences(installation, FIRST) == {ODD: {before}} | {pivot: {today} for pivot in OTHERS}
    assert _audiences(installation, SECOND) == {pivot: {today} for pivot in ASKED}
    expected = [
        row for row in truth(installation)["audience_demographics"] if (row["account_id"], row["pivot"]) != (FIRST, ODD)
    ]
    assert [row for row in installation.table("audience_demographics") if row["window_end"] == today] == expected
    assert differences_of_views(installation) == []
    covered = gather(settings=installation.settings(), now=installation.now()).coverage
    late = {one.account_id: one.late_pivots for one in covered if one.resource == "audience_demographics"}
    assert late[FIRST] == (ODD,)
    assert late[SECOND] == ()
    installation.sandbox.faults.clear()
    assert installation.outcome()[0] == 0
    assert installation.table("audience_demographics") == truth(installation)["audience_demographics"]
    assert differences_of_views(installation) == []


def test_coverage_that_names_no_pivot_means_all_of_them(installation: Installation) -> None:
    """So it stands in databases and snapshots that were made before."""
    installation.first_sync()

    rows = installation.query("select pivot from coverage where resource = 'audience_demographics'")

    assert {row["pivot"] for row in rows} == {None}
    covered = gather(settings=installation.settings(), now=installation.now()).coverage
    assert all(not one.late_pivots for one in covered)


# --- what an answer says of itself ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ((date(2026, 2, 10), date(2026, 4, 12)), (date(2026, 2, 1), date(2026, 4, 30))),
        pytest.param(
            (date(2026, 3, 17), date(2026, 11, 20)), (date(2026, 3, 1), date(2026, 11, 20)), marks=pytest.mark.sweep
        ),
        ((date(2026, 4, 1), date(2026, 4, 30)), (date(2026, 4, 1), date(2026, 4, 30))),
    ],
)
def test_a_window_that_linkedin_widens_is_stored_as_answered(
    installation: Installation, asked: tuple[date, date], answered: tuple[date, date]
) -> None:
    code, outcome = installation.outcome(first_day=asked[0], last_day=asked[1])

    assert code == 0, outcome
    rows = installation.table("audience_demographics")
    assert {(row["window_start"], row["window_end"]) for row in rows} == {answered}
    assert rows == installation.sandbox.truth.audience_demographics(*asked)
    with Workbench(installation.settings()) as workbench:
        totals = workbench.query("demographics_totals", source="database")
    assert totals["account_impressions"].is_null().all() == (asked != answered)  # its other days were not asked for
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("find", "put", "why"),
    [
        (r'("day": ?)\d+(\}\})', r"\g<1>1\2", "its figures are of 2026-08-24 to 2026-11-01, not of"),
        (r'"year": ?2026', '"year":2027', "a window that ends"),
        (r'"year": ?2026', '"year":2025', "which was not asked for"),
        (r'"month": ?8,"day": ?24', '"month":2,"day":30', "day is out of range"),
    ],
)
def test_a_segment_of_another_window_is_odd_and_named(
    installation: Installation, find: str, put: str, why: str
) -> None:
    order = installation.sandbox.faults.add(f"pivot={ODD}.*{FIRST}", "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert (code, order.hit > 0) == (10, True)
    assert why in said(outcome).why
    assert set(_audiences(installation, FIRST)) == set(OTHERS)
    heal(installation)


@pytest.mark.slow
def test_a_daily_row_outside_of_what_was_asked_is_odd_and_named(installation: Installation) -> None:
    row = r'\{"dateRange": ?\{"start": ?\{"year": ?2026([^}]*\}, ?"end": ?\{"year": ?)2026(.*?)'
    find = rf'("elements": ?\[)({row})(?=,\{{"dateRange")'
    put = r'\1{"dateRange":{"start":{"year":2025\g<3>2025\4,\2'
    order = installation.sandbox.faults.add(
        f"pivot=CAMPAIGN&.*DAILY.*{FIRST}", "rewrite", find=find, put=put, times=None
    )

    code, outcome = installation.outcome()

    assert (code, order.hit > 0) == (10, True)
    assert "was not asked for" in said(outcome).why
    assert differences(installation) == []
    heal(installation)


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False], ids=["identical", "different"])
def test_a_segment_that_comes_twice_is_a_repetition_if_it_is_identical_else_a_contradiction(
    installation: Installation, same: bool
) -> None:
    find = r'("elements": ?\[)(\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})?[^{}]*"impressions": ?)(\d+)([^{}]*\})'
    put = rf"\1\2\3\4,\2\3{'' if same else '7'}\4"
    order = installation.sandbox.faults.add(f"pivot={ODD}.*{FIRST}", "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert order.hit > 0
    assert code == (0 if same else 10), outcome
    assert set(_audiences(installation, FIRST)) == (set(ASKED) if same else set(OTHERS))
    assert differences_of_views(installation) == []
    heal(installation)
