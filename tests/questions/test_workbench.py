"""A `Workbench` owns what it opens, asks only what it may, and lists what can be asked."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import polars as pl
import pytest

import workbench
from workbench import Workbench, query, questions
from workbench.answers.catalogue import FRAMES
from workbench.errors import StorageError, ValidationError
from workbench.paths import shipped
from workbench.queries.engines import ask_duckdb
from workbench.queries.result_cache import TimedCache
from workbench.queries.sources import Source
from workbench.queries.sql_files import POLARS_TYPES, catalogue
from workbench.settings.fields import Settings


def settings(folder: Path) -> Settings:
    return Settings(_env_file=None, WORKBENCH_HOME=folder / "home", SNAPSHOT_DIR=folder)


@pytest.fixture
def filled(tmp_path: Path) -> Settings:
    """Settings of an installation whose snapshots are the sample."""
    folder = tmp_path / "filled"
    shutil.copytree(shipped("snapshots", "sample"), folder)
    return settings(folder)


def test_two_workbenches_in_one_process_ask_their_own_folders(filled: Settings, tmp_path: Path) -> None:
    with Workbench(filled) as full, Workbench(settings(tmp_path / "none")) as empty:
        assert full.query("accounts", source="snapshots").equals(query("accounts", source="sample"))
        assert full.answer("pacing", source="snapshots").frame.height
        with pytest.raises(StorageError) as refused:
            empty.query("accounts", source="snapshots")
        assert refused.value.nothing_synced


def test_a_closed_workbench_holds_nothing_and_opens_again_when_asked(filled: Settings) -> None:
    bench = Workbench(filled)
    before = bench.query("accounts", source="snapshots")
    bench.close()

    assert not bench._queries._snapshots._states._open
    assert not bench._queries._answers._frames
    assert bench.query("accounts", source="snapshots").equals(before)


def test_a_question_that_many_ask_at_once_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What visitors of a page share; `apps/test_shared_work.py` counts the same at the database's door."""
    answered: list[str] = []
    visitors = Barrier(6)

    def ask(*given: Any, **options: Any) -> pl.DataFrame:
        answered.append("")
        time.sleep(0.1)  # the others come meanwhile
        return ask_duckdb(*given, **options)

    monkeypatch.setattr("workbench.queries.api.ask_duckdb", ask)
    with Workbench(settings(tmp_path)) as bench, ThreadPoolExecutor(visitors.parties) as threads:
        frames = list(threads.map(lambda _: visitors.wait() < 0 or bench.query("accounts", source="sample"), range(6)))

    assert len(answered) == 1
    assert all(frame.equals(frames[0]) for frame in frames)


@pytest.mark.parametrize("source", ["database", "sample"])
def test_a_source_that_is_not_allowed_is_not_asked(filled: Settings, source: Source) -> None:
    bench = Workbench(filled, sources=["snapshots"])

    for ask in (lambda: bench.query("accounts", source=source), lambda: bench.connect(source)):
        with pytest.raises(StorageError, match="asked here"):
            ask()
    assert bench.query("accounts", source="snapshots").height


def test_connecting_to_what_is_no_source_says_so() -> None:
    with pytest.raises(ValidationError, match="'cloud' is not a source"):
        workbench.connect("cloud")  # type: ignore[call-overload]


def test_every_question_and_answer_is_listed_with_its_frames_types_and_units() -> None:
    listed = {one.name: one for one in questions()}

    assert [name for name, one in listed.items() if one.kind == "question"] == list(catalogue())
    assert {frame for one in listed.values() if one.kind == "answer" for frame in one.frames} == set(FRAMES)
    kpis = {column.name: column for column in listed["kpis"].columns}
    assert (kpis["cost_in_local_currency"].type, kpis["cost_in_local_currency"].unit) == ("numeric", "account currency")
    assert {one.name: one.optional for one in listed["pacing"].parameters}["monthly_plan"]
    assert listed["maturity"].sources == ("database", "snapshots", "sample")
    assert listed["new_days"].sources == ("snapshots",)
    assert [one.name for one in listed["new_days"].parameters][-2:] == ["before", "after"]


def test_the_listed_columns_are_those_of_the_frame() -> None:
    listed = {one.name: one for one in questions()}

    for name in ("accounts", "pacing"):
        frame = query(name, source="sample")
        assert [column.name for column in listed[name].columns] == frame.columns
        for column in listed[name].columns:
            expected = POLARS_TYPES.get(column.type)
            assert expected is None or frame.schema[column.name] == expected


def test_a_value_is_reused_for_the_seconds_that_the_caller_names() -> None:
    now, asked = [0.0], []
    cache: TimedCache[int] = TimedCache(clock=lambda: now[0])

    def ask() -> int:
        asked.append(now[0])
        return len(asked)

    assert [cache.get("a", ask, seconds=1), cache.get("a", ask, seconds=1)] == [1, 1]
    assert cache.get("b", ask, seconds=1) == 2
    now[0] = 1.0
    assert cache.get("a", ask, seconds=1) == 3
    assert cache.get("a", ask, seconds=0) == 4


def test_every_name_of_the_front_door_is_there() -> None:
    for name in workbench.__all__:
        assert getattr(workbench, name).__doc__, name
    assert isinstance(workbench.query("accounts", source="sample"), pl.DataFrame)
