"""Shards: accounts split over several machines, which sync side by side into one database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from sync.installation import Installation, Ran, differences, ended, on_disk, until
from workbench.cli.app import main
from workbench.database import write_lock
from workbench.database.connection import Database
from workbench.database.locked_database import LockedDatabase
from workbench.diagnostics.doctor.data import syncs
from workbench.diagnostics.status import gather
from workbench.errors import StorageError
from workbench.schema.shards import MOST, Shard
from workbench.schema.snapshot_names import moment_of
from workbench.snapshots.catalog import list_snapshots, next_name
from workbench.snapshots.part_file import read_lines

ONE, TWO = Shard(1, 2), Shard(2, 2)
NOW = datetime(2026, 11, 22, 0, 0, 3, tzinfo=UTC)


# --- which account, which name ---------------------------------------------------------------------------------------


def test_every_account_belongs_to_exactly_one_shard_of_as_many() -> None:
    for count in (1, 2, 7, MOST):
        shards = [Shard(number, count) for number in range(1, count + 1)]
        for account_id in (0, 1, 508310000, 508310001, 2**62):
            assert sum(shard.has(account_id) for shard in shards) == 1
    assert [Shard.of(" 2/4 "), str(Shard.of("2/4"))] == [Shard(2, 4), "2/4"]


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "1/0", "1/100", "-1/4", "1/4/4", "a/b", "1.0/4", "٢/٤"])
def test_what_is_no_shard_is_a_wrong_command_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended_with:
        main(["sync", f"--shard={text}"])

    assert ended_with.value.code == 2
    assert "--shard" in capsys.readouterr().err


def test_shards_that_begin_at_once_never_choose_one_name_and_none_lies_in_the_future() -> None:
    for count in (2, 7, MOST):
        names = [next_name(NOW, [], Shard(number, count)) for number in range(1, count + 1)]
        assert len(set(names)) == count
        assert all(NOW - timedelta(seconds=count) < moment_of(name) <= NOW for name in names)
        again = [next_name(NOW, [name], Shard(number, count)) for number, name in enumerate(names, 1)]
        assert [moment_of(name) for name in again] == [moment_of(name) + timedelta(seconds=count) for name in names]


# --- locks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder shows life more often, so that it is refused sooner."""
    monkeypatch.setattr(write_lock, "BEAT", 0.05)


def _locked(database: Database, shard: Shard | None) -> LockedDatabase:
    return LockedDatabase.of(database, "sync", shard)


@pytest.mark.parametrize(
    ("holds", "comes", "together"),
    [
        (ONE, TWO, True),
        (ONE, ONE, False),
        (ONE, None, False),
        (None, ONE, False),
        (None, None, False),
        (ONE, Shard(1, 3), False),
        (Shard(1, 2), Shard(2, 4), False),
    ],
)
@pytest.mark.usefixtures("quick")
def test_two_shards_of_as_many_write_together_and_nobody_else(
    database: Database, holds: Shard | None, comes: Shard | None, together: bool
) -> None:
    first, second = _locked(database, holds), _locked(database, comes)
    first.open()
    try:
        if together:
            second.open()
            for one in (first, second):
                with one.connection() as connection, connection.transaction():
                    one.lock.check(connection)
        else:
            with pytest.raises(StorageError, match="Another sync") as refused:
                second.open()
            assert refused.value.retry
            assert first.lock.name[1:] in refused.value.why
    finally:
        second.close()
        first.close()
    with _locked(database, comes).lock:  # what was refused left nothing behind
        pass


@pytest.mark.parametrize(("writes", "comes"), [(ONE, ONE), (ONE, None), (None, ONE)])
@pytest.mark.usefixtures("quick")
def test_a_new_holder_waits_for_transactions_of_an_earlier_one(
    database: Database, monkeypatch: pytest.MonkeyPatch, writes: Shard | None, comes: Shard | None
) -> None:
    monkeypatch.setattr(write_lock, "WATCH", 0.5)
    first = _locked(database, writes)
    first.open()
    with first.connection() as connection:
        first.lock.check(connection)
        first.lock.release()  # as if its connection had been lost
        with pytest.raises(StorageError, match="Another sync"):
            _locked(database, comes).lock.acquire()
    with (
        _locked(database, comes).lock,
        pytest.raises(StorageError, match="lost its lock"),
        first.connection() as connection,
    ):
        first.lock.check(connection)
    first.close()


