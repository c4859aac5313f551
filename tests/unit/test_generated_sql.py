"""What the catalogue says of metrics stands in every SQL file, and in no file by hand only."""

from __future__ import annotations

from pathlib import Path

import pytest
from cogapp import Cog

from workbench.paths import shipped
from workbench.schema.metrics import BY_DEMOGRAPHIC, STORED

FILES = sorted(shipped("sql").rglob("*.sql"))
WITH_BLOCKS = [*FILES, shipped("sql") / "README.md"]
PROLOGUE = "from workbench.schema import sql_blocks as sql, sql_resource_blocks as resources"
HAND_PICKED = {"audit", "accounts"}  # these questions need some metrics, however many there are


def generated(file: Path, *arguments: str) -> int:
    return Cog().main(["cog", *arguments, "-p", PROLOGUE, str(file)])


@pytest.mark.parametrize("file", WITH_BLOCKS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_file_is_as_the_catalogue_would_write_it(file: Path) -> None:
    assert generated(file, "--check") == 0, "run `poe generate`"


def test_a_block_that_was_changed_by_hand_is_found_and_mended(tmp_path: Path) -> None:
    text = next(file for file in FILES if file.stem == "kpis").read_text("utf-8")
    changed = tmp_path / "kpis.sql"
    changed.write_text(text.replace("    cast(sum(m.sends) as bigint) as sends,\n", ""), "utf-8")
    assert generated(changed, "--check") != 0
    assert generated(changed, "-r") == 0
    assert changed.read_text("utf-8") == text


@pytest.mark.parametrize("metrics", [STORED, BY_DEMOGRAPHIC], ids=["daily", "demographic"])
def test_no_list_of_all_metrics_is_written_by_hand(metrics: list[object]) -> None:
    names = {metric.name for metric in metrics}  # type: ignore[attr-defined]
    for file in FILES:
        text = file.read_text("utf-8")
        if all(name in text for name in names) and file.stem not in HAND_PICKED:
            assert "[[[cog" in text, file
