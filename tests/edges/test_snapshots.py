"""Snapshots on disk: names, coverage, and every way in which a folder can lie."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import made_snapshots
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_snapshots import PIVOTS, Made

from workbench.errors import ValidationError
from workbench.schema.snapshot_names import moment_of, name_of
from workbench.snapshots.catalog import list_snapshots, next_name
from workbench.snapshots.coverage import coverage_of, merged
from workbench.snapshots.manifest import COMPLETE_LISTING, MANIFEST, MANIFEST_BYTES, Snapshot, is_name, read_manifest

NAME = "20261124T060000Z"
DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


# --- names -----------------------------------------------------------------------------------------------------------


@given(MOMENTS, st.timezones())
def test_a_name_is_the_moment_in_utc_wherever_the_machine_stands(moment: datetime, zone: Any) -> None:
    assert moment_of(name_of(moment.astimezone(zone))) == moment.replace(microsecond=0)


@given(MOMENTS, st.lists(MOMENTS.map(name_of)))
def test_a_new_name_is_later_than_every_other_even_if_the_clock_was_set_back(now: datetime, taken: list[str]) -> None:
    name = next_name(now, taken)
    assert is_name(name)
    assert all(name > other for other in taken)
    assert name == name_of(now) or name == name_of(moment_of(max(taken)) + timedelta(seconds=1))


@pytest.mark.parametrize(
    "text",
    [
        "sample",
        "20261399T000000Z",
        "20261124T250000Z",
        "20261124T060000Z ",
        "2026-11-24T06:00Z",
        "99991231T235959Z",
        "",
        "٢٠٢٦١١٢٤T060000Z",
    ],
)
def test_what_is_no_moment_names_no_snapshot(text: str) -> None:
    assert not is_name(text)


# --- coverage --------------------------------------------------------------------------------------------------------

SPANS = st.builds(
    lambda first, days: (first, first + timedelta(days=days)), st.dates(TODAY - 40 * DAY, TODAY), st.integers(0, 9)
)


@given(st.lists(SPANS))
def test_merged_windows_hold_the_same_days_and_neither_touch_nor_overlap(spans: list[tuple[date, date]]) -> None:
    runs = merged(spans)
    assert _days(runs) == _days(spans)
    assert all(second[0] - first[1] > DAY for first, second in pairwise(runs))


def _days(spans: Any) -> set[date]:
    return {first + DAY * n for first, last in spans for n in range((last - first).days + 1)}


def test_a_complete_listing_stays_by_itself() -> None:
    assert merged([(TODAY, TODAY), *COMPLETE_LISTING]) == [(None, None), (TODAY, TODAY)]


def test_coverage_joins_slices_and_names_the_pivots_of_demographics_where_not_all_are_covered(tmp_path: Path) -> None:
    week, before = ((TODAY - 6 * DAY, TODAY),), ((TODAY - 13 * DAY, TODAY - 7 * DAY),)
    made = made_snapshots.snapshot(
        tmp_path,
        NAME,
        [
            Made("campaigns", 1, [{"id": 1}], COMPLETE_LISTING),
            Made("campaigns", 2, [{"id": 2}]),
            Made("campaign_daily_metrics", 1, [], before),
            Made("campaign_daily_metrics", 1, [], week),
            Made("campaign_daily_metrics", 2, [], before),
            Made("campaign_daily_metrics", 2, []),
            *(Made("audience_demographics", 1, [], week, pivot) for pivot in PIVOTS),
            Made("audience_demographics", 2, [], week, PIVOTS[0]),
        ],
    )
    assert sorted(coverage_of(made.manifest), key=str) == [
        (1, "audience_demographics", *week[0], NAME, None),
        (1, "campaign_daily_metrics", before[0][0], TODAY, NAME, None),
        (1, "campaigns", None, None, NAME, None),
        (2, "audience_demographics", *week[0], NAME, PIVOTS[0]),
        (2, "campaign_daily_metrics", *before[0], NAME, None),
    ]


# --- listing ---------------------------------------------------------------------------------------------------------


def test_everything_in_the_folder_is_finished_unfinished_unreadable_or_none_of_ours(tmp_path: Path) -> None:
    old, new = "20261122T060000Z", NAME
    for name in (new, old):
        made_snapshots.snapshot(tmp_path, name, [])
    (tmp_path / "20261123T060000Z").mkdir()
    (tmp_path / "20261123T070000Z").mkdir()
    (tmp_path / "20261123T070000Z" / MANIFEST).write_text("{")
    (tmp_path / "20269999T999999Z").mkdir()
    (tmp_path / "sample").mkdir()
    (tmp_path / "20261123T080000Z").write_text("a file")
    listing = list_snapshots(tmp_path)
    assert [snapshot.name for snapshot in listing.finished] == [old, new]
    assert listing.unfinished == [tmp_path / "20261123T060000Z"]
    assert list(listing.unreadable) == [tmp_path / "20261123T070000Z"]
    assert sorted(listing.names()) == [old, "20261123T060000Z", "20261123T070000Z", new]


def test_a_date_means_the_end_of_that_utc_day(tmp_path: Path) -> None:
    names = ["20261122T000000Z", "20261122T235959Z", "20261123T000000Z"]
    for name in names:
        made_snapshots.snapshot(tmp_path, name, [])

    def known(as_of: date) -> list[str]:
        return [snapshot.name for snapshot in list_snapshots(tmp_path, as_of=as_of).finished]

    assert known(date(2026, 11, 21)) == []
    assert known(date(2026, 11, 22)) == names[:2]
    assert known(datetime(2026, 11, 22, 12, tzinfo=UTC)) == names[:1]
    assert known(date(2026, 11, 23)) == names


def test_no_folder_at_all_is_an_empty_list(tmp_path: Path) -> None:
    assert list_snapshots(tmp_path / "missing").names() == []


# --- damage ----------------------------------------------------------------------------------------------------------

CAMPAIGNS = "campaigns/1-0.ndjson.gz"


@pytest.fixture
def made(tmp_path: Path) -> Snapshot:
    lines = [{"id": number} for number in range(1, 50)]
    return made_snapshots.snapshot(tmp_path, NAME, [Made("campaigns", 1, lines, COMPLETE_LISTING)])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut_at_a_line_end(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1]), mtime=0))


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def _link_folder(path: Path) -> None:
    path.parent.rename(path.parents[1] / "elsewhere")
    path.parent.symlink_to(path.parents[1] / "elsewhere")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_flip, "was changed"),
        (_cut_at_a_line_end, "bytes where the manifest says"),
        (Path.unlink, "is missing"),
        (_link, "links are not followed"),
        (_link_folder, "links are not followed"),
        (_pipe, "is not a plain file"),
        (lambda path: path.write_bytes(b""), "has 0 bytes"),
    ],
)
def test_a_damaged_part_is_found_and_named(made: Snapshot, damage: Callable[[Path], Any], why: str) -> None:
    made.verify()
    damage(made.folder / CAMPAIGNS)
    with pytest.raises(ValidationError, match=NAME) as found:
        made.verify()
    assert CAMPAIGNS in found.value.why
    assert why in found.value.why


def test_a_file_that_the_manifest_does_not_know_is_no_part(made: Snapshot) -> None:
    (made.folder / "campaigns/2.ndjson.gz").write_bytes(b"from elsewhere")
    made.verify()
    assert [path.name for path, _ in made.files()] == ["1-0.ndjson.gz"]


def _change(made: Snapshot, change: Callable[[dict[str, Any]], Any]) -> None:
    manifest = json.loads((made.folder / MANIFEST).read_bytes())
    change(manifest)
    (made.folder / MANIFEST).write_text(json.dumps(manifest))


def _part(**facts: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda manifest: manifest["parts"][0].update(facts)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_part(path="../../etc/passwd"), "path"),
        (_part(path="/etc/passwd"), "path"),
        (_part(path="campaigns/../1.ndjson.gz"), "path"),
        (_part(path="campaigns/1.ndjson.gz\n"), "path"),
        (_part(path="campaigns/*.ndjson.gz"), "path"),
        (_part(resource="passwords"), "resource"),
        (_part(bytes=2**40), "bytes"),
        (_part(elements=-1), "elements"),
        (_part(account_id="1; drop table"), "account_id"),
        (_part(account_id=10**30), "account_id"),
        (lambda manifest: manifest.update(api_calls=10**19), "api_calls"),
        (_part(covers=[["2026-11-24", "2026-11-24"]] * 1001), "covers"),
        (_part(covers=[[None, "2026-11-24"]]), "covers"),
        (_part(covers=[["2026-11-24", "2026-11-23"]]), "covers"),
        (_part(covers=[["0001-01-01", "9999-12-31"]]), "covers"),
        (lambda manifest: manifest["parts"].append(manifest["parts"][0]), "twice"),
        (lambda manifest: manifest.pop("parts"), "parts"),
        (lambda manifest: manifest.update(format=2), "a newer workbench wrote it (format 2, this one reads 1)"),
        (lambda manifest: manifest.update(format="one"), "format"),
        (lambda manifest: manifest.update(snapshot="20261124T060001Z"), "belongs to snapshot 20261124T060001Z"),
        (lambda manifest: manifest.update(snapshot="../x"), "snapshot"),
        (lambda manifest: manifest.clear(), "format"),
    ],
)
def test_a_manifest_that_cannot_be_ours_is_refused(
    made: Snapshot, change: Callable[[dict[str, Any]], Any], why: str
) -> None:
    _change(made, change)
    with pytest.raises(ValidationError, match=f"Snapshot {NAME} cannot be used") as refused:
        read_manifest(made.folder)
    assert why.lower() in refused.value.why.lower()


def test_what_a_newer_workbench_adds_to_our_format_is_passed_over(made: Snapshot) -> None:
    _change(made, lambda manifest: manifest.update(colour="blue"))
    assert read_manifest(made.folder) == made


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MANIFEST_BYTES + 1)


def _endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm",
    [
        _huge,
        _endless,
        _pipe,
        _folder,
        Path.unlink,
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_bytes(b"[" * 10**6),
    ],
)
def test_a_manifest_that_is_no_plain_readable_file_is_refused_at_once(
    made: Snapshot, harm: Callable[[Path], Any]
) -> None:
    harm(made.folder / MANIFEST)
    with pytest.raises(ValidationError, match=f"Snapshot {NAME} cannot be used"):
        read_manifest(made.folder)


def test_a_folder_that_may_not_be_read_is_named_and_costs_no_other(
    made: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is played."""
    exists = Path.exists
    closed = made.folder.parent / "20261101T060000Z"
    closed.mkdir()

    def refused(path: Path) -> bool:
        if path.parent == closed:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refused)
    found = list_snapshots(made.folder.parent)

    assert [snapshot.name for snapshot in found.finished] == [made.name]
    assert [error.why for error in found.unreadable.values()] == ["Its folder cannot be read (Permission denied)."]
