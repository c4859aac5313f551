"""Wherever snapshots lie, their rows are the same: no folder's name is data, a pattern or a compression."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import made_snapshots
import pytest
from histories import NAMES, ONE, Content, current, model, write
from marks import some_slow

from workbench.errors import ConfigurationError
from workbench.paths import shipped
from workbench.schema.tables import LOADED
from workbench.snapshots import parquet_cache
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import COMPLETE_LISTING
from workbench.snapshots.parquet_cache import Cache
from workbench.snapshots.views import Views

HISTORY = [
    [Content(ONE, {1: "A", 2: "B"}, "complete", (0, 4), True, {(1, 0): 10, (2, 3): 7}, {1: 5}, 2)],
    [Content(ONE, {1: "A"}, "complete", (3, 6), True, {(1, 5): 3}, {1: 6, 2: 1}, 2)],
]
FOLDERS = (
    "account_id=42", "pivot=q", "window_start=2026-01-01", "window_end=x", "element=", "path=", "urn=1", "filename=f",
    "a?b", "a[b", "a[bc]d", "[!a]", "a*b", "**", "a]b", "a{b,c}d", "x'y", 'x"y', "a\\b", "a%20b",
    "$a", "a;b--", "ä ö", "s3:", "file:", "a.csv", "a.zst", "a.gz", "snapshot=1/campaign_id=2/date=2026-01-01", "a\nb",
)  # fmt: skip
PATTERNS = ("pivot=q", "a?b", "[!a]", "**", "a{b,c}d", "a.gz")


@pytest.mark.parametrize("name", some_slow("account_id=42", "a[bc]d", "x'y", "a\nb", of=FOLDERS, slow=PATTERNS))
def test_a_folder_may_have_any_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_cache, "_WORTH", 0)
    for other in ("ab", "axb", "a/b", "abd", "acd", "x", "c"):  # what a pattern would find
        write(tmp_path / other, [[Content(ONE, {9: "Z"}, "complete", (0, 9), True, {(9, 0): 99}, {9: 9}, 2)]])
    folder = tmp_path / name
    snapshots = write(folder, HISTORY)

    for in_memory in (False, True):
        with Views(list_snapshots(folder).finished, in_memory=in_memory) as views:
            assert current(views) == model(HISTORY)
    cache = Cache(folder / "cache")
    for _ in range(2):
        with cache.open(snapshots) as views:
            assert current(views) == model(HISTORY)
    assert len(list((folder / "cache").iterdir())) == 1


@pytest.mark.parametrize("name", ["account_id=42", "urn=1", "a[b"])
def test_names_and_posts_are_those_of_the_files(tmp_path: Path, name: str) -> None:
    post = {"urn": "urn:li:share:1"}
    creative = {"id": "urn:li:sponsoredCreative:1", "content": {"reference": post["urn"]}}
    parts = [
        made_snapshots.Made("creatives", ONE, [creative], COMPLETE_LISTING),
        made_snapshots.Made("posts", ONE, [{"commentary": "Autumn"}], context=post),
    ]
    snapshot = made_snapshots.snapshot(tmp_path / name, NAMES[0], parts)

    with Views([snapshot]) as views:
        rows: list[Any] = views.connection.execute("select account_id, creative_id, name from creatives").fetchall()
    assert rows == [(ONE, 1, "Autumn")]


@pytest.mark.parametrize("name", ["a\\*b", "a\\b/c[d"])
def test_a_path_that_no_pattern_can_say_is_refused_in_words(tmp_path: Path, name: str) -> None:
    snapshots = write(tmp_path / name, HISTORY)
    with pytest.raises(ConfigurationError, match="Nothing can be read") as refused:
        Views(snapshots)
    assert "SNAPSHOT_DIR" in refused.value.next_step


def test_every_reader_of_files_is_told_not_to_guess() -> None:
    texts = [file.read_text("utf-8") for file in shipped("sql").rglob("*.sql")]
    readers = [call for text in texts for call in re.findall(r"read_\w+\((.*?)columns = ", text, re.DOTALL)]
    assert len(readers) > len(LOADED)
    for call in readers:
        for said in ("hive_partitioning = false", "compression = 'gzip'", "format = 'newline_delimited'"):
            assert said in call
    assert sum(text.count("read_") for text in texts if "read_json" in text) == len(readers)
