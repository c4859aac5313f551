"""What is kept of a set of snapshots says just what the snapshots say, or is not used."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest
from histories import HISTORIES, NAMES, ONE, Content, current, day, metric, model, write
from hypothesis import HealthCheck, given, settings
from made_snapshots import Made, snapshot

from workbench.errors import ValidationError
from workbench.schema.tables import LOADED
from workbench.snapshots import parquet_cache as cache_module
from workbench.snapshots.manifest import COMPLETE_LISTING, Snapshot
from workbench.snapshots.parquet_cache import Cache
from workbench.snapshots.views import Views


@pytest.fixture(autouse=True)
def small_sets_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_WORTH", 0)


def everything(views: Views) -> dict[str, list[Any]]:
    names = (*(table.name for table in LOADED), "coverage")
    return {name: views.connection.execute(f"from {name} order by all").fetchall() for name in names}


def shapes(views: Views) -> dict[str, Any]:
    return {table.name: views.connection.execute(f"describe {table.name}").fetchall() for table in LOADED}


@pytest.mark.slow
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(HISTORIES)
def test_a_set_upon_any_kept_beginning_says_what_its_snapshots_say(
    tmp_path: Path, history: list[list[Content]]
) -> None:
    folder = tmp_path / uuid4().hex
    snapshots = write(folder / "snapshots", history)
    with Views(snapshots, in_memory=True) as plain:
        expected, types = everything(plain), shapes(plain)
    for kept in range(1, len(snapshots) + 1):
        cache = Cache(folder / f"cache-{kept}")
        cache.open(snapshots[:kept]).close()
        with cache.open(snapshots) as views:
            assert (everything(views), shapes(views)) == (expected, types)
            assert current(views) == model(history)
    shutil.rmtree(folder)


def campaigns(*names: str) -> Made:
    return Made("campaigns", ONE, [{"id": at, "name": name} for at, name in enumerate(names, 1)], COMPLETE_LISTING)


@pytest.fixture
def two(tmp_path: Path) -> list[Snapshot]:
    rows = Made("campaign_daily_metrics", ONE, [metric(1, day(3), 100)], ((day(0), day(5)),))
    later = Made("campaign_daily_metrics", ONE, [metric(1, day(6), 7)], ((day(5), day(9)),))
    folder = tmp_path / "snapshots"
    return [
        snapshot(folder, NAMES[0], [campaigns("A", "B"), rows]),
        snapshot(folder, NAMES[1], [campaigns("A"), later]),
    ]


def test_what_is_kept_is_not_read_again(two: list[Snapshot], tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.open(two).close()
    for path, part in two[0].files():
        facts = path.stat()
        path.write_bytes(b"\0" * part.bytes)  # unreadable now, which cannot be seen from outside
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    with cache.open(two) as views:
        assert [row[3] for row in everything(views)["campaign_daily_metrics"]] == [100, 7]


@pytest.mark.parametrize("at", [0, 1])
def test_a_file_that_changed_is_found_out_in_spite_of_what_is_kept(
    two: list[Snapshot], tmp_path: Path, at: int
) -> None:
    cache = Cache(tmp_path / "cache")
    cache.open(two).close()
    path, _ = next(two[at].files())
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(ValidationError, match="damaged"):
        cache.open(two)


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["cut", "emptied", "swapped"])
def test_a_damaged_copy_is_made_anew(two: list[Snapshot], tmp_path: Path, harm: str) -> None:
    cache = Cache(tmp_path / "cache")
    with cache.open(two) as views:
        expected = everything(views)
    for file in (tmp_path / "cache").glob("*/*.parquet"):
        if harm == "cut":
            file.write_bytes(file.read_bytes()[:-9])
        elif harm == "emptied":
            file.unlink()
        else:
            file.write_bytes(b"PAR1 but not really")

    with cache.open(two) as views:
        assert everything(views) == expected
    with cache.open(two) as views:
        assert everything(views) == expected


def test_a_copy_made_by_other_views_is_not_used(
    two: list[Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    cache.open(two).close()
    before = set((tmp_path / "cache").iterdir())
    monkeypatch.setattr(duckdb, "__version__", "another")

    cache.open(two).close()

    assert len(set((tmp_path / "cache").iterdir()) - before) == 1


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(two: list[Snapshot], tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")

    with Cache(blocked).open(two) as views, Views(two, in_memory=True) as plain:
        assert everything(views) == everything(plain)


def _forge(cache: Path, two: list[Snapshot]) -> None:
    """Make the kept set say something else, as an account that can write there could."""
    Cache(cache).open(two).close()
    for file in cache.glob("*/campaign_daily_metrics.parquet"):
        forged = f"select * replace (999 as impressions) from read_parquet('{file}')"
        duckdb.sql(f"copy ({forged}) to '{file}.new' (format parquet)")
        Path(f"{file}.new").rename(file)


@pytest.mark.slow
@pytest.mark.parametrize("where", [".", "*", "*/campaign_daily_metrics.parquet"], ids=["cache", "set", "file"])
@pytest.mark.parametrize("how", ["belongs to another", "is open to another"])
def test_a_copy_that_another_account_could_have_written_is_not_read(
    two: list[Snapshot], tmp_path: Path, where: str, how: str
) -> None:
    cache = tmp_path / "cache"
    _forge(cache, two)
    (place,) = [cache] if where == "." else cache.glob(where)
    if how == "is open to another":
        place.chmod(0o777)
    elif os.geteuid() == 0:
        os.chown(place, 54_321, 54_321)
    else:
        pytest.skip("only root can give a file to another account")

    with Cache(cache).open(two) as views, Views(two, in_memory=True) as plain:
        assert everything(views) == everything(plain)


def test_a_copy_that_is_a_link_is_not_read(two: list[Snapshot], tmp_path: Path) -> None:
    _forge(tmp_path / "elsewhere", two)
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")

    with Cache(tmp_path / "cache").open(two) as views, Views(two, in_memory=True) as plain:
        assert everything(views) == everything(plain)


def test_only_a_few_sets_are_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    snapshots = [snapshot(tmp_path / "snapshots", name, [campaigns(name)]) for name in NAMES]
    for count in range(1, len(snapshots) + 1):
        cache.open(snapshots[:count]).close()

    assert len(list((tmp_path / "cache").iterdir())) == 4


def test_a_set_from_the_cache_reaches_no_file_once_sealed(two: list[Snapshot], tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.open(two).close()
    with cache.open(two) as views:
        views.seal()
        kept = next((tmp_path / "cache").glob("*/campaigns.parquet"))
        with pytest.raises(duckdb.Error):
            views.connection.execute(f"from read_parquet('{kept}')")
