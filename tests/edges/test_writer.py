"""Writing a snapshot: whole or not at all, whatever happens between two operations on the disk."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import made_snapshots
import pytest
from edges.disks import SURVIVES, Disk, Survives
from made_snapshots import NOON, Made, journal_entries
from marks import needs_dev_full, sweep_except

from workbench.errors import StorageError
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.journal import JOURNAL
from workbench.snapshots.manifest import COMPLETE_LISTING, MANIFEST, REJECTS, Part, Snapshot, read_manifest
from workbench.snapshots.writer import LOCK, SnapshotWriter

ONE_SURVIVAL = sweep_except(SURVIVES[1], of=SURVIVES)
NAME = "20261124T060000Z"
WEEK = ((date(2026, 11, 18), date(2026, 11, 24)),)
PARTS = [
    Made("ad_accounts", 0, [{"id": 1}], COMPLETE_LISTING),
    Made("campaigns", 1, [{"id": number, "name": f"Campaign {number}"} for number in range(3_000)], COMPLETE_LISTING),
    Made("campaign_daily_metrics", 1, [], WEEK),
]
REJECT = {"resource": "campaigns", "account_id": 1, "reason": "not valid UTF-8", "element": "{\\xff", "part": None}


def keep(into: SnapshotWriter, made: Made) -> Part:
    part = Part(
        path=f"{made.resource}/{made.account_id}.ndjson.gz",
        resource=made.resource,
        account_id=made.account_id,
        covers=made.covers,
    )
    rejects = [{**REJECT, "part": part.path}] if made.resource == "campaigns" else []
    with into.new_part(str(part.path)) as file:
        file.write(made.encoded())
        return into.commit(file, part, rejects)


def finish(into: SnapshotWriter) -> Snapshot:
    return into.finish(finished_at=NOON, api_calls=3, complete=True)


def complete(into: SnapshotWriter, kept: list[str] | None = None) -> Snapshot:
    """What a sync does: ask for what is not there, and end; `kept` learns of every part that it may rely on."""
    for made in PARTS:
        path = f"{made.resource}/{made.account_id}.ndjson.gz"
        if not into.finished(path):
            keep(into, made)
        if kept is not None:
            kept.append(path)
    return finish(into)


def files(folder: Path) -> dict[str, str]:
    found = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


def test_a_finished_snapshot_holds_its_parts_its_rejects_its_manifest_and_nothing_else(tmp_path: Path) -> None:
    made = complete(made_snapshots.writer(tmp_path / NAME))
    made.verify()
    assert set(files(tmp_path / NAME)) == {
        MANIFEST, REJECTS, "ad_accounts/0.ndjson.gz", "campaigns/1.ndjson.gz", "campaign_daily_metrics/1.ndjson.gz",
    }  # fmt: skip
    assert read_manifest(tmp_path / NAME) == made
    assert json.loads((tmp_path / NAME / REJECTS).read_bytes()) == {**REJECT, "part": "campaigns/1.ndjson.gz"}
    lines = gzip.decompress((tmp_path / NAME / "campaigns/1.ndjson.gz").read_bytes()).splitlines()
    assert lines == PARTS[1].encoded()
    assert [part.elements for part in made.manifest.parts] == [1, 3_000, 0]


def test_equal_content_gives_equal_bytes_on_any_day(tmp_path: Path) -> None:
    complete(made_snapshots.writer(tmp_path / "a" / NAME))
    complete(made_snapshots.writer(tmp_path / "b" / NAME))
    assert files(tmp_path / "a" / NAME) == files(tmp_path / "b" / NAME)


def test_a_part_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    with into.new_part("campaigns/1.ndjson.gz") as file:
        file.write(PARTS[1].encoded())
    assert (list((tmp_path / NAME / "campaigns").iterdir()), into.parts) == ([], ())


def test_a_kept_part_is_whole_on_disk_before_its_block_ends(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    path = tmp_path / NAME / "campaigns/1.ndjson.gz"
    with into.new_part("campaigns/1.ndjson.gz") as file:
        file.write(PARTS[1].encoded())
        part = into.commit(file, Part(path="campaigns/1.ndjson.gz", resource="campaigns", account_id=1))
        on_disk = path.read_bytes()
    assert (len(on_disk), hashlib.sha256(on_disk).hexdigest()) == (part.bytes, part.sha256)


# --- crashes ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("survives", ONE_SURVIVAL)
def test_after_a_crash_between_any_two_operations_a_resumed_sync_ends_the_same(
    tmp_path: Path, survives: Survives
) -> None:
    whole = complete(made_snapshots.writer(tmp_path / "whole" / NAME))
    survived = []
    for operations in range(200):
        written, left, kept = tmp_path / f"{operations}-written", tmp_path / f"{operations}-left", list[str]()
        written.mkdir()
        with Disk(written, operations).cut() as disk:
            complete(made_snapshots.writer(written / NAME), kept)
        if not disk.went:
            break
        gc.collect()  # a dead process holds no lock
        disk.leave(left, survives)
        assert _on_disk(left / NAME) >= set(kept), f"after {operations} operations"
        survived.append(len(_go_on(left / NAME).manifest.parts))
        assert _go_on(left / NAME).manifest == whole.manifest, f"after {operations} operations"
        assert files(left / NAME) == files(tmp_path / "whole" / NAME), f"after {operations} operations"
    assert len(survived) > 20


@pytest.mark.slow
@pytest.mark.parametrize("survives", sweep_except(*SURVIVES[1:3], of=SURVIVES))
def test_a_part_that_is_kept_once_more_is_there_whenever_the_power_goes(tmp_path: Path, survives: Survives) -> None:
    longer = Made("campaigns", 1, [{"id": number} for number in range(9)], COMPLETE_LISTING)
    for operations in range(100):
        written, left, kept = tmp_path / f"{operations}-written", tmp_path / f"{operations}-left", list[str]()
        written.mkdir()
        with Disk(written, operations).cut() as disk:
            into = made_snapshots.writer(written / NAME)
            for made in (PARTS[1], longer):
                kept.append(str(keep(into, made).path))
            into.release()
        if not disk.went:
            break
        gc.collect()
        disk.leave(left, survives)
        assert _on_disk(left / NAME) >= set(kept), f"after {operations} operations"
    assert 10 < operations < 99


def _on_disk(folder: Path) -> set[str]:
    """The parts that a resumed sync need not ask for."""
    if not folder.exists():
        return set()
    if (folder / MANIFEST).exists():
        return {str(part.path) for part in read_manifest(folder).manifest.parts}
    into = SnapshotWriter.resume(folder)
    if into is None:
        return set()
    into.release()
    return {str(part.path) for part in into.parts}


def _go_on(folder: Path) -> Snapshot:
    if (folder / MANIFEST).exists():
        made = read_manifest(folder)
        made.verify()
        (folder / JOURNAL).unlink(missing_ok=True)
        (folder / LOCK).unlink(missing_ok=True)
        return made
    into = SnapshotWriter.resume(folder) if folder.exists() else None
    if into is None:  # it never got as far as its plan: a sync would take another name
        shutil.rmtree(folder, ignore_errors=True)
        into = made_snapshots.writer(folder)
    for part in into.parts:
        data = (folder / str(part.path)).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (part.bytes, part.sha256)
    made = complete(into)
    made.verify()
    return made


def test_a_process_that_is_killed_leaves_a_folder_that_can_be_resumed(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(made_snapshots.__file__).parent)!r})
import made_snapshots
from pathlib import Path
from workbench.snapshots.manifest import Part
into = made_snapshots.writer(Path({str(tmp_path / NAME)!r}))
with into.new_part("campaigns/1.ndjson.gz") as file:
    file.write([b'{{}}'])
    into.commit(file, Part(path="campaigns/1.ndjson.gz", resource="campaigns", account_id=1))
with into.new_part("creatives/1.ndjson.gz") as file:
    file.write([b'{{}}'] * 100_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(made_snapshots.__file__).parents[1]
    subprocess.run([sys.executable, "-c", script], check=False, cwd=root, timeout=300)
    into = SnapshotWriter.resume(tmp_path / NAME)
    assert into is not None
    assert [part.path for part in into.parts] == ["campaigns/1.ndjson.gz"]
    assert list((tmp_path / NAME).rglob("*.unfinished")) == []
    into.release()


def test_a_journal_torn_at_any_byte_is_mended_and_continued(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / "torn" / NAME)
    kept = [keep(into, made) for made in PARTS[:2]]
    into.release()
    folder = into.folder
    journal = (folder / JOURNAL).read_bytes()
    plan_ends = journal.index(b"\n") + 1
    for length in range(len(journal) + 1):
        (folder / JOURNAL).write_bytes(journal[:length])
        resumed = SnapshotWriter.resume(folder)
        if length < plan_ends:
            assert resumed is None, length
            continue
        assert resumed is not None
        assert list(resumed.parts) == kept[: len(resumed.parts)]
        known = resumed.parts
        resumed.note(Part(path=None, resource="posts", account_id=1, status="failed", why="403"))
        resumed.release()
        entries = journal_entries(folder)
        assert [entry["part"]["resource"] for entry in entries if "part" in entry] == [
            *(part.resource for part in known), "posts",
        ], length  # fmt: skip


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\0" * 512,
        b"[]\n",
        b"7\n",
        b'{"plan":{}}\n',
        b'{"plan":null,"started_at":1}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_journal_that_never_held_a_plan_is_not_resumed(tmp_path: Path, nonsense: bytes) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / JOURNAL).write_bytes(nonsense)
    assert SnapshotWriter.resume(tmp_path / NAME) is None


@pytest.mark.parametrize("harm", ["a pipe", "a link", "a folder", "too large"])
def test_a_journal_of_a_stranger_that_is_no_plain_file_is_neither_read_nor_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    """Reading a pipe would wait for ever; what a link leads to would be cut at its last sound line."""
    made_snapshots.writer(tmp_path / NAME).release()
    journal, elsewhere = tmp_path / NAME / JOURNAL, tmp_path / "elsewhere"
    journal.rename(elsewhere)
    elsewhere.write_bytes(elsewhere.read_bytes() + b"more")
    if harm == "a pipe":
        os.mkfifo(journal)
    elif harm == "a link":
        journal.symlink_to(elsewhere)
    elif harm == "a folder":
        journal.mkdir()
    else:
        shutil.copy(elsewhere, journal)
        monkeypatch.setattr("workbench.snapshots.journal.JOURNAL_BYTES", 100)

    assert SnapshotWriter.resume(tmp_path / NAME) is None

    assert elsewhere.read_bytes().endswith(b"more")
    assert ("has more than 100 bytes" if harm == "too large" else "is no plain file") in caplog.text


def test_a_folder_with_the_name_of_a_leftover_stops_no_sync(tmp_path: Path) -> None:
    made_snapshots.writer(tmp_path / NAME).release()
    (tmp_path / NAME / "campaigns" / "1.ndjson.gz.unfinished").mkdir(parents=True)
    resumed = SnapshotWriter.resume(tmp_path / NAME)
    assert resumed is not None
    finish(resumed)


@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_a_lock_of_a_stranger_changes_no_other_file(tmp_path: Path, kind: str) -> None:
    into, victim = made_snapshots.writer(tmp_path / NAME), tmp_path / "victim"
    into.release()
    victim.write_text("kept")
    victim.chmod(0o644)
    (tmp_path / NAME / LOCK).unlink(missing_ok=True)
    if kind == "a link":
        (tmp_path / NAME / LOCK).symlink_to(victim)
    else:
        os.mkfifo(tmp_path / NAME / LOCK)
    with suppress(StorageError):
        SnapshotWriter.resume(tmp_path / NAME)
    assert (victim.read_text(), victim.stat().st_mode & 0o777) == ("kept", 0o644)


@pytest.mark.parametrize(
    ("hours", "more", "stays"),
    [(25, [], False), (23, [], True), (25, ["notes.txt"], True), (25, ["campaigns/1.ndjson.gz"], True)],
)
def test_a_folder_that_never_got_its_plan_is_removed_after_a_day_if_nothing_is_in_it(
    tmp_path: Path, hours: int, more: list[str], stays: bool
) -> None:
    folder = tmp_path / NAME
    for name in (LOCK, f"{JOURNAL}.unfinished", *more):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    begun = time.time() - hours * 3600
    os.utime(folder, (begun, begun))

    assert SnapshotWriter.resume(folder) is None

    assert folder.exists() is stays
    assert [name for name in more if not (folder / name).exists()] == []


@pytest.mark.parametrize("nonsense", [b'{"reject":7}\n', b'{"part":7}\n', b"[" * 100_000 + b"\n"])
def test_nothing_behind_a_line_that_is_none_of_ours_is_believed(tmp_path: Path, nonsense: bytes) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    keep(into, PARTS[0])
    into.release()
    with (tmp_path / NAME / JOURNAL).open("ab") as journal:
        journal.write(nonsense)

    resumed = SnapshotWriter.resume(tmp_path / NAME)

    assert resumed is not None
    assert len(resumed.parts) == 1


@pytest.mark.parametrize("trigger", [None, 7])
def test_a_plan_whose_trigger_is_no_word_is_none(tmp_path: Path, trigger: object) -> None:
    made_snapshots.writer(tmp_path / NAME).release()
    journal = tmp_path / NAME / JOURNAL
    header = json.loads(journal.read_bytes())
    header["trigger"] = trigger
    journal.write_text(json.dumps(header) + "\n")

    assert SnapshotWriter.resume(tmp_path / NAME) is None


def test_a_resumed_snapshot_forgets_what_is_not_there(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    for made in PARTS:
        keep(into, made)
    into.note(Part(path=None, resource="posts", account_id=1, status="failed", why="no scope"))
    into.release()
    (tmp_path / NAME / "campaigns/1.ndjson.gz").unlink()
    with (tmp_path / NAME / "ad_accounts/0.ndjson.gz").open("ab") as file:
        file.write(b"more")
    resumed = SnapshotWriter.resume(tmp_path / NAME)
    assert resumed is not None
    assert [part.path for part in resumed.parts] == ["campaign_daily_metrics/1.ndjson.gz"]
    made = complete(resumed)
    made.verify()
    assert json.loads((tmp_path / NAME / REJECTS).read_bytes())["part"] == "campaigns/1.ndjson.gz"


def test_what_came_only_in_part_is_kept_and_asked_again(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    reject = {**REJECT, "part": "campaigns/1.ndjson.gz"}

    def incomplete(writer: SnapshotWriter) -> Part:
        part = Part(path="campaigns/1.ndjson.gz", resource="campaigns", account_id=1, status="partial", why="cut")
        with writer.new_part(str(part.path)) as file:
            file.write([b'{"account_id":1,"element":{"id":1}}'])
            return writer.commit(file, part, [reject])

    part = incomplete(into)
    into.release()
    resumed = SnapshotWriter.resume(tmp_path / NAME)
    assert resumed is not None
    assert (resumed.parts, resumed.finished("campaigns/1.ndjson.gz")) == ((part,), None)
    assert incomplete(resumed) == part
    made = resumed.finish(finished_at=NOON, api_calls=1, complete=False)
    made.verify()
    assert (made.manifest.status, made.manifest.parts) == ("partial", (part,))
    assert (tmp_path / NAME / REJECTS).read_bytes().splitlines() == [json.dumps(reject, separators=(",", ":")).encode()]


# --- others, and the disk --------------------------------------------------------------------------------------------


def test_a_folder_has_one_writer_and_the_other_is_told_to_try_later(tmp_path: Path) -> None:
    first = made_snapshots.writer(tmp_path / NAME)
    with pytest.raises(StorageError, match="being written by another") as refused:
        SnapshotWriter.resume(tmp_path / NAME)
    assert refused.value.exit_code == 75
    first.release()
    second = SnapshotWriter.resume(tmp_path / NAME)
    assert second is not None
    with pytest.raises(StorageError):
        SnapshotWriter.resume(tmp_path / NAME)
    second.release()


def test_a_writer_that_a_worker_thread_finishes_lets_go_of_its_lock(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    releasing = threading.Thread(target=into.release)
    releasing.start()
    releasing.join()
    resumed = SnapshotWriter.resume(tmp_path / NAME)
    assert resumed is not None
    resumed.release()


def test_a_name_that_is_taken_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    complete(made_snapshots.writer(tmp_path / NAME))
    before = files(tmp_path / NAME)
    with pytest.raises(StorageError, match=NAME):
        made_snapshots.writer(tmp_path / NAME)
    assert files(tmp_path / NAME) == before


@needs_dev_full
def test_a_full_disk_is_named_and_costs_only_the_part_under_way(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    kept = keep(into, PARTS[0])
    (tmp_path / NAME / "campaigns").mkdir()
    (tmp_path / NAME / "campaigns/1.ndjson.gz.unfinished").symlink_to("/dev/full")
    with pytest.raises(StorageError) as refused:
        keep(into, PARTS[1])
    assert (refused.value.why, refused.value.exit_code) == ("The disk is full.", 70)
    assert refused.value.next_step == "Free some space; then sync again: what was read is kept."
    assert into.parts == (kept,)
    assert [part.elements for part in complete(into).manifest.parts] == [1, 3_000, 0]


def test_an_unfinished_folder_is_no_snapshot(tmp_path: Path) -> None:
    into = made_snapshots.writer(tmp_path / NAME)
    keep(into, PARTS[0])
    listing = list_snapshots(tmp_path)
    assert (listing.finished, listing.unfinished, listing.unreadable) == ([], [tmp_path / NAME], {})
    into.release()
