"""One sync at a time; and whatever becomes of the database meanwhile, nothing fetched is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.bench import Bench, Ran, asked, benches, differences, differences_of_views, ended, on_disk
from workbench import embedded
from workbench.errors import StorageError
from workbench.lock import WriteLock
from workbench.pipeline import load
from workbench.postgres import Database


def _slowly(bench: Bench) -> None:
    """From now on a sync takes long: its last figures do not come until the faults are cleared."""
    bench.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=30, times=None)


def _under_way(bench: Bench, parts: int = 4) -> None:
    until(lambda: any(len(on_disk(folder)) >= parts for folder in bench.unfinished()))


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


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


def test_two_syncs_started_together_end_as_one(bench: Bench) -> None:
    together = [bench.start("sync", "--json") for _ in range(2)]

    codes = sorted(ended(process).code for process in together)

    assert codes in ([0, 0], [0, 75])  # the second one may come when the first is through: then all is fresh
    assert len(bench.snapshots()) == 1
    assert differences(bench) == []


def test_a_load_waits_its_turn_and_says_whose_it_is(bench: Bench) -> None:
    bench.sync()
    _slowly(bench)
    running = bench.start("sync", "--force")
    _under_way(bench)

    ran = bench.run("load", bench.snapshots()[0].folder.as_posix(), "--json")

    assert ran.code == 75, ran.err
    assert f"pid {running.pid}" in ran.out + ran.err
    _end(running)


def test_a_holder_that_is_stopped_is_taken_over_and_does_no_harm_when_it_wakes(bench: Bench) -> None:
    _slowly(bench)
    first = bench.start("sync", "--json")
    _under_way(bench)
    first.send_signal(signal.SIGSTOP)
    bench.sandbox.faults.clear()

    try:
        until(lambda: _silent(bench) > 2.5)
        # The stopped one still holds its snapshot folder; the other begins a folder of its own.
        second = bench.run("sync", "--json", act={"constants": {"lock:WATCH": 1.0, "lock:SILENCE": 2.0}})
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


def _silent(bench: Bench) -> float:
    return float(
        bench.value(
            "select coalesce(max(extract(epoch from now() - state_change)), 0) from pg_stat_activity a"
            " join pg_locks l using (pid) where l.locktype = 'advisory' and a.datname = current_database()"
        )
    )


def test_without_the_lock_no_account_is_loaded(bench: Bench) -> None:
    bench.sync()
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


# --- a database that goes away --------------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    """A PostgreSQL that a test may hurt: its own, not the session's."""
    folder = Path("/tmp") / f"workbench-hurt-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(mode=0o755)
    own = OwnServer(folder / "postgres")
    own.start()
    yield own
    own.stop()
    shutil.rmtree(folder)


