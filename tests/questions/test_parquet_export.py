"""Exported Parquet: other engines read the same figures, to the cent; a repeated export changes nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from filelock import FileLock

from workbench.cli.app import main
from workbench.errors import ConfigurationError, StorageError
from workbench.paths import shipped
from workbench.queries import parquet_export
from workbench.queries.api import query
from workbench.queries.parquet_export import columns_of, export_parquet
from workbench.schema.tables import LOADED, MONTHLY, campaign_daily_metrics
from workbench.snapshots.parquet_cache import Cache

SAMPLE = shipped("snapshots", "sample")
Spend = dict[int, Decimal]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "ads"
    export_parquet(SAMPLE, folder, Cache(tmp_path_factory.mktemp("cache")), versions=True)
    return folder


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def files(folder: Path) -> dict[str, int]:
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in folder.rglob("*.parquet")}


def expected() -> Spend:
    totals = query("kpis_by_account", source="sample", first_day="2020-01-01", last_day="2026-12-31")
    return dict(totals.select("account_id", "cost_in_local_currency").iter_rows())


def test_duckdb_reads_the_figures_of_the_question_to_the_cent(
    exported: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    rows = engine.execute(
        "select account_id, sum(cost_in_local_currency) from read_parquet(?, hive_partitioning = true) group by all",
        [f"{exported}/campaign_daily_metrics/**/*.parquet"],
    ).fetchall()
    assert dict(rows) == expected()


def test_polars_reads_the_figures_of_the_question_to_the_cent(exported: Path) -> None:
    found = (
        pl.scan_parquet(f"{exported}/campaign_daily_metrics/**/*.parquet", hive_partitioning=True)
        .group_by("account_id")
        .agg(pl.col("cost_in_local_currency").sum())
        .collect()
    )
    assert dict(found.iter_rows()) == expected()


def test_each_snapshot_is_there_with_the_age_of_its_figures(exported: Path, engine: duckdb.DuckDBPyConnection) -> None:
    where = f"{exported}/versions/campaign_daily_metrics/**/*.parquet"
    (count,) = engine.execute(
        "select count(distinct snapshot) from read_parquet(?, hive_partitioning = true)", [where]
    ).fetchone() or (0,)
    assert count == 3
    wrong = engine.execute(
        "select count(*) from read_parquet(?, hive_partitioning = true, hive_types = {'snapshot': varchar})"
        " where age <> date_diff('day', date, strptime(snapshot[1:8], '%Y%m%d')::date)",
        [where],
    ).fetchone()
    assert wrong == (0,)


def test_columns_and_comments_are_in_every_file(exported: Path, engine: duckdb.DuckDBPyConnection) -> None:
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    not_in_the_sample = (MONTHLY.name, "lead_forms", "entity_demographics")
    for table in [table for table in LOADED if table.name not in not_in_the_sample]:
        first = next((exported / table.name).rglob("*.parquet"))
        columns = engine.execute("describe select * from read_parquet(?, hive_partitioning = false)", [str(first)])
        assert [row[0] for row in columns.fetchall()] == list(columns_of(table))
        assert manifest["tables"][table.name] == {"account_id": "bigint", **columns_of(table)}
        about: dict[Any, Any] = dict(
            engine.execute("select key, value from parquet_kv_metadata(?)", [str(first)]).fetchall()
        )
        assert about[b"table"].decode() == table.comment
        assert about[b"account_id"].decode() == table.columns["account_id"].comment


def test_a_repeated_export_replaces_nothing_and_puts_back_what_is_gone(tmp_path: Path) -> None:
    folder, cache = tmp_path / "ads", Cache(tmp_path / "cache")
    first = export_parquet(SAMPLE, folder, cache)
    before = files(folder)
    assert first.written == len(before)

    second = export_parquet(SAMPLE, folder, cache)
    assert (second.written, second.kept, second.removed) == (0, len(before), 0)
    assert files(folder) == before

    lost, changed = sorted((folder / campaign_daily_metrics.name).rglob("*.parquet"))[:2]
    lost.unlink()
    changed.write_bytes(b"torn")
    stale = folder / campaign_daily_metrics.name / "account_id=1" / "month=2020-01" / "data_0.parquet"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"old")
    third = export_parquet(SAMPLE, folder, cache)
    assert (third.written, third.removed) == (2, 1)
    assert files(folder).keys() == before.keys()


def test_the_manifest_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    folder, cache = tmp_path / "ads", Cache(tmp_path / "cache")
    with monkeypatch.context() as broken:
        broken.setattr(parquet_export, "sync_folder", killed)
        with pytest.raises(KeyboardInterrupt):
            export_parquet(SAMPLE, folder, cache)
    assert not (folder / "manifest.json").exists()
    export_parquet(SAMPLE, folder, cache)
    assert (folder / "manifest.json").exists()
    assert not (folder / ".unfinished").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "one.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="not a folder for an export"):
        export_parquet(SAMPLE, folder, Cache(tmp_path / "cache"))
    assert [path.name for path in folder.iterdir()] == ["one.txt"]


def test_the_command_refuses_a_url_and_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", "parquet", "s3://bucket/ads", "--source", "sample"])
    assert ended.value.code == 78
    with pytest.raises(SystemExit) as ended:
        main(["export", "parquet", str(tmp_path / "ads"), "--source", "sample"])
    assert ended.value.code == 0
    assert "files written" in capsys.readouterr().out


def test_of_two_exports_into_one_folder_the_second_is_refused_and_takes_nothing_away(tmp_path: Path) -> None:
    folder, cache = tmp_path / "ads", Cache(tmp_path / "cache")
    export_parquet(SAMPLE, folder, cache)
    before = sorted(folder.rglob("*.parquet"))
    with FileLock(folder / ".export.lock"):
        (folder / ".unfinished").mkdir()
        with pytest.raises(StorageError, match="Another export is writing"):
            export_parquet(SAMPLE, folder, cache)

        assert (folder / ".unfinished").exists()
    assert sorted(folder.rglob("*.parquet")) == before
