"""Creatives without a name of their own are called by their posts, where the sign-in may read posts."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views
from sync.outcomes import said, statuses
from sync.signing import READS_ADS, sign_in
from workbench.clock import utc_now
from workbench.pipeline.fetch.names import UNRESOLVED_FOR


@pytest.fixture
def reader(installation: Installation) -> Installation:
    """A sign-in that may read the posts of the member's organizations."""
    installation.changes = {
        "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": installation.sandbox.oauth.client_secret,
        "LINKEDIN_ACCESS_TOKEN": None,
    }
    sign_in(installation, scopes=(*READS_ADS, "r_organization_social"))
    return installation


def _whole(installation: Installation) -> list[str]:
    """Where anything differs from the truth of a member who may read posts."""
    listed = installation.table("creatives", where="listed")
    others = [difference for difference in differences(installation) if not difference.startswith("creatives:")]
    named = [] if listed == installation.sandbox.truth.creatives(posts=True) else ["creatives"]
    return [*named, *others, *differences_of_views(installation)]


@pytest.mark.slow
def test_posts_name_creatives_as_in_the_truth(reader: Installation) -> None:
    code, outcome = reader.outcome()

    assert code == 0, outcome
    assert _whole(reader) == []
    named_by_posts = reader.sandbox.truth.creatives(posts=True)
    assert named_by_posts != reader.sandbox.truth.creatives()


@pytest.mark.slow
def test_a_token_made_elsewhere_reads_posts_where_linkedin_says_that_it_may(reader: Installation) -> None:
    reader.changes["LINKEDIN_ACCESS_TOKEN"] = reader.sandbox.issue_token(scopes=[*READS_ADS, "r_organization_social"])

    assert reader.outcome()[0] == 0

    assert _whole(reader) == []


@pytest.mark.slow
def test_without_the_scope_no_post_is_asked_for(installation: Installation) -> None:
    assert installation.outcome()[0] == 0

    assert installation.sandbox.requests.count("posts") == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_posts_are_asked_for_once_and_those_that_are_gone_again_after_a_week(
    reader: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = '{"results":{"urn:li:share:1":7,"x":null},"errors":[],"statuses":3}'
    reader.sandbox.faults.add("posts", "html", status=200, body=gone, times=None)
    reader.sync()
    asked = _asked(reader)
    reader.sandbox.faults.clear()
    reader.sync(force=True)
    assert (asked != set(), _asked(reader)) == (True, set())
    monkeypatch.setattr("workbench.pipeline.fetch.names.utc_now", lambda: utc_now() + UNRESOLVED_FOR)

    reader.sync(force=True)

    assert _asked(reader) == asked
    assert _whole(reader) == []
    reader.sync(force=True)
    assert _asked(reader) == set()
    assert _whole(reader) == []


def _asked(installation: Installation) -> set[str]:
    """The posts that were asked for since this was last asked."""
    queries = [unquote(entry.query) for entry in installation.sandbox.requests.of("posts")]
    installation.sandbox.requests.clear()
    return {urn for query in queries for urn in re.findall(r"urn:li:(?:share|ugcPost):\d+", query)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    sweep_except(
        {"fault": "forbid"},
        {"fault": "truncated_json"},
        of=[
            {"fault": "forbid"},
            {"fault": "status", "status": 500},
            {"fault": "html", "status": 200, "body": "[]"},
            {"fault": "truncated_json"},
        ],
    ),
    ids=["403", "500 for ever", "another shape", "cut"],
)
def test_posts_that_cannot_be_read_cost_names_only_and_come_later(
    reader: Installation, fault: dict[str, object]
) -> None:
    reader.sandbox.faults.add("posts", times=None, **fault)

    code, outcome = reader.outcome()

    assert code == 10
    said(outcome)
    assert statuses(outcome)[0] == "partial"
    assert differences(reader) == []
    reader.sandbox.faults.clear()
    assert reader.outcome(force=True)[0] == 0
    assert _whole(reader) == []


@pytest.mark.slow
def test_one_refused_post_costs_its_own_creatives_their_names_only(reader: Installation) -> None:
    assert reader.sync().exit_code == 0
    named = reader.query("select creative_id, content_reference from creatives where name_source = 'post' order by 1")
    refused = named[0]["content_reference"]
    for snapshot in reader.snapshots():
        snapshot.folder.rename(snapshot.folder.with_name(f"gone-{snapshot.name}"))
    number = refused.rpartition(":")[2]
    order = reader.sandbox.faults.add(f"/rest/posts.*%3A{number}[,)]", "status", status=403, times=None)

    code, outcome = reader.outcome(force=True)

    assert (code, order.hit > 1) == (0, True), outcome
    still = reader.query("select creative_id, content_reference from creatives where name_source = 'post' order by 1")
    assert still == [row for row in named if row["content_reference"] != refused]
