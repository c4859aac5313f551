"""What a page left open makes of what it sees: which sync is news, and when it draws its figures anew by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from workbench.pages.components.sync_banner import Noticed, first, must_redraw, then
from workbench.pages.sync_status import Glance

BEFORE, LATER = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)
QUIET = Glance(status="done", finished_at=BEFORE)
RUNS = Glance("running", "running", BEFORE, "workbench sync")
GONE = Glance(out_of_reach=True)
NEVER = Glance()


def story(*glances: Glance, failed: bool = False) -> list[str]:
    """What is noticed, glance by glance, from the first on."""
    noticed = first(glances[0])
    seen: list[str] = [noticed.seen]
    for glance in glances[1:]:
        noticed = then(noticed, glance, failed=failed)
        seen.append(noticed.seen)
    return seen


@pytest.mark.parametrize(
    ("glances", "seen"),
    [
        ((NEVER, NEVER), ["quiet", "quiet"]),
        ((QUIET, RUNS, Glance(status="done", finished_at=LATER)), ["quiet", "running", "ended"]),
        ((QUIET, RUNS, Glance(status="partial", finished_at=LATER)), ["quiet", "running", "ended"]),
        ((QUIET, RUNS, Glance(status="interrupted", finished_at=LATER)), ["quiet", "running", "stopped"]),
        ((RUNS, Glance("silent", "running", BEFORE)), ["running", "stopped"]),
        ((QUIET, Glance(status="done", finished_at=LATER)), ["quiet", "ended"]),  # began and ended between two looks
        ((NEVER, Glance(status="done", finished_at=LATER)), ["quiet", "ended"]),
        ((QUIET, GONE, QUIET), ["quiet", "gone", "quiet"]),
        ((QUIET, GONE, Glance(status="done", finished_at=LATER)), ["quiet", "gone", "ended"]),
    ],
)
def test_a_sync_is_news_when_it_runs_and_when_it_has_ended(glances: tuple[Glance, ...], seen: list[str]) -> None:
    assert story(*glances) == seen
    assert story(*glances, glances[-1])[-1] == seen[-1]  # what was said stays said


@pytest.mark.parametrize(
    ("before", "glance", "failed", "redrawn"),
    [
        (Noticed("quiet", BEFORE), QUIET, False, False),
        (Noticed("quiet", BEFORE), QUIET, True, True),
        (Noticed("quiet", BEFORE, tried=True), QUIET, True, False),  # it is not the database: no use in trying again
        (Noticed("gone", BEFORE), QUIET, True, True),
        (Noticed("gone", BEFORE), QUIET, False, True),
        (Noticed("gone", BEFORE), GONE, True, False),
        (Noticed("quiet", BEFORE), GONE, True, False),
        (Noticed("quiet", BEFORE), RUNS, False, False),  # figures do not change while a person reads them
    ],
)
def test_figures_are_drawn_anew_only_in_the_place_of_a_failure(
    before: Noticed, glance: Glance, failed: bool, redrawn: bool
) -> None:
    assert must_redraw(before, then(before, glance, failed=failed), failed=failed) == redrawn


def test_after_an_outage_a_failure_is_tried_again() -> None:
    noticed: Any = Noticed("quiet", BEFORE, tried=True)
    noticed = then(noticed, GONE, failed=True)
    assert must_redraw(noticed, then(noticed, QUIET, failed=True), failed=True)
