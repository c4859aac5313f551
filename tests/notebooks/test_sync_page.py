"""The sync page and its script: started, watched, found again, cancelled, and honest about what failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from report_pages import CHECKOUT, SECONDS, Pages, cell_errors, run_script
from sqlalchemy import URL

from workbench.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(size="small", any_loopback_redirect=True) as sandbox:
        yield sandbox


@pytest.fixture
def environment(sandbox: Sandbox, database_url: URL, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url.render_as_string(hide_password=False),
        "WORKBENCH_HOME": str(tmp_path / "home"),
        "SNAPSHOT_DIR": str(tmp_path / "snapshots"),
        "LINKEDIN_API_URL": sandbox.url,
        "LINKEDIN_OAUTH_URL": sandbox.url,
        "LINKEDIN_ACCESS_TOKEN": sandbox.issue_token(),
        "LINKEDIN_REQUESTS_PER_SECOND": "1000",
    }


def until(condition: Callable[[], Any], *, seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return value


def opened(tabs: BrowserContext, pages: Pages) -> tuple[Page, list[str]]:
    page, said = pages.tab(tabs)
    page.goto(f"{pages.origin}/sync/")
    page.get_by_role("button", name="Sync now", exact=True).wait_for(timeout=SECONDS)
    return page, said


@pytest.mark.slow
def test_the_script_syncs_and_ends_with_zero(sandbox: Sandbox, environment: dict[str, str]) -> None:
    ran = run_script("sync", "--days", "30", environment=environment)
    assert (ran.returncode, ran.stderr.count("Traceback")) == (0, 0)
    first = date.today() - timedelta(30)  # noqa: DTZ011  (the sandbox's day is this machine's)
    assert "Everything is up to date: " in ran.stdout
    assert len(sandbox.truth.campaign_daily_metrics(first, sandbox.clock.today)) > 0


@pytest.mark.slow
def test_the_script_says_who_must_sign_in_and_what_is_no_argument(environment: dict[str, str]) -> None:
    nobody = run_script("sync", environment={**environment, "LINKEDIN_ACCESS_TOKEN": ""})
    wrong = run_script("sync", "--dayz", "3", environment=environment)
    assert (nobody.returncode, "Not signed in to LinkedIn." in nobody.stderr) == (77, True)
    assert wrong.returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_script_stops_cleanly_at_a_signal(
    sandbox: Sandbox, environment: dict[str, str], number: signal.Signals
) -> None:
    sandbox.faults.add(".", "slow", seconds=1.0, times=None)
    process = subprocess.Popen(
        [sys.executable, str(CHECKOUT / "notebooks" / "sync.py"), "--", "--days", "30"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        until(lambda: sandbox.requests.count() > 2)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
    assert (process.returncode, "Interrupted; what was fetched is kept" in said) == (130, True)


@pytest.mark.browser
def test_a_click_syncs_to_the_end_and_a_reload_finds_it_again(
    sandbox: Sandbox, environment: dict[str, str], tabs: BrowserContext
) -> None:
    sandbox.faults.add(".", "slow", seconds=0.3, times=None)
    with Pages("sync", environment=environment) as pages:
        page, said = opened(tabs, pages)
        page.get_by_text("Nothing has been synced yet.").wait_for(timeout=SECONDS)
        page.get_by_role("button", name="Sync now", exact=True).click()
        page.get_by_text("Syncing since").wait_for(timeout=SECONDS)
        page.get_by_label("Ask for").select_option(label="Last 30 days")  # inputs stay live
        page.reload()
        page.get_by_text("Syncing since").wait_for(timeout=SECONDS)
        expect(page.get_by_role("button", name="Sync now", exact=True)).to_be_disabled()
        page.get_by_text("Everything is up to date.").wait_for(timeout=SECONDS)
        names = [row["name"] for row in sandbox.truth.ad_accounts()]
        cells = page.locator('[data-cell-name="state"] table tbody tr td:first-child').all_inner_texts()
        assert sorted(cells) == sorted(" ".join(name.split()) for name in names)
        expect(page.get_by_role("button", name="Sync now", exact=True)).to_be_enabled()
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.mark.browser
def test_any_page_cancels_a_sync_that_another_process_started(
    sandbox: Sandbox, environment: dict[str, str], tabs: BrowserContext
) -> None:
    sandbox.faults.add(".", "slow", seconds=5.0, times=None)
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "sync"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: sandbox.requests.count() > 2)
        with Pages("sync", environment=environment) as pages:
            page, said = opened(tabs, pages)
            page.get_by_text("Syncing since").wait_for(timeout=SECONDS)
            page.get_by_role("button", name="Cancel", exact=True).click()
            page.get_by_text("The last sync was interrupted.").wait_for(timeout=SECONDS)
            assert (process.wait(120), cell_errors(page), said) == (130, 0, [])
            page.close()
    finally:
        process.kill()


@pytest.mark.browser
def test_an_account_that_failed_is_named_with_why_and_what_next(
    sandbox: Sandbox, environment: dict[str, str], tabs: BrowserContext
) -> None:
    account = sandbox.truth.ad_accounts()[0]["account_id"]
    sandbox.faults.add(f"/adAccounts/{account}/adCampaigns", "status", status=403, times=None)
    with Pages("sync", environment=environment) as pages:
        page, said = opened(tabs, pages)
        page.get_by_role("button", name="Sync now", exact=True).click()
        page.get_by_text("Up to date, but not everything.").wait_for(timeout=SECONDS)
        alert = page.get_by_role("alert").first.inner_text()
        assert [word in alert for word in (str(account), "Why", "Next")] == [True, True, True]
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.mark.browser
def test_a_refusal_before_the_first_request_is_shown_in_three_parts(
    environment: dict[str, str], tabs: BrowserContext
) -> None:
    with Pages("sync", environment={**environment, "LINKEDIN_ACCESS_TOKEN": ""}) as pages:
        page, said = opened(tabs, pages)
        page.get_by_role("button", name="Sync now", exact=True).click()
        alert = page.get_by_role("alert")
        alert.wait_for(timeout=SECONDS)
        assert "Not signed in to LinkedIn." in alert.inner_text()
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.mark.browser
def test_signing_in_through_the_consent_page_makes_the_first_step_done(
    sandbox: Sandbox, environment: dict[str, str], tabs: BrowserContext, unused_port: int
) -> None:
    app = {
        "LINKEDIN_ACCESS_TOKEN": "",
        "LINKEDIN_CLIENT_ID": sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": sandbox.client_secret,
        "LINKEDIN_REDIRECT_URI": f"http://localhost:{unused_port}/callback",
    }
    with Pages("start", "sync", environment={**environment, **app}) as pages:
        page, said = pages.tab(tabs)
        page.goto(f"{pages.origin}/start/")
        page.get_by_role("button", name="Sign in to LinkedIn").click(timeout=SECONDS)
        link = page.get_by_role("link", name="Open LinkedIn’s consent page")
        with page.context.expect_page(timeout=SECONDS) as opening:
            link.click(timeout=SECONDS)
        opening.value.get_by_role("button", name="Allow").click(timeout=SECONDS)
        page.get_by_text("Connected to LinkedIn.").wait_for(timeout=SECONDS)
        steps = page.locator('[data-cell-name="steps"] .wb-step')
        expect(steps.nth(0)).to_contain_text("done")
        expect(steps.nth(1)).to_contain_text("required")
        page.get_by_text("Access token: 59 days left.").wait_for(timeout=SECONDS)
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.fixture
def unused_port() -> int:
    from workbench.web.server import free_port

    return free_port()
