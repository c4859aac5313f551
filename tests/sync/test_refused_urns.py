"""A URN that LinkedIn refuses costs itself: the others of its batch are named, and it is not asked again every time."""

from __future__ import annotations

import pytest

from sync.bench import Bench, lines_of
from sync.outcomes import heal, said


@pytest.mark.parametrize("status", [400, 403, 404])
def test_one_refused_urn_stands_alone_and_is_remembered_as_unresolvable(bench: Bench, status: int) -> None:
    bench.sync()
    urn = bench.value("select max(segment_urn) from audience_demographics where pivot = 'MEMBER_INDUSTRY'")
    names = bench.value("select count(*) from audience_demographics where segment_name is null")
    for snapshot in bench.snapshots():
        snapshot.folder.rename(snapshot.folder.with_name(f"gone-{snapshot.name}"))
    number = urn.rpartition(":")[2]
    bench.sandbox.faults.add(f"adTargetingEntities.*industry%3A{number}[,)]", "status", status=status, times=None)
    bench.sandbox.requests.clear()

    code, outcome = bench.outcome(force=True)

    assert code == 0, outcome
    assert bench.sandbox.faults.orders[0].hit > 1
    assert bench.sandbox.requests.count("adTargetingEntities") < 60
    unnamed = bench.query("select distinct segment_urn from audience_demographics where segment_name is null")
    assert urn in {row["segment_urn"] for row in unnamed}
    rows = bench.value("select count(*) from audience_demographics where segment_urn = %s", [urn])
    assert bench.value("select count(*) from audience_demographics where segment_name is null") == names + rows
    (line,) = [line for line in lines_of(bench.snapshots()[-1], "names") if line["urn"] == urn]
    assert line["element"] is None
    bench.sandbox.requests.clear()
    assert bench.outcome(force=True)[0] == 0
    assert bench.sandbox.requests.count("adTargetingEntities") == 0


def test_names_that_are_all_refused_are_not_asked_for_one_by_one(bench: Bench) -> None:
    bench.sandbox.faults.add("adTargetingEntities", "forbid", times=None)

    code, outcome = bench.outcome()

    assert code == 10
    said(outcome)
    assert bench.sandbox.requests.count("adTargetingEntities") <= 40
    heal(bench)