@pytest.mark.usefixtures("quick")
def test_a_shard_does_not_wait_for_another_that_writes(database: Database) -> None:
    first = _locked(database, ONE)
    first.open()
    with first.connection() as connection, connection.transaction():
        first.lock.check(connection)
        with _locked(database, TWO).lock:
            pass
    first.close()


# --- syncs -----------------------------------------------------------------------------------------------------------


def test_a_shard_whose_machine_is_gone_keeps_no_other_from_the_list_of_accounts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lock, "SILENCE", timedelta(milliseconds=100))
    first, second = (_locked(database, shard) for shard in (ONE, TWO))
    first.open()
    second.open()

    gone = first.connection().__enter__()  # and no exit: the server has not noticed that its machine is gone
    first.lock.take_turns(gone)
    with second.connection() as connection:
        second.lock.take_turns(connection)  # returns only if the session that sleeps is ended

    with pytest.raises(psycopg.OperationalError):
        gone.execute("select")
    first.close()
    second.close()


def _machine(installation: Installation, shard: Shard) -> dict[str, object]:
    """The settings of the machine that syncs a shard: it has files of its own."""
    folder = installation.folder / f"machine-{shard.number}"
    return {"WORKBENCH_HOME": folder / "home", "SNAPSHOT_DIR": folder / "snapshots"}


def _shards(installation: Installation) -> dict[Shard, set[int]]:
    """Two shards, and the accounts of the sandbox that belong to each."""
    accounts = {row["account_id"] for row in installation.sandbox.truth.ad_accounts()}
    found = {shard: {each for each in accounts if shard.has(each)} for shard in (ONE, TWO)}
    assert all(found.values()), "the world needs accounts in both"
    return found


def _sync(installation: Installation, shard: Shard, **options: Any) -> Any:
    return installation.sync(settings=_machine(installation, shard), shard=shard, **options)


def test_two_machines_together_bring_what_one_would(installation: Installation) -> None:
    shards = _shards(installation)

    reports = {shard: _sync(installation, shard) for shard in shards}

    for shard, report in reports.items():
        assert report.exit_code == 0
        assert {one.account_id for one in report.accounts} - {0} == shards[shard]
        [snapshot] = list_snapshots(report.snapshot.parent).finished
        assert snapshot.manifest.shard == str(shard)
    assert differences(installation) == []
    logged = {row["sync_id"]: row["shard"] for row in installation.query("select sync_id, shard from sync_log")}
    assert logged == {report.sync_id: str(shard) for shard, report in reports.items()}
    asked = len(installation.requests())
    assert _sync(installation, ONE).sync_id is None, "its accounts are fresh"
    assert len(installation.requests()) == asked


@pytest.mark.slow
def test_a_shard_takes_no_account_of_another_off_the_list_and_sees_which_are_gone(installation: Installation) -> None:
    shards = _shards(installation)
    for shard in shards:
        _sync(installation, shard)

    everyone = shards[ONE] | shards[TWO]
    installation.sandbox.world.remove("ad_accounts", gone := max(shards[ONE]))

    for shard in (ONE, TWO):  # the machine that saw it last says that it is gone
        _sync(installation, shard, force=True)

    unlisted = installation.query("select account_id from ad_accounts where not listed")
    assert [row["account_id"] for row in unlisted] == [gone]
    last = list_snapshots(installation.folder / "machine-2" / "snapshots").finished[-1]
    [roles] = [path for path, part in last.files() if part.resource == "account_users"]
    assert {line["account_id"] for line in read_lines(roles)} == everyone - {gone}


def test_an_account_that_is_asked_for_by_number_is_asked_for_by_its_shard_alone(installation: Installation) -> None:
    shards = _shards(installation)
    [*_, theirs] = sorted(shards[TWO])

    report = _sync(installation, ONE, account_ids=[theirs])

    assert report.exit_code == 0
    assert {one.account_id for one in report.accounts} == {0}
    assert not [entry for entry in installation.requests() if "adAnalytics" in entry.path]


