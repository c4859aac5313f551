"""Benches by the dozen: one sandbox, and for every case a database and a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain

import pytest
from databases import temporary_database
from folders import open_folder
from sqlalchemy import URL
from sync.installation import TODAY, Installation, truth

from workbench.database import embedded
from workbench.sandbox import Sandbox
from workbench.sandbox.switches import Quota

ROW = "row of the table"
NewBench = Callable[[], AbstractContextManager[Installation]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of cases, failures and seconds, wherever they were counted."""
    rows: dict[str, list[float]] = {}
    for report in chain.from_iterable(map(terminalreporter.getreports, ("passed", "failed"))):
        for name, *counts in (row for word, row in report.user_properties if word == ROW):
            rows[name] = [sum(pair) for pair in zip(rows.get(name, [0, 0, 0]), counts, strict=True)]
    for name, (cases, failures, seconds) in rows.items():
        terminalreporter.write_line(f"{name:<36} {cases:>5} cases {failures:>4} failures {seconds:>7.0f} s")


@pytest.fixture
def new_bench(server: embedded.EmbeddedServer, database_url: URL) -> Iterator[NewBench]:
    place = open_folder("workbench-sweep-")
    with Sandbox(today=TODAY) as sandbox:
        plenty = Quota(10**9, 10**9)  # all cases fall on one day of one member
        sandbox.switches.entity_quota = plenty
        sandbox.switches.quotas = {}
        sandbox.switches.values_per_five_minutes = 10**12
        sandbox.switches.page_limit = 12  # so a listing has several pages, and one of them is read twice
        constant_truth = truth(Installation(sandbox, database_url, place))  # nothing in this world ever changes

        @contextmanager
        def make() -> Iterator[Installation]:
            sandbox.faults.clear()
            sandbox.requests.clear()
            with temporary_database(server) as url:
                folder = place / str(url.database)
                folder.mkdir()
                yield Installation(sandbox, url, folder, constant_truth=constant_truth)
                shutil.rmtree(folder)

        yield make
    shutil.rmtree(place)
