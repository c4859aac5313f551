"""Addresses of entities in LinkedIn's Campaign Manager, where people change what the workbench only reads.

LinkedIn does not document these addresses; other public tools write the same.
"""

from __future__ import annotations

_ACCOUNTS = "https://www.linkedin.com/campaignmanager/accounts"


def campaign_manager_url(account_id: int, campaign_id: int | None = None, creative_id: int | None = None) -> str:
    """The address of an ad, of an ad set, or of an account's ad sets.

    Args:
        campaign_id: the ad set; None: the account alone.
        creative_id: the ad, one of this ad set.
    """
    parts = [f"{_ACCOUNTS}/{int(account_id)}/campaigns"]
    if campaign_id is not None:
        parts.append(str(int(campaign_id)))
        if creative_id is not None:
            parts.append(f"creatives/{int(creative_id)}")
    return "/".join(parts)
