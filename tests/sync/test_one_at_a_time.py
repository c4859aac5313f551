"""One sync at a time: whoever comes second is told who is at it, and a silent holder is taken over."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import timedelta

import pytest

from sync.bench import Bench, differences, differences_of_views, ended, on_disk, until
from workbench.database.connection import Database
from workbench.database.write_lock import WriteLock
from workbench.errors import StorageError
from workbench.pipeline.api import load


def _slowly(bench: Bench) -> None:
    """From now on a sync takes long: its last figures do not come until the faults are cleared."""
    bench.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=30, times=None)


def _under_way(bench: Bench, parts: int = 4) -> None:
    until(lambda: any(len(on_disk(folder)) >= parts for folder in bench.unfinished()))


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.parametrize("others", [1, pytest.param(9, marks=pytest.mark.sweep)])
def test_of_several_syncs_one_runs_and_the_others_say_who_and_since_when(bench: Bench, others: int) -> None:
    _slowly(bench)
    first = bench.start("sync", "--json")
    _under_way(bench)
    processes = [bench.start("sync", "--json") for _ in range(others)]

    refused = [ended(process) for process in processes]

    assert [ran.code for ran in refused] == [75] * others
    for ran in refused:
        assert ran.json["exit_code"] == 75
        assert f"pid {first.pid}" in ran.json["error"]["why"]
        assert "since" in ran.json["error"]["why"]
        assert "Traceback" not in ran.err
    assert bench.sandbox.requests.count("adAccounts") == 1
    _end(first)
    bench.sandbox.faults.clear()
    assert bench.sync().exit_code == 0
    assert differences(bench) == []


@pytest.mark.slow
def test_two_syncs_started_together_end_as_one(bench: Bench) -> None:
    together = [bench.start("sync", "--json") for _ in range(2)]

    codes = sorted(ended(process).code for process in together)

    assert codes in ([0, 0], [0, 75])  # the second one may come when the first is through: then all is fresh
    assert len(bench.snapshots()) == 1
    assert differences(bench) == []


@pytest.mark.slow
def test_a_load_waits_its_turn_and_says_whose_it_is(bench: Bench) -> None:
    bench.first_sync()
    _slowly(bench)
    running = bench.start("sync", "--force")
    _under_way(bench)

    ran = bench.run("load", bench.snapshots()[0].folder.as_posix(), "--json")

    assert ran.code == 75, ran.err
    assert f"pid {running.pid}" in ran.out + ran.err
    _end(running)


@pytest.mark.slow
def test_a_holder_that_is_stopped_is_taken_over_and_does_no_harm_when_it_wakes(bench: Bench) -> None:
    _slowly(bench)
    first = bench.start("sync", "--json")
    _under_way(bench)
    first.send_signal(signal.SIGSTOP)
    bench.sandbox.faults.clear()

    try:
        until(lambda: _silent(bench) > 2.5)
        # The stopped one still holds its snapshot folder; the other begins a folder of its own.
        second = bench.run(
            "sync", "--json", act={"constants": {"database.write_lock:WATCH": 1.0, "database.write_lock:SILENCE": 2.0}}
        )
        assert second.code == 0, second.err
        assert differences(bench) == []
    finally:
        first.send_signal(signal.SIGCONT)
    woken = ended(first)

    print(f"the woken one exits {woken.code}: {woken.err[-400:]}")
    assert woken.code in (0, 70), woken.err
    assert "Traceback" not in woken.err
    assert differences(bench) == []
    bench.sandbox.world.restate(bench.today, bench.today, percent=150)
    assert bench.sync(force=True).exit_code == 0
    assert differences(bench) == []
    assert differences_of_views(bench) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "nth"),
    [
        ("pipeline.load.account_loader:_load_metrics", 1),
        pytest.param("database.upsert:stage", 5, marks=pytest.mark.sweep),
        pytest.param("pipeline.load.account_loader:_write_coverage", 2, marks=pytest.mark.sweep),
    ],
)
def test_a_holder_stopped_in_the_middle_of_a_load_never_writes_over_what_came_after(
    bench: Bench, at: str, nth: int
) -> None:
    """It would put its older figures under the newer snapshot's name, where no later sync looks again."""
    bench.first_sync()
    bench.sandbox.world.restate(bench.today - timedelta(days=20), bench.today, percent=130)
    first = bench.start("sync", "--force", act={"at": at, "nth": nth, "when": "before", "do": "stop"})
    until(lambda: _is_stopped(first))
    bench.sandbox.world.restate(bench.today - timedelta(days=20), bench.today, percent=170)

    try:
        until(lambda: _silent(bench) > 2.5)
        second = bench.run(
            "sync", "--force", act={"constants": {"database.write_lock:WATCH": 1.0, "database.write_lock:SILENCE": 2.0}}
        )
        assert (second.code, differences(bench)) == (0, []), second.err
    finally:
        first.send_signal(signal.SIGCONT)
    woken = ended(first)

    assert woken.code in (0, 70), woken.err
    assert (differences(bench), differences_of_views(bench)) == ([], [])


