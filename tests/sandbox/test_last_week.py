"""In the believable world's last week settings change, an ad is paused, and LinkedIn corrects figures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from workbench.sandbox.clock import Clock
from workbench.sandbox.world.believable import stories
from workbench.sandbox.world.world import World

ANCHOR = date(2026, 11, 30)
WEEK = timedelta(days=7)
SETTINGS = ("name", "unitCost", "dailyBudget", "intendedStatus", "status")


def _world(size: str, today: date) -> World:
    return World(world="believable", size=size, clock=Clock(today), anchor=ANCHOR)


def _settings(world: World) -> dict[tuple[str, int, str], object]:
    found = {}
    for account in world.listed_accounts():
        lists = {
            "groups": world.listed_groups,
            "campaigns": world.listed_campaigns,
            "creatives": world.listed_creatives,
        }
        for kind, listed in lists.items():
            for entity in listed(account.id):
                found |= {(kind, entity.id, name): entity.element.get(name) for name in SETTINGS}
    return found


@pytest.mark.parametrize("size", ["small", "medium"])
def test_four_settings_change_in_the_last_week(size: str) -> None:
    before, after = _settings(_world(size, ANCHOR - WEEK)), _settings(_world(size, ANCHOR))
    changed = {(kind, name) for (kind, entity, name), value in after.items() if before[kind, entity, name] != value}
    assert changed == {
        ("campaigns", "unitCost"),
        ("campaigns", "dailyBudget"),
        ("groups", "name"),
        ("creatives", "intendedStatus"),
    }


def test_a_paused_ad_delivers_until_it_is_paused() -> None:
    world = _world("small", ANCHOR)
    paused = [ad for ad in world.creatives.values() if ad.element["intendedStatus"] == "PAUSED"]
    assert paused == []
    world.listed_accounts()
    (ad,) = [ad for ad in world.creatives.values() if ad.element["intendedStatus"] == "PAUSED"]
    last = max(day for day, _ in world.days(ad, ANCHOR - WEEK, ANCHOR))
    assert last == ANCHOR.toordinal() - stories.PAUSED_DAYS - 1


def test_an_ad_is_not_listed_before_it_was_made() -> None:
    world = _world("medium", ANCHOR - timedelta(days=35))
    listed = [ad for account in world.listed_accounts() for ad in world.listed_creatives(account.id)]
    today = (ANCHOR - timedelta(days=34)).strftime("%s")
    assert len(listed) < len(world.creatives)
    assert all(ad.element["createdAt"] < int(today) * 1000 + 86_400_000 for ad in listed)


def test_a_correction_is_not_known_before_its_day() -> None:
    (one,) = _world("small", ANCHOR)._invention.corrections

    def spent(today: date) -> int:
        world = _world("small", today)
        ads = [ad for ad in world.creatives.values() if ad.campaign_id == one.campaign_id]
        first, last = date.fromordinal(one.first), date.fromordinal(one.last)
        return sum(row.cost_in_local_currency for ad in ads for _, row in world.days(ad, first, last))

    before, after = spent(date.fromordinal(one.day - 1)), spent(date.fromordinal(one.day))
    assert after / before == pytest.approx(one.percent / 100, abs=0.001)
