"""Any JSON at all in place of LinkedIn's answers gives an error of ours, never a crash or a row that was not sent."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from sync.installation import TODAY, Installation, differences, truth
from workbench.database import embedded
from workbench.pipeline.report import SyncReport
from workbench.sandbox import Sandbox
from workbench.sandbox.switches import Quota

WORDS = (
    "elements", "metadata", "nextPageToken", "id", "paging", "dateRange", "pivotValues", "account", "name",
    "status", "code", "serviceErrorCode", "message", "errorDetails",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(max_value=0) | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=4),
    max_leaves=12,
)
# A listing that is empty is one that LinkedIn may send: what it says is true.
ANSWERS = JSON.filter(lambda answer: not (isinstance(answer, dict) and answer.get("elements") == []))
STATUSES = (200, 200, 200, 200, 400, 401, 403, 404, 414, 426, 429, 500)
ENDPOINTS = ("adAccounts", "adCampaignGroups", "adCampaigns", "creatives", "adAnalytics", "adTargetingEntities")


def _bench(server: embedded.EmbeddedServer, url: URL, sandbox: Sandbox, folder: str, number: int) -> Installation:
    name = f"answers_{Path(folder).name[-8:]}_{number}"
    embedded.create_database(server, name, template="template_workbench")
    sandbox.faults.clear()
    return Installation(sandbox, url.set(database=name), Path(folder) / name)


def _whatever(server: embedded.EmbeddedServer, url: URL, examples: int) -> None:
    with Sandbox(today=TODAY) as sandbox, tempfile.TemporaryDirectory(prefix="workbench-answers-") as folder:
        sandbox.switches.entity_quota = Quota(10**9, 10**9)
        sandbox.switches.quotas = {}
        numbers = itertools.count()

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            answer=ANSWERS,
            endpoint=st.sampled_from(ENDPOINTS),
            nth=st.integers(1, 3),
            status=st.sampled_from(STATUSES),
        )
        def holds(answer: Any, endpoint: str, nth: int, status: int) -> None:
            installation = _bench(server, url, sandbox, folder, next(numbers))
            installation.folder.mkdir()
            sandbox.faults.add(endpoint, "html", status=status, body=json.dumps(answer), nth=nth, times=None)
            code, outcome = installation.outcome()
            _is_ours(code, outcome)
            _nothing_is_invented(installation)
            sandbox.faults.clear()
            assert installation.outcome(force=True)[0] == 0
            assert differences(installation) == []

        holds()


def _is_ours(code: int, outcome: Any) -> None:
    assert code in (0, 10, 70, 75, 77, 78), outcome
    error = outcome.error if isinstance(outcome, SyncReport) else outcome
    assert code == 0 or (error.what and error.why and error.next_step)


def _nothing_is_invented(installation: Installation) -> None:
    for name, expected in truth(installation).items():
        if name == "audience_demographics":  # its names may not have come
            expected = [{**row, "segment_name": None} for row in expected]
        shown = [
            {**row, "segment_name": None} if name == "audience_demographics" else row
            for row in installation.table(name)
        ]
        assert [row for row in shown if row not in expected] == []


@pytest.mark.parametrize("examples", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_any_json_in_place_of_an_answer_is_an_error_of_ours(
    server: embedded.EmbeddedServer, database_url: URL, examples: int
) -> None:
    _whatever(server, database_url, examples)


@pytest.mark.sweep
def test_a_hundred_kinds_of_json_in_place_of_answers_are_errors_of_ours(
    server: embedded.EmbeddedServer, database_url: URL
) -> None:
    _whatever(server, database_url, 100)