@pytest.mark.slow
def test_a_resumed_shard_leaves_an_account_listed_that_came_after_the_list_of_another(
    installation: Installation,
) -> None:
    new = next(account for account in _shards(installation)[ONE])
    installation.sandbox.faults.add(r"adAccounts", "status", status=503, times=None)
    assert installation.outcome(shard=ONE)[0] != 0
    installation.sandbox.faults.clear()
    installation.sandbox.world.remove("ad_accounts", new)
    assert installation.outcome(shard=TWO)[0] == 0
    installation.sandbox.world.restore("ad_accounts", new)

    assert installation.outcome(shard=ONE)[0] == 0

    assert installation.query("select account_id from ad_accounts where not listed") == []


@pytest.mark.slow
def test_status_and_doctor_say_how_the_newest_sync_of_each_shard_ended(installation: Installation) -> None:
    for shard in _shards(installation):
        _sync(installation, shard)
    installation.query("update sync_log set status = 'failed' where shard = '1/2' returning sync_id")
    for _ in range(6):
        _sync(installation, TWO, force=True)

    health = gather(settings=installation.settings())

    assert [(sync.shard, sync.status) for sync in health.newest] == [("2/2", "done"), ("1/2", "failed")]
    assert Counter(finding.level for finding in syncs(health)) == {"ok": 1, "warning": 1}
    [failed] = [finding for finding in syncs(health) if finding.level == "warning"]
    assert "shard 1/2" in failed.what
    installation.sync(force=True)
    assert [sync.shard for sync in gather(settings=installation.settings()).newest] == [None]


# --- side by side ----------------------------------------------------------------------------------------------------


def _start(installation: Installation, *words: str, shard: Shard | None, **options: Any) -> Any:
    chosen = ["--shard", str(shard)] if shard else []
    machine = _machine(installation, shard) if shard else {}
    return installation.start("sync", *chosen, "--json", *words, settings=machine, **options)


def _under_way(installation: Installation, shard: Shard) -> None:
    folder = installation.folder / f"machine-{shard.number}" / "snapshots"
    until(lambda: any(len(on_disk(one)) >= 2 for one in list_snapshots(folder).unfinished))


@pytest.mark.slow
def test_another_shard_runs_beside_a_slow_one_and_all_others_are_refused(installation: Installation) -> None:
    for account_id in _shards(installation)[ONE]:
        installation.sandbox.faults.add(f"adAccounts/{account_id}/creatives", "slow", seconds=300, times=None)
    slow = _start(installation, shard=ONE)
    try:
        _under_way(installation, ONE)

        beside: Ran = ended(_start(installation, shard=TWO))
        refused = {
            name: ended(_start(installation, shard=shard))
            for name, shard in {"the same": ONE, "all": None, "another count": Shard(1, 3)}.items()
        }

        assert beside.code == 0, beside.err
        assert {name: ran.code for name, ran in refused.items()} == dict.fromkeys(refused, 75)
        assert all(f"pid {slow.pid}" in ran.json["error"]["why"] for ran in refused.values())
        statuses = {row["shard"]: row["status"] for row in installation.query("select shard, status from sync_log")}
        assert statuses == {"1/2": "running", "2/2": "done"}
    finally:
        slow.kill()
        slow.communicate()
        installation.sandbox.faults.clear()

    again = ended(_start(installation, shard=ONE))

    assert again.code == 0, again.err
    assert differences(installation) == []
    machine = installation.folder / "machine-1" / "snapshots"
    assert len(list_snapshots(machine).finished) == 1, "it went on with its own snapshot, although 2/2 has a newer one"


@pytest.mark.slow
def test_two_shards_that_begin_together_in_an_empty_database_bring_everything(installation: Installation) -> None:
    together = [_start(installation, shard=shard) for shard in _shards(installation)]

    ran = [ended(process) for process in together]

    assert [one.code for one in ran] == [0, 0], [one.err for one in ran]
    assert differences(installation) == []
