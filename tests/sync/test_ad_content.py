"""What ads show, lead forms and roles: as far as the sign-in may read them, without any person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views, lines_of
from sync.signing import READS_ADS
from workbench.front_door import Workbench
from workbench.snapshots.part_file import read_lines

FORMS = "r_marketing_leadgen_automation"
POSTS = "r_organization_social"
CONTENT = ("format", "introductory_text", "headline", "landing_page", "utm_source", "utm_medium", "utm_campaign")


@pytest.fixture
def reader(installation: Installation) -> Installation:
    """A sign-in that may read posts and lead forms."""
    installation.changes = {  # with which LinkedIn says what the token may do
        "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": installation.sandbox.oauth.client_secret,
    }
    installation.token = installation.sandbox.issue_token(scopes=[*READS_ADS, POSTS, FORMS])
    return installation


def _others(installation: Installation) -> list[str]:
    return [one for one in differences(installation) if not one.startswith(("creatives:", "lead_forms:"))]


def test_ads_say_what_they_show_and_forms_are_listed(reader: Installation) -> None:
    assert reader.sync().exit_code == 0

    assert reader.table("creatives", where="listed") == reader.sandbox.truth.creatives(posts=True)
    assert reader.table("lead_forms") == reader.sandbox.truth.lead_forms()
    assert reader.table("lead_forms")
    assert _others(reader) == []
    assert differences_of_views(reader) == []
    rows = reader.table("creatives")
    assert {row["format"] for row in rows} >= {
        "TEXT_AD",
        "ARTICLE",
        "VIDEO",
        "MULTI_IMAGE",
        "CAROUSEL",
        "MESSAGE",
        None,
    }
    assert {row["utm_campaign"] for row in rows} == {"Q4 Über mehr", None}
    assert {row["role"] for row in reader.table("ad_accounts")} == {"VIEWER", "CAMPAIGN_MANAGER", "CREATIVE_MANAGER"}
    with Workbench(reader.settings()) as bench:
        for name in ("lead_forms", "ad_content", "accounts"):
            assert bench.query(name, source="database").equals(bench.query(name, source="snapshots"))
        used = bench.query("lead_forms", source="database").to_dicts()
    assert {row["name"] for row in used} == {row["name"] for row in reader.table("lead_forms")}


def test_no_person_is_in_a_snapshot(reader: Installation) -> None:
    reader.sync()
    (snapshot,) = reader.snapshots()
    assert lines_of(snapshot, "account_users")
    for name in ("account_users", "lead_forms"):
        for path, part in snapshot.files():
            if part.resource == name:
                text = str(list(read_lines(path)))
                assert "person" not in text
                assert "@" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("match", "status", "code"),
    sweep_except(
        ("leadForms", 500, 10),
        ("adAccountUsers", 403, 0),
        several=True,
        of=[("leadForms", 403, 0), ("leadForms", 500, 10), ("adAccountUsers", 403, 0), ("adAccountUsers", 500, 0)],
    ),
)
def test_a_request_that_fails_costs_its_own_rows_only(reader: Installation, match: str, status: int, code: int) -> None:
    reader.sandbox.faults.add(match, "status", status=status, times=None)

    assert reader.sync().exit_code == code

    roles = {row["role"] for row in reader.table("ad_accounts")}
    assert (roles == {None}) == (match == "adAccountUsers")
    assert (reader.table("lead_forms") == []) == (match == "leadForms")
    assert [one for one in _others(reader) if not one.startswith("ad_accounts:")] == []
    assert differences_of_views(reader) == []
    reader.sandbox.faults.clear()
    assert reader.sync(force=True).exit_code == 0
    assert reader.table("lead_forms") == reader.sandbox.truth.lead_forms()
    assert _others(reader) == []


@pytest.mark.slow
def test_what_the_sign_in_may_not_read_is_unknown_and_not_asked_for(installation: Installation) -> None:
    installation.first_sync()

    assert installation.sandbox.requests.count("leadForms") == installation.sandbox.requests.count("posts") == 0
    rows = installation.query("select * from creatives where content_reference is not null")
    assert {value for row in rows for name in CONTENT if name != "format" for value in [row[name]]} == {None}
    assert installation.sync().sync_id is None  # nothing is missing: the accounts are fresh


def _requests(installation: Installation) -> Iterator[str]:
    yield from (entry.endpoint for entry in installation.requests())


@pytest.mark.slow
def test_a_sync_of_an_unchanged_account_asks_no_post_again(reader: Installation) -> None:
    reader.sync()
    asked = list(_requests(reader))
    reader.sandbox.requests.clear()
    reader.sync(force=True)
    again = list(_requests(reader))
    assert asked.count("posts") > 0
    assert again.count("posts") == 0
    assert asked.count("adAccountUsers") == again.count("adAccountUsers") == 1
    assert len(again) < len(asked)
