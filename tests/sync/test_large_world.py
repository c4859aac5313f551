"""A large world with every group of figures: each table is the truth, account by account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.installation import Installation, Row, new_installation

ENOUGH = 3600.0
SCOPES = ("r_ads", "r_ads_reporting", "r_marketing_leadgen_automation")


@pytest.mark.sweep
def test_every_table_of_a_large_world_is_the_truth(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path, size="large") as installation:
        installation.token = installation.sandbox.issue_token(scopes=SCOPES)
        installation.changes |= {  # with which LinkedIn says what the token may do
            "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
            "LINKEDIN_CLIENT_SECRET": installation.sandbox.oauth.client_secret,
        }

        ran = installation.run("sync", timeout=ENOUGH)
        wrong = [one for account in _accounts(installation) for one in _differences(installation, account)]

        assert (ran.code, wrong) == (0, [])


@pytest.mark.sweep
def test_the_months_of_a_large_account_are_the_truth(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path, size="large") as installation:
        rows = installation.sandbox.truth.campaign_monthly_metrics(*_long_ago(installation))
        months = {account: [row for row in rows if row["account_id"] == account] for account in _accounts(installation)}
        account = max(months, key=lambda one: len(months[one]))
        installation.changes |= {"LINKEDIN_ACCOUNT_IDS": account}

        ran = installation.run("sync", "--from", str(_long_ago(installation)[0]), timeout=ENOUGH)

        assert ran.code == 0, ran.err[-2000:]
        assert _unequal("campaign_monthly_metrics", installation, account, months[account]) == []
        assert months[account]


def _accounts(installation: Installation) -> list[int]:
    return [row["account_id"] for row in installation.sandbox.truth.ad_accounts()]


def _long_ago(installation: Installation) -> tuple[date, date]:
    return installation.today - timedelta(days=400), installation.today


def _differences(installation: Installation, account: int) -> list[str]:
    """Where the tables of one account differ from the truth: one account at a time, as all of them are many rows."""
    true, days, one = installation.sandbox.truth, installation.window, [account]
    expected: Mapping[str, Iterable[Row]] = {
        "campaign_groups": true.campaign_groups(one),
        "campaigns": true.campaigns(one),
        "creatives": true.creatives(one),
        "conversions": true.conversions(one),
        "lead_forms": true.lead_forms(one),
        "campaign_daily_metrics": true.campaign_daily_metrics(*days, one),
        "creative_daily_metrics": true.creative_daily_metrics(*days, one),
        "placement_daily_metrics": true.placement_daily_metrics(*days, one),
        "conversion_daily_metrics": true.conversion_daily_metrics(*days, one),
        "audience_demographics": true.audience_demographics(*days, one),
        "reach_windows": true.reach_windows(one),
    }
    return [found for name, rows in expected.items() for found in _unequal(name, installation, account, list(rows))]


def _unequal(name: str, installation: Installation, account: int, expected: list[Row]) -> list[str]:
    found = installation.table(name, where=f"account_id = {account}")
    if found == expected:
        return []
    pair = next(((one, other) for one, other in zip(found, expected, strict=False) if one != other), None)
    return [f"{name} of {account}: {len(found)} rows instead of {len(expected)}; first {pair}"]
