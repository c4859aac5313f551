"""One sync at a time: the second is refused with the name of the first, and a silent holder is replaced."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import timedelta

import pytest

from sync.installation import Installation, differences, differences_of_views, ended, on_disk, until
from workbench.database.connection import Database
from workbench.database.write_lock import WriteLock
from workbench.errors import StorageError
from workbench.pipeline.api import load

NOT_AGAIN = ("names", "reach_windows")  # what a sync of the same day does not ask for again


def _slowly(installation: Installation) -> None:
    """From now on a sync takes long: its last figures do not come until the faults are cleared."""
    installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=30, times=None)


def _under_way(installation: Installation, parts: int = 4) -> None:
    until(lambda: any(len(on_disk(folder)) >= parts for folder in installation.unfinished()))


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("others", [1, pytest.param(9, marks=pytest.mark.sweep)])
def test_of_several_syncs_one_runs_and_the_others_say_who_and_since_when(
    installation: Installation, others: int
) -> None:
    _slowly(installation)
    first = installation.start("sync", "--json")
    _under_way(installation)
    processes = [installation.start("sync", "--json") for _ in range(others)]

    refused = [ended(process) for process in processes]

    assert [ran.code for ran in refused] == [75] * others
    for ran in refused:
        assert ran.json["exit_code"] == 75
        assert f"pid {first.pid}" in ran.json["error"]["why"]
        assert "since" in ran.json["error"]["why"]
        assert "Traceback" not in ran.err
    assert installation.sandbox.requests.count("adAccounts") == 1
    _end(first)
    installation.sandbox.faults.clear()
    assert installation.sync().exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_two_syncs_started_together_end_as_one(installation: Installation) -> None:
    together = [installation.start("sync", "--json") for _ in range(2)]

    codes = sorted(ended(process).code for process in together)

    assert codes in ([0, 0], [0, 75])  # the second one may come when the first is through: then all is fresh
    assert len(installation.snapshots()) == 1
    assert differences(installation) == []


@pytest.mark.slow
def test_a_load_waits_its_turn_and_says_whose_it_is(installation: Installation) -> None:
    installation.first_sync()
    _slowly(installation)
    running = installation.start("sync", "--force")
    _under_way(installation)

    ran = installation.run("load", installation.snapshots()[0].folder.as_posix(), "--json")

    assert ran.code == 75, ran.err
    assert f"pid {running.pid}" in ran.out + ran.err
    _end(running)


@pytest.mark.slow
def test_a_holder_that_is_stopped_is_taken_over_and_does_no_harm_when_it_wakes(installation: Installation) -> None:
    _slowly(installation)
    first = installation.start("sync", "--json")
    _under_way(installation)
    first.send_signal(signal.SIGSTOP)
    installation.sandbox.faults.clear()

    try:
        until(lambda: _silent(installation) > 2.5)
        # The stopped one still holds its snapshot folder; the other begins a folder of its own.
        second = installation.run(
            "sync", "--json", act={"constants": {"database.write_lock:WATCH": 1.0, "database.write_lock:SILENCE": 2.0}}
        )
        assert second.code == 0, second.err
        assert differences(installation) == []
    finally:
        first.send_signal(signal.SIGCONT)
    woken = ended(first)

    print(f"the woken one exits {woken.code}: {woken.err[-400:]}")
    assert woken.code in (0, 70), woken.err
    assert "Traceback" not in woken.err
    assert differences(installation) == []
    installation.sandbox.world.restate(installation.today, installation.today, percent=150)
    assert installation.sync(force=True).exit_code == 0
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "nth"),
    [
        ("pipeline.load.account_loader:_load_metrics", 1),
        pytest.param("database.upsert:stage", 5, marks=pytest.mark.sweep),
        pytest.param("pipeline.load.account_loader:add_coverage", 2, marks=pytest.mark.sweep),
    ],
)
def test_a_holder_stopped_in_the_middle_of_a_load_never_writes_over_what_came_after(
    installation: Installation, at: str, nth: int
) -> None:
    """It would put its older figures under the newer snapshot's name, where no later sync looks again."""
    installation.first_sync()
    installation.sandbox.world.restate(installation.today - timedelta(days=20), installation.today, percent=130)
    first = installation.start("sync", "--force", act={"at": at, "nth": nth, "when": "before", "do": "stop"})
    until(lambda: _is_stopped(first))
    installation.sandbox.world.restate(installation.today - timedelta(days=20), installation.today, percent=170)

    try:
        until(lambda: _silent(installation) > 2.5)
        second = installation.run(
            "sync", "--force", act={"constants": {"database.write_lock:WATCH": 1.0, "database.write_lock:SILENCE": 2.0}}
        )
        assert (second.code, differences(installation)) == (0, []), second.err
    finally:
        first.send_signal(signal.SIGCONT)
    woken = ended(first)

    assert woken.code in (0, 70), woken.err
    assert (differences(installation), differences_of_views(installation)) == ([], [])


