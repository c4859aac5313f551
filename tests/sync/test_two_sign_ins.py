"""Two sign-ins that sync into one database: "all accounts" are all of one sign-in, never all of the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.installation import TODAY, Installation, differences_of_views
from sync.outcomes import FIRST, IDLE, SECOND
from workbench.pipeline.api import load
from workbench.sandbox import Sandbox
from workbench.snapshots.manifest import MANIFEST


@pytest.fixture(params=["a folder each", "one folder"])
def sign_ins(
    request: pytest.FixtureRequest, database_url: URL, tmp_path: Path
) -> Iterator[tuple[Installation, Installation]]:
    """One that sees the first account alone, and one that sees the others; one database."""
    folders = [tmp_path / "a", tmp_path / ("b" if request.param == "a folder each" else "a")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    with Sandbox(size="small", today=TODAY) as here, Sandbox(size="small", today=TODAY) as there:
        for account_id in (SECOND, IDLE):
            here.world.revoke_role(account_id)
        there.world.revoke_role(FIRST)
        yield Installation(here, database_url, folders[0]), Installation(there, database_url, folders[1])


def _listed(installation: Installation) -> list[int]:
    rows = installation.query("select account_id from ad_accounts where listed order by account_id")
    return [row["account_id"] for row in rows]


@pytest.mark.slow
def test_nothing_is_fresh_on_behalf_of_accounts_that_this_sign_in_never_listed(
    sign_ins: tuple[Installation, Installation],
) -> None:
    here, there = sign_ins
    assert here.outcome()[0] == 0

    code, outcome = there.outcome()

    assert code == 0, outcome
    assert {entry.endpoint for entry in there.requests()} >= {"adAccounts", "adAnalytics"}
    assert there.value("select count(*) from campaigns where account_id = %s", [SECOND]) > 0
    for installation in sign_ins:
        installation.sandbox.requests.clear()
        assert installation.outcome()[0] == 0
        assert installation.requests() == []


@pytest.mark.slow
def test_a_listing_marks_no_account_of_another_sign_in_as_not_listed(
    sign_ins: tuple[Installation, Installation],
) -> None:
    for installation in (*sign_ins, *sign_ins):
        code, outcome = installation.outcome(force=True)
        assert code == 0, outcome

    assert _listed(sign_ins[0]) == [FIRST, SECOND, IDLE]
    if sign_ins[0].folder == sign_ins[1].folder:
        assert differences_of_views(sign_ins[0]) == []


@pytest.mark.slow
def test_an_account_that_its_own_sign_in_no_longer_lists_is_marked(sign_ins: tuple[Installation, Installation]) -> None:
    here, there = sign_ins
    for installation in sign_ins:
        installation.outcome()
    there.sandbox.world.revoke_role(IDLE)

    assert there.outcome(force=True)[0] == 0
    assert here.outcome(force=True)[0] == 0

    assert _listed(here) == [FIRST, SECOND]
    if here.folder == there.folder:
        assert differences_of_views(here) == []


@pytest.mark.slow
@pytest.mark.parametrize("sign_ins", ["a folder each"], indirect=True)
def test_snapshots_of_one_name_from_two_machines_hide_no_account_of_the_other(
    sign_ins: tuple[Installation, Installation],
) -> None:
    """Two databases, two syncs in the same second; later both folders are loaded into one database."""
    here, there = sign_ins
    for installation in sign_ins:
        assert installation.outcome()[0] == 0
    (ours,), (theirs,) = here.snapshots(), there.snapshots()
    moved = theirs.folder.rename(theirs.folder.with_name(ours.name))
    manifest = (moved / MANIFEST).read_text()
    (moved / MANIFEST).write_text(manifest.replace(theirs.name, ours.name))
    for table in ("ad_accounts", "coverage", "coverage_summary", "sync_log", "campaigns"):
        here.query(f"with gone as (delete from {table} returning 1) select count(*) from gone")
    for installation in sign_ins:
        load([str(installation.snapshots()[0].folder)], settings=installation.settings())
    there.sandbox.world.revoke_role(IDLE)

    assert there.outcome(force=True)[0] == 0

    assert _listed(here) == [FIRST, SECOND]
