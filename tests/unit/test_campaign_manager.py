"""The addresses of Campaign Manager, written in one place."""

from __future__ import annotations

from workbench.analytics.campaign_manager import campaign_manager_url

BASE = "https://www.linkedin.com/campaignmanager/accounts/512345678/campaigns"


def test_every_entity_has_an_address() -> None:
    assert campaign_manager_url(512345678) == BASE
    assert campaign_manager_url(512345678, 187650001) == f"{BASE}/187650001"
    assert campaign_manager_url(512345678, 187650001, 123450001) == f"{BASE}/187650001/creatives/123450001"


def test_an_ad_without_its_ad_set_leads_to_the_account() -> None:
    assert campaign_manager_url(512345678, None, 123450001) == BASE