class OwnServer:
    """An embedded server of its own, and the URL of one database in it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def start(self) -> None:
        self.running = embedded.ensure(self.home)
        embedded.create_database(self.running, "hurt")

    def stop(self) -> None:
        embedded.stop(self.home)

    def kill(self) -> None:
        """SIGKILL the postmaster, and wait until its children are gone too."""
        pid = int((self.home / "data" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        until(lambda: not _answers(self.url))

    @property
    def url(self) -> URL:
        facts = embedded.connection_parameters(self.running, "hurt")
        return URL.create(
            "postgresql+psycopg", facts["user"], database="hurt", port=facts["port"], query={"host": facts["host"]}
        )


def _answers(url: URL) -> bool:
    try:
        Database(url).connect().close()
    except StorageError:
        return False
    return True


@pytest.mark.parametrize("how", [pytest.param("restarted", marks=pytest.mark.sweep), "killed"])
def test_a_server_that_is_restarted_while_linkedin_is_asked_costs_nothing(
    own_server: OwnServer, tmp_path: Path, how: str
) -> None:
    with benches(own_server.url, tmp_path) as bench:
        bench.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=8, times=1)
        process = bench.start("sync", "--json")
        _under_way(bench)
        own_server.stop() if how == "restarted" else own_server.kill()
        own_server.start()

        ran = ended(process)

        assert ran.code in (0, 70), ran.err
        assert "Traceback" not in ran.err
        bench.sandbox.faults.clear()
        kept = {part for folder in bench.unfinished() for part in on_disk(folder)}
        bench.sandbox.requests.clear()
        assert bench.sync().exit_code == 0
        assert not asked(bench.requests()) & kept
        if ran.code == 0:
            assert bench.sandbox.requests.entries == []
        assert differences(bench) == []


def test_a_server_that_stops_while_linkedin_is_asked_leaves_a_snapshot_to_go_on_with(
    own_server: OwnServer, tmp_path: Path
) -> None:
    with benches(own_server.url, tmp_path) as bench:
        bench.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=3, times=1)
        process = bench.start("sync", "--json")
        _under_way(bench)
        own_server.stop()

        ran = ended(process)

        assert ran.code == 70, ran.err
        assert ran.json["error"]["type"] == "StorageError"
        assert "Traceback" not in ran.err
        own_server.start()
        bench.sandbox.requests.clear()
        assert bench.sync().exit_code == 0
        assert asked(bench.requests()) == set(), "everything was on disk"
        assert differences(bench) == []


# --- a database that cannot be used: found before LinkedIn is asked -------------------------------------------------


def _refused(bench: Bench, ran: Ran) -> str:
    assert ran.code == 70, ran.err
    assert "Traceback" not in ran.err
    assert ran.json["error"]["next"]
    assert bench.sandbox.requests.entries == []
    assert not bench.snapshot_dir.exists()
    return ran.json["error"]["what"] + ran.json["error"]["why"]


def test_an_unreachable_database_is_found_before_any_request(bench: Bench) -> None:
    url = "postgresql://anna:geheim-4711@127.0.0.1:9/nowhere"

    ran = bench.run("sync", "--json", settings={"DATABASE_URL": url})

    assert "127.0.0.1" in _refused(bench, ran)
    assert "geheim" not in ran.out + ran.err


def test_a_read_only_database_is_found_before_any_request(empty_database_url: URL, tmp_path: Path) -> None:
    with benches(empty_database_url, tmp_path) as bench:
        name = empty_database_url.database
        bench_query(empty_database_url, f"alter database {name} set default_transaction_read_only = on")

        assert "read" in _refused(bench, bench.run("sync", "--json"))


def test_a_migrated_read_only_database_is_found_before_any_request(bench: Bench) -> None:
    bench_query(
        bench.database_url, f"alter database {bench.database_url.database} set default_transaction_read_only = on"
    )

    assert "read" in _refused(bench, bench.run("sync", "--json"))


def test_a_server_without_connections_left_is_found_before_any_request(own_server: OwnServer, tmp_path: Path) -> None:
    with benches(own_server.url, tmp_path) as bench, ExitStack() as taken:
        with suppress(StorageError):
            for _ in range(200):
                taken.enter_context(Database(own_server.url).connect())

        assert "too many" in _refused(bench, bench.run("sync", "--json"))


def test_a_database_of_a_newer_workbench_is_refused_before_any_request(bench: Bench) -> None:
    bench_query(bench.database_url, "update alembic_version set version_num = '9999'")

    said = _refused(bench, bench.run("sync", "--json"))

    assert "newer" in said
    assert "9999" in said


def test_a_migration_that_was_killed_is_made_again(empty_database_url: URL, tmp_path: Path) -> None:
    with benches(empty_database_url, tmp_path) as bench:
        act = {"at": "migrations:_refuse_if_newer", "nth": 1, "when": "after", "do": "kill"}
        assert bench.run("sync", act=act).code == -signal.SIGKILL
        assert bench.sync().exit_code == 0
        assert differences(bench) == []


def bench_query(url: URL, sql: str) -> None:
    with Database(url).connect() as connection:
        connection.execute(sql)  # type: ignore[arg-type]


def test_the_holder_of_a_lock_is_seen_by_name_in_the_database(bench: Bench) -> None:
    with WriteLock(Database(bench.database_url), "load"):
        rows = bench.query(
            "select application_name from pg_stat_activity a join pg_locks l using (pid)"
            " where locktype = 'advisory' and datname = current_database()"
        )
    assert [row["application_name"] for row in rows] == [WriteLock(Database(bench.database_url), "load").name]