@pytest.mark.slow
def test_a_cancelled_sync_that_still_writes_keeps_others_waiting(bench: Bench) -> None:
    """Its lock is free, its transaction is not through: an older snapshot loaded meanwhile would win over it."""
    bench.first_sync()
    (old,) = bench.snapshots()
    bench.sandbox.world.restate(bench.today - timedelta(days=20), bench.today, percent=150)
    with Database(bench.database_url).connect() as blocking, blocking.transaction():
        blocking.execute("lock table campaign_daily_metrics in access exclusive mode")
        cancelled = bench.start("sync", "--force")
        until(lambda: bench.value("select exists (select from pg_locks where not granted)"))
        until(lambda: _asks_no_more(bench))  # cancelled while it asks, it would wait for the load that is under way
        cancelled.send_signal(signal.SIGTERM)
        until(lambda: not _is_held(bench))
        refused = bench.run("load", str(old.folder), "--json", act={"constants": {"database.write_lock:WATCH": 1.0}})
    ended(cancelled)

    assert refused.code == 75, refused.err
    assert bench.run("load", str(old.folder)).code == 0
    assert bench.sync(force=True).exit_code == 0
    assert (differences(bench), differences_of_views(bench)) == ([], [])


def _is_stopped(process: subprocess.Popen[str]) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process.pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return shown.stdout.startswith("T")


def _asks_no_more(bench: Bench) -> bool:
    before = bench.sandbox.requests.count()
    time.sleep(1.5)
    return bench.sandbox.requests.count() == before


def _is_held(bench: Bench) -> bool:
    return bool(bench.value("select exists (select from pg_locks where locktype = 'advisory' and objid = 1)"))


def _silent(bench: Bench) -> float:
    return float(
        bench.value(
            "select coalesce(max(extract(epoch from now() - state_change)), 0) from pg_stat_activity a"
            " join pg_locks l using (pid) where l.locktype = 'advisory' and a.datname = current_database()"
        )
    )


def test_without_the_lock_no_account_is_loaded(bench: Bench) -> None:
    bench.first_sync()
    (snapshot,) = bench.snapshots()
    database = Database(bench.database_url)
    lock = WriteLock(database, "sync")
    lock.acquire()
    before = bench.query("select * from coverage")
    with database.connect() as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")

    with database.connect() as connection, pytest.raises(StorageError, match="lost its lock"):
        lock.check(connection)

    lock.release()
    assert bench.query("select * from coverage") == before
    assert load([snapshot.folder], settings=bench.settings())


def test_the_holder_of_a_lock_is_seen_by_name_in_the_database(bench: Bench) -> None:
    with WriteLock(Database(bench.database_url), "load"):
        rows = bench.query(
            "select application_name from pg_stat_activity a join pg_locks l using (pid)"
            " where locktype = 'advisory' and datname = current_database()"
        )
    assert [row["application_name"] for row in rows] == [WriteLock(Database(bench.database_url), "load").name]
