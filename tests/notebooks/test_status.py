"""Is everything in order: what a person must do is shown with its remedy, and readers learn nothing from inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from browsers import MILLISECONDS, cell_errors
from installations import rows_of, run_page, served, settings_of, synced
from playwright.sync_api import BrowserContext
from sync.installation import Installation

from workbench.database import embedded
from workbench.diagnostics.status import Coverage, DatabaseFacts, Health, SignInFacts, SyncFacts, Trouble
from workbench.linkedin.api_versions import countdown
from workbench.pages import status, status_rows
from workbench.web.server import free_port

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
INSIDE = "connection to server on socket /home/mia/run failed"


@pytest.fixture(scope="module")
def synced_installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with synced(server, tmp_path_factory.mktemp("status")) as installation:
        yield installation


def _signed_in(*, access: timedelta, refresh: timedelta | None = None) -> SignInFacts:
    return SignInFacts(
        "file",
        Path("/home/mia/token.json"),
        access_token_expires_at=NOW + access,
        access_token_days=max(access.days, 0),
        has_refresh_token=refresh is not None,
        refresh_token_expires_at=NOW + refresh if refresh else None,
        refresh_token_days=refresh.days if refresh else None,
        has_app=True,
    )


def _sync(status: str, **facts: object) -> SyncFacts:
    about = {"heartbeat_at": NOW, "finished_at": NOW, "window": (date(2026, 8, 26), date(2026, 11, 24))}
    rest = {"api_calls": 7, "silent": False, "steps": {"done": 3}, "unfinished_steps": (), "error": None}
    return SyncFacts("20261124T060000Z", "cli", status, NOW, **{**about, **rest, **facts})  # type: ignore[arg-type]


def _health(**facts: object) -> Health:
    ready = {
        "sign_in": _signed_in(access=timedelta(50), refresh=timedelta(300)),
        "linkedin_version": countdown("202607", NOW.date()),
        "database": DatabaseFacts("embedded/linkedin_ads", True, "current", "0001", "0001", "18.4"),
        "syncs": (_sync("done"),),
        "coverage": (_covered(),),
        "coverage_from": "database",
    }
    return Health("0.1.0", NOW, **{**ready, **facts})  # type: ignore[arg-type]


def _covered(**facts: object) -> Coverage:
    about: dict[str, object] = {
        "account_id": 5,
        "account_name": "Fjord",
        "resource": "campaign_daily_metrics",
        "first_day": date(2026, 8, 26),
        "last_day": date(2026, 11, 24),
        "complete_through": date(2026, 11, 23),
        "holes": (),
        "newest_snapshot": "20261124T060000Z",
    }
    return Coverage(**{**about, **facts})  # type: ignore[arg-type]


# --- what needs a person -------------------------------------------------------------------------------------------


def test_an_installation_in_order_has_no_findings() -> None:
    assert status.findings(_health(), readers=False) == []
    assert status.findings(_health(), readers=True) == []


@pytest.mark.parametrize(
    ("facts", "level", "what", "next_step"),
    [
        ({"sign_in": _signed_in(access=timedelta(-2))}, "problem", "The sign-in ended on 22 Nov 2026.", "Sign in"),
        (
            {"sign_in": _signed_in(access=timedelta(50), refresh=timedelta(10))},
            "warning",
            "The sign-in ends in 10 days.",
            "Sign in",
        ),
        ({"linkedin_version": countdown("202511", NOW.date())}, "problem", "LinkedIn ended version 202511", "LINKEDIN"),
        ({"syncs": (), "coverage": ()}, "warning", "Nothing has been synced yet.", "workbench sync"),
        ({"syncs": (_sync("partial"),)}, "warning", "Sync 20261124T060000Z ended as partial.", "workbench sync"),
        (
            {"coverage": (_covered(holes=((date(2026, 9, 1), date(2026, 9, 3)),)),)},
            "warning",
            "3 days of campaign_daily_metrics are missing for account 5.",
            "--from 2026-09-01 --to 2026-09-03",
        ),
        (
            {
                "database": DatabaseFacts(
                    "db", False, "unreachable", "0001", trouble=Trouble("It.", INSIDE, "Start it.")
                )
            },
            "problem",
            "The database does not answer.",
            "Start it.",
        ),
    ],
)
def test_each_finding_has_its_remedy(facts: dict[str, object], level: str, what: str, next_step: str) -> None:
    (found,) = status.findings(_health(**facts), readers=False)

    assert found.level == level
    assert found.what.startswith(what)
    assert next_step in found.next_step


def test_readers_learn_how_fresh_the_data_is_and_nothing_from_inside() -> None:
    trouble = Trouble("Stopped.", INSIDE, "Look into /home/mia.")
    health = _health(
        sign_in=None,
        database=DatabaseFacts("mia@db.internal/ads", False, "unreachable", "0001", trouble=trouble),
        syncs=(_sync("failed", error=trouble),),
    )

    shown = repr(
        [
            status.findings(health, readers=True),
            status_rows.tiles(health, readers=True),
            status_rows.sync_rows(health, readers=True),
            status_rows.coverage_rows(health),
        ]
    )

    assert not [word for word in ("mia", "internal", "socket", "oken", "Sign-in") if word in shown]
    assert "The database does not answer." in shown
    assert ("Complete until", "23 Nov 2026", "yesterday") in status_rows.tiles(health, readers=True)


def test_an_account_that_was_never_fetched_and_one_with_a_hole_look_different() -> None:
    hole = (date(2026, 9, 1), date(2026, 9, 1))
    nothing = {"first_day": None, "last_day": None, "complete_through": None, "newest_snapshot": None}
    health = _health(coverage=(_covered(holes=(hole,)), _covered(account_id=6, **nothing)))

    rows = {row["Account"]: row["Ad set figures"] for row in status_rows.coverage_rows(health)}

    assert rows == {
        "Fjord (5)": "26 Aug – 23 Nov 2026; missing: 1 Sep 2026",
        "Fjord (6)": "never fetched",
    }


# --- as a script ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_as_a_script_it_prints_what_the_status_command_prints(synced_installation: Installation) -> None:
    ran = run_page("status", settings=settings_of(synced_installation), folder=synced_installation.folder)

    printed = {" ".join(line.split()) for line in ran.stdout.splitlines()}
    truth = synced_installation.sandbox.truth
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"campaigns {len(truth.campaigns()):,}" in printed
    assert f"campaign_daily_metrics {len(truth.campaign_daily_metrics(*synced_installation.window)):,}" in printed


@pytest.mark.slow
def test_settings_that_cannot_be_used_are_said_instead_of_a_traceback(tmp_path: Path) -> None:
    ran = run_page("status", settings={"SYNC_DAYS": "many", "WORKBENCH_HOME": str(tmp_path)}, folder=tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "SYNC_DAYS" in ran.stdout


# --- in the browser -------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_shows_the_truth_without_a_complaint(synced_installation: Installation, tabs: BrowserContext) -> None:
    truth, settings = synced_installation.sandbox.truth, settings_of(synced_installation)
    with served(["status"], settings=settings, folder=synced_installation.folder) as app:
        page, said = app.tab(tabs, width=1300, height=1000)
        page.goto(f"{app.origin}/status/")
        page.locator(".wb-foot").wait_for(timeout=MILLISECONDS)

        rows = dict(row for row in rows_of(page, "tables"))
        accounts = [row[0] for row in rows_of(page, "coverage")]
        assert rows["campaigns"] == f"{len(truth.campaigns()):,}"
        assert rows["audience_demographics"] == f"{len(truth.audience_demographics(*synced_installation.window)):,}"
        assert accounts == [f"{row['name']} ({row['account_id']})" for row in truth.ad_accounts()]
        assert page.get_by_text("There is no sign-in to LinkedIn.").is_visible()
        assert (said, cell_errors(page)) == ([], 0)


@pytest.mark.browser
def test_readers_see_no_path_and_nothing_of_the_sign_in_and_a_lost_database_is_a_calm_page(
    tmp_path: Path, tabs: BrowserContext
) -> None:
    lost = {"DATABASE_URL": f"postgresql://mia:hunter2@127.0.0.1:{free_port()}/ads"}
    settings = {**lost, "WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "none")}
    with served(["status"], settings=settings, folder=tmp_path, readers=True) as app:
        page, said = app.tab(tabs, width=420, height=900)
        page.goto(f"{app.origin}/status/")
        page.get_by_text("The database does not answer.").wait_for(timeout=MILLISECONDS)

        shown = page.locator("body").inner_text()
        assert not [word for word in (str(tmp_path), "hunter2", "mia", "Sign-in", "token") if word in shown]
        assert (said, cell_errors(page)) == ([], 0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