@pytest.mark.slow
def test_a_cancelled_sync_that_still_writes_keeps_others_waiting(installation: Installation) -> None:
    """Its lock is free, its transaction is not through: an older snapshot loaded meanwhile would win over it."""
    installation.first_sync()
    (old,) = installation.snapshots()
    parts = {(part.resource, part.account_id, part.pivot) for _, part in old.files() if part.resource not in NOT_AGAIN}
    installation.sandbox.world.restate(installation.today - timedelta(days=20), installation.today, percent=150)
    with Database(installation.database_url).connect() as blocking, blocking.transaction():
        blocking.execute("lock table campaign_daily_metrics in access exclusive mode")
        cancelled = installation.start("sync", "--force")
        until(lambda: installation.value("select exists (select from pg_locks where not granted)"))
        # Cancelled while it asks, it would wait for the load that is under way.
        until(lambda: parts <= on_disk(installation.unfinished()[0]) and _asks_no_more(installation))
        cancelled.send_signal(signal.SIGTERM)
        until(lambda: not _is_held(installation))
        refused = installation.run(
            "load", str(old.folder), "--json", act={"constants": {"database.write_lock:WATCH": 1.0}}
        )
    ended(cancelled)

    assert refused.code == 75, refused.err
    assert installation.run("load", str(old.folder)).code == 0
    assert installation.sync(force=True).exit_code == 0
    assert (differences(installation), differences_of_views(installation)) == ([], [])


def _is_stopped(process: subprocess.Popen[str]) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process.pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return shown.stdout.startswith("T")


def _asks_no_more(installation: Installation) -> bool:
    before = installation.sandbox.requests.count()
    time.sleep(1.5)
    return installation.sandbox.requests.count() == before


def _is_held(installation: Installation) -> bool:
    return bool(installation.value("select exists (select from pg_locks where locktype = 'advisory' and objid = 1)"))


def _silent(installation: Installation) -> float:
    return float(
        installation.value(
            "select coalesce(max(extract(epoch from now() - state_change)), 0) from pg_stat_activity a"
            " join pg_locks l using (pid) where l.locktype = 'advisory' and a.datname = current_database()"
        )
    )


def test_without_the_lock_no_account_is_loaded(installation: Installation) -> None:
    installation.first_sync()
    (snapshot,) = installation.snapshots()
    database = Database(installation.database_url)
    lock = WriteLock(database, "sync")
    lock.acquire()
    before = installation.query("select * from coverage")
    with database.connect() as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")

    with database.connect() as connection, pytest.raises(StorageError, match="lost its lock"):
        lock.check(connection)

    lock.release()
    assert installation.query("select * from coverage") == before
    assert load([snapshot.folder], settings=installation.settings()).rows()["unchanged"]


def test_the_holder_of_a_lock_is_seen_by_name_in_the_database(installation: Installation) -> None:
    with WriteLock(Database(installation.database_url), "load"):
        rows = installation.query(
            "select application_name from pg_stat_activity a join pg_locks l using (pid)"
            " where locktype = 'advisory' and datname = current_database()"
        )
    assert [row["application_name"] for row in rows] == [WriteLock(Database(installation.database_url), "load").name]
