"""A sign-in that ends in the middle of a sync: renewed once and replayed, or a person is asked, with the parts kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from marks import slow_except, some_slow

from sync.installation import Installation, asked, differences, on_disk
from sync.signing import sign_in
from workbench.errors import LinkedInAPIError, WorkbenchError


@pytest.fixture
def signed_in(installation: Installation) -> Installation:
    """A token in a file, an hour old, with a refresh token."""
    installation.changes = {
        "LINKEDIN_ACCESS_TOKEN": None,
        "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": installation.sandbox.client_secret,
    }
    sign_in(installation, refreshable=True)
    return installation


@pytest.mark.slow
def test_a_token_that_ends_in_mid_run_is_renewed_once_and_the_request_replayed(signed_in: Installation) -> None:
    signed_in.sandbox.faults.add("adAnalytics", "unauthorized", nth=4, code="EXPIRED_ACCESS_TOKEN")

    code, outcome = signed_in.outcome()

    assert code == 0, outcome
    assert signed_in.sandbox.requests.count("accessToken") == 1
    assert differences(signed_in) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        ("drop", {}),
        pytest.param(("bad_gzip", {}), marks=pytest.mark.sweep),
        ("status", {"status": 400, "body": '{"error":"\\ud800","error_description":"\\u0000"}'}),
    ],
    ids=lambda fault: f"{fault[0]} {fault[1].get('status', '')}".strip(),
)
def test_where_linkedin_cannot_be_asked_about_a_token_it_is_used_all_the_same(
    signed_in: Installation, fault: tuple[str, dict[str, Any]]
) -> None:
    signed_in.sandbox.faults.add("introspectToken", fault[0], times=None, **fault[1])

    code, outcome = signed_in.outcome()

    assert code == 0, outcome
    assert differences(signed_in) == []


@pytest.mark.slow
def test_a_token_that_cannot_be_renewed_for_the_moment_ends_the_run_and_keeps_the_parts(
    signed_in: Installation,
) -> None:
    """Asked by every request in turn, LinkedIn's sign-in would be hammered while it is down."""
    signed_in.sandbox.faults.add("adAnalytics", "unauthorized", nth=4, times=None)
    signed_in.sandbox.faults.add("accessToken", "status", status=503, times=None)

    code, outcome = signed_in.outcome()

    assert (code, isinstance(outcome, LinkedInAPIError)) == (70, True), outcome
    assert signed_in.sandbox.requests.count("accessToken") <= 10
    kept = on_disk(signed_in.unfinished()[0])
    signed_in.sandbox.faults.clear()
    signed_in.sandbox.requests.clear()
    assert signed_in.sync().exit_code == 0
    assert kept
    assert not asked(signed_in.requests()) & kept
    assert differences(signed_in) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "refreshable", slow_except(True, of=[True, False]), ids=["consent withdrawn", "no refresh token"]
)
def test_where_nothing_can_be_renewed_a_person_is_asked_and_the_parts_are_kept(
    signed_in: Installation, refreshable: bool
) -> None:
    sign_in(signed_in, refreshable=refreshable)
    signed_in.sandbox.faults.add("adAnalytics", "unauthorized", nth=4, times=None)
    signed_in.sandbox.faults.add("accessToken", "status", status=400, times=None, body='{"error":"invalid_grant"}')

    code, outcome = signed_in.outcome()

    assert code == 77, outcome
    assert isinstance(outcome, WorkbenchError)
    assert "auth login" in outcome.next_step
    kept = on_disk(signed_in.unfinished()[0])
    assert kept
    signed_in.sandbox.faults.clear()
    signed_in.sandbox.requests.clear()
    sign_in(signed_in, refreshable=True)
    assert signed_in.sync().exit_code == 0
    assert asked(signed_in.requests()) & kept == {("ad_accounts", 0, None)}  # this sign-in may have others
    assert differences(signed_in) == []


def test_a_missing_sign_in_is_found_before_linkedin_is_asked(signed_in: Installation) -> None:
    (signed_in.folder / "home" / "token.json").unlink()

    code, outcome = signed_in.outcome()

    assert (code, type(outcome).__name__) == (77, "AuthenticationError")
    assert signed_in.requests() == []
    assert not signed_in.snapshot_dir.exists()


@pytest.mark.slow
def test_a_sign_in_with_fewer_scopes_says_which_figures_it_cannot_read(installation: Installation) -> None:
    installation.token = installation.sandbox.issue_token(scopes=["r_ads"])

    code, outcome = installation.outcome()

    assert code == 10, outcome
    error = outcome.error  # type: ignore[union-attr]  # a report
    assert error is not None
    assert "403" in error.why
    assert "scope" in error.next_step
    assert installation.value("select count(*) from campaign_daily_metrics") == 0
    assert installation.table("campaigns") == installation.sandbox.truth.campaigns()
    installation.token = installation.sandbox.issue_token()
    assert installation.sync().exit_code == 0
    assert differences(installation) == []


# --- a token file that cannot be used ---------------------------------------------------------------------------------


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere.json"))
    path.symlink_to(path.with_name("elsewhere.json"))


FILES: dict[str, tuple[Callable[[Path], Any], int]] = {
    "torn": (lambda path: path.write_bytes(path.read_bytes()[:-20]), 77),
    "another program's JSON": (lambda path: path.write_text('{"access_token": "geheim-4711"}'), 77),
    "readable by others": (lambda path: path.chmod(0o644), 70),
    "a symbolic link": (_link, 70),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", some_slow("torn", slow=["a symbolic link"], of=FILES))
def test_a_token_file_that_cannot_be_used_is_found_before_linkedin_is_asked(signed_in: Installation, kind: str) -> None:
    damage, expected = FILES[kind]
    damage(signed_in.folder / "home" / "token.json")
    signed_in.sandbox.requests.clear()

    code, outcome = signed_in.outcome()

    assert code == expected, outcome
    assert isinstance(outcome, WorkbenchError)
    assert outcome.what
    assert outcome.why
    assert outcome.next_step
    assert "geheim" not in str(outcome)
    assert signed_in.sandbox.requests.entries == []
    assert not signed_in.snapshot_dir.exists()
    sign_in(signed_in, refreshable=True)
    assert signed_in.sync().exit_code == 0
    assert differences(signed_in) == []


@pytest.mark.slow
def test_a_token_that_was_issued_just_now_is_given_time_to_be_accepted(signed_in: Installation) -> None:
    sign_in(signed_in, refreshable=True, age=timedelta())
    signed_in.sandbox.requests.clear()
    signed_in.sandbox.faults.add("adAccounts", "unauthorized", times=2)

    code, outcome = signed_in.outcome()

    assert code == 0, outcome
    assert signed_in.sandbox.requests.count("accessToken") == 0
    assert differences(signed_in) == []
