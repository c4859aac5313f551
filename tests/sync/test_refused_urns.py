"""A URN that LinkedIn refuses costs itself: the others of its batch are named, and it is not asked again every time."""

from __future__ import annotations

import pytest

from sync.installation import Installation, lines_of
from sync.outcomes import heal, said


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403, 404])
def test_one_refused_urn_stands_alone_and_is_remembered_as_unresolvable(
    installation: Installation, status: int
) -> None:
    installation.sync()
    urn = installation.value("select max(segment_urn) from audience_demographics where pivot = 'MEMBER_INDUSTRY'")
    names = installation.value("select count(*) from audience_demographics where segment_name is null")
    for snapshot in installation.snapshots():
        snapshot.folder.rename(snapshot.folder.with_name(f"gone-{snapshot.name}"))
    number = urn.rpartition(":")[2]
    installation.sandbox.faults.add(
        f"adTargetingEntities.*industry%3A{number}[,)]", "status", status=status, times=None
    )
    installation.sandbox.requests.clear()

    code, outcome = installation.outcome(force=True)

    assert code == 0, outcome
    assert installation.sandbox.faults.orders[0].hit > 1
    assert installation.sandbox.requests.count("adTargetingEntities") < 60
    unnamed = installation.query("select distinct segment_urn from audience_demographics where segment_name is null")
    assert urn in {row["segment_urn"] for row in unnamed}
    rows = installation.value("select count(*) from audience_demographics where segment_urn = %s", [urn])
    assert installation.value("select count(*) from audience_demographics where segment_name is null") == names + rows
    (line,) = [line for line in lines_of(installation.snapshots()[-1], "names") if line["urn"] == urn]
    assert line["element"] is None
    installation.sandbox.requests.clear()
    assert installation.outcome(force=True)[0] == 0
    assert installation.sandbox.requests.count("adTargetingEntities") == 0


@pytest.mark.slow
def test_names_that_are_all_refused_are_not_asked_for_one_by_one(installation: Installation) -> None:
    installation.sandbox.faults.add("adTargetingEntities", "forbid", times=None)

    code, outcome = installation.outcome()

    assert code == 10
    said(outcome)
    assert installation.sandbox.requests.count("adTargetingEntities") <= 40
    heal(installation)
