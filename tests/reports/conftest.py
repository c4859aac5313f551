"""A report of the sample, made once for each module; an installation for reports of a synced sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from sync.installation import Installation, new_installation

from workbench.answers.plan import Plan
from workbench.queries.api import default
from workbench.reports.gather import make_report
from workbench.reports.model import Block, Report
from workbench.reports.scope import Wanted

EMEA = 508310000
PLAN = Plan.model_validate(
    {
        "month": [
            {"account": EMEA, "month": "2026-11", "budget": 36000},
            {
                "account": EMEA,
                "month": "2026-11",
                "objective": "LEAD_GENERATION",
                "results": 150,
                "cost_per_result": 160,
            },
        ]
    }
)


@pytest.fixture
def installation(database_url: URL, tmp_path: Path) -> Iterator[Installation]:
    with new_installation(database_url, tmp_path) as ready:
        yield ready


@pytest.fixture(scope="module")
def report() -> Report:
    """Of one account of the sample, with a plan and next steps."""
    steps = (Block("heading", "Leads <b>first</b>"), Block("item", "Pause & think"))
    return make_report(default, "sample", Wanted((EMEA,)), PLAN, next_steps=steps)
