"""What the state of an account says of what its figures need."""

from __future__ import annotations

import pytest

from workbench.pipeline.fetch.account_state import AccountState

IMAGE = {"id": 7, "format": "STANDARD_UPDATE", "objectiveType": "LEAD_GENERATION"}
VIDEO = {"id": 8, "format": "SINGLE_VIDEO", "objectiveType": "VIDEO_VIEWS"}


def ad_of(campaign_id: int) -> dict[str, object]:
    return {"id": "urn:li:sponsoredCreative:1", "campaign": f"urn:li:sponsoredCampaign:{campaign_id}"}


@pytest.mark.parametrize(
    ("campaigns", "ads", "asked"),
    [
        ([], [], False),
        ([IMAGE], [ad_of(7)], False),
        ([IMAGE, VIDEO], [ad_of(7)], True),
        ([IMAGE], [ad_of(9)], True),
        ([], [ad_of(9)], True),
    ],
    ids=["empty", "no video", "a video", "an unlisted ad set", "none listed, and ads name one"],
)
def test_figures_of_videos_are_asked_for_where_a_video_is_listed_or_an_ad_set_is_not(
    campaigns: list[dict[str, object]], ads: list[dict[str, object]], asked: bool
) -> None:
    account = AccountState(1)
    account.add_records("campaigns", campaigns)
    account.add_records("creatives", ads)

    assert account.may_have_videos() is asked
