"""Whatever becomes of the database before or in the middle of a sync, it is said, and nothing fetched is lost."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.installation import (
    Installation,
    Ran,
    asked,
    differences,
    differences_of_views,
    ended,
    new_installation,
    on_disk,
    until,
    wrong_claims,
)
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.errors import StorageError
from workbench.pipeline.api import load


def _under_way(installation: Installation, parts: int = 4) -> None:
    until(lambda: any(len(on_disk(folder)) >= parts for folder in installation.unfinished()))


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


@pytest.mark.slow
@pytest.mark.parametrize("how", [pytest.param("restarted", marks=pytest.mark.sweep), "killed"])
def test_a_server_that_is_restarted_while_linkedin_is_asked_costs_nothing(
    own_server: OwnServer, tmp_path: Path, how: str
) -> None:
    with new_installation(own_server.url, tmp_path) as installation:
        installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=8, times=1)
        process = installation.start("sync", "--json")
        _under_way(installation)
        own_server.stop() if how == "restarted" else own_server.kill()
        own_server.start()

        ran = ended(process)

        assert ran.code in (0, 70), ran.err
        assert "Traceback" not in ran.err
        installation.sandbox.faults.clear()
        kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
        installation.sandbox.requests.clear()
        assert installation.sync().exit_code == 0
        assert not asked(installation.requests()) & kept
        if ran.code == 0:
            assert installation.sandbox.requests.entries == []
        assert differences(installation) == []


@pytest.mark.slow
def test_a_server_that_stops_while_linkedin_is_asked_leaves_a_snapshot_to_go_on_with(
    own_server: OwnServer, tmp_path: Path
) -> None:
    with new_installation(own_server.url, tmp_path) as installation:
        installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=3, times=1)
        process = installation.start("sync", "--json")
        _under_way(installation)
        own_server.stop()

        ran = ended(process)

        assert ran.code == 70, ran.err
        assert ran.json["error"]["type"] == "StorageError"
        assert "Traceback" not in ran.err
        own_server.start()
        installation.sandbox.requests.clear()
        assert installation.sync().exit_code == 0
        assert asked(installation.requests()) == set(), "everything was on disk"
        assert differences(installation) == []


@pytest.mark.slow
def test_a_server_that_only_lets_us_read_in_mid_run_is_named_and_a_snapshot_is_left_to_load(
    own_server: OwnServer, tmp_path: Path
) -> None:
    with new_installation(own_server.url, tmp_path) as installation:
        installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=2, times=1)
        process = installation.start("sync", "--json")
        _under_way(installation)
        _alter_system(own_server.url, "default_transaction_read_only = on")

        ran = ended(process)

        assert ran.code == 70, ran.err
        assert ran.json["error"]["why"] == "It only lets us read: a standby, or a read-only role."
        assert "Traceback" not in ran.err
        _alter_system(own_server.url, "default_transaction_read_only = off")
        installation.sandbox.requests.clear()
        assert installation.sync().exit_code == 0
        assert asked(installation.requests()) == set(), "everything was on disk"
        assert differences(installation) == []


@pytest.mark.slow
def test_a_server_whose_connections_run_out_in_mid_run_is_named_and_a_snapshot_is_left_to_load(
    own_server: OwnServer, tmp_path: Path
) -> None:
    with new_installation(own_server.url, tmp_path) as installation, ExitStack() as taken:
        installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=4, times=1)
        process = installation.start("sync", "--json")
        _under_way(installation)
        ours = taken.enter_context(Database(own_server.url).connect("the test"))
        _take_all_connections(own_server.url, taken)
        ours.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'workbench sync%'"
        )
        until(lambda: _take_all_connections(own_server.url, taken) or process.poll() is not None)

        ran = ended(process)

        assert ran.code == 70, ran.err
        assert "too many" in ran.json["error"]["why"]
        assert "Traceback" not in ran.err
        taken.close()
        kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
        installation.sandbox.requests.clear()
        assert installation.sync().exit_code == 0
        assert not asked(installation.requests()) & kept
        assert differences(installation) == []


@pytest.mark.slow
def test_connections_that_are_ended_in_the_middle_of_a_load_are_told_in_sentences(installation: Installation) -> None:
    installation.first_sync()
    installation.sandbox.world.restate(installation.today, installation.today, percent=150)
    with Database(installation.database_url).connect() as blocking, blocking.transaction():
        blocking.execute("lock table creatives in access exclusive mode")
        process = installation.start("sync", "--force", "--json")
        until(lambda: installation.value("select exists (select from pg_locks where not granted)"))
        blocking.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )
    ran = ended(process)

    assert ran.code == 70, ran.err
    assert "Traceback" not in ran.err
    assert ran.json["error"]["why"]
    assert installation.sync(force=True).exit_code == 0
    assert (differences(installation), differences_of_views(installation)) == ([], [])


@pytest.mark.slow
def test_a_connection_that_is_lost_in_the_middle_of_a_load_leaves_nothing_half_and_the_next_load_ends_at_the_truth(
    installation: Installation,
) -> None:
    """The same without a child process: PostgreSQL ends the session that writes figures."""
    snapshot = installation.first_sync().snapshot
    assert snapshot is not None
    emptied = ("campaigns", "creative_daily_metrics", "coverage")
    with Database(installation.database_url).connect() as connection:
        connection.execute("; ".join(f"delete from {table}" for table in emptied))  # type: ignore[arg-type]
        connection.execute(
            "create function lose() returns trigger language plpgsql as"
            " 'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';"
            " create trigger lost before insert on creative_daily_metrics execute function lose()"
        )
        with pytest.raises(StorageError) as lost:
            load([snapshot], settings=installation.settings())
        connection.execute("drop function lose() cascade")

    assert lost.value.why
    assert lost.value.next_step
    assert wrong_claims(installation) == []
    load([snapshot], settings=installation.settings())
    assert (differences(installation), differences_of_views(installation)) == ([], [])


@pytest.mark.slow
def test_a_slow_database_is_waited_for_and_the_sync_is_seen_to_be_alive_meanwhile(installation: Installation) -> None:
    installation.first_sync()
    installation.sandbox.world.restate(installation.today, installation.today, percent=150)
    with Database(installation.database_url).connect() as blocking, blocking.transaction():
        blocking.execute("lock table campaigns, campaign_daily_metrics in access exclusive mode")
        process = installation.start("sync", "--force", "--json")
        until(lambda: bool(installation.value("select exists (select from pg_locks where not granted)")))
        before = installation.value("select max(heartbeat_at) from sync_log")
        until(lambda: installation.value("select max(heartbeat_at) from sync_log") > before)
        assert installation.run("sync", "--force", "--json").code == 75

    assert ended(process).code == 0
    assert differences(installation) == []


# --- a database that cannot be used: found before LinkedIn is asked -------------------------------------------------


def _refused(installation: Installation, ran: Ran, code: int = 70) -> str:
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    assert ran.json["error"]["next"]
    assert installation.sandbox.requests.entries == []
    assert not installation.snapshot_dir.exists()
    return ran.json["error"]["what"] + ran.json["error"]["why"]


def test_an_unreachable_database_is_found_before_any_request(installation: Installation) -> None:
    url = "postgresql://anna:geheim-4711@127.0.0.1:9/nowhere"

    ran = installation.run("sync", "--json", settings={"DATABASE_URL": url})

    assert "127.0.0.1" in _refused(installation, ran)
    assert "geheim" not in ran.out + ran.err


def test_a_read_only_database_is_found_before_any_request(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path) as installation:
        name = empty_database_url.database
        bench_query(empty_database_url, f"alter database {name} set default_transaction_read_only = on")

        assert "read-only" in _refused(installation, installation.run("sync", "--json"), 78)


@pytest.mark.slow
def test_a_migrated_read_only_database_is_found_before_any_request(installation: Installation) -> None:
    bench_query(
        installation.database_url,
        f"alter database {installation.database_url.database} set default_transaction_read_only = on",
    )

    assert "read-only" in _refused(installation, installation.run("sync", "--json"), 78)


@pytest.mark.slow
def test_a_server_without_connections_left_is_found_before_any_request(own_server: OwnServer, tmp_path: Path) -> None:
    with new_installation(own_server.url, tmp_path) as installation, ExitStack() as taken:
        _take_all_connections(own_server.url, taken)

        assert "too many" in _refused(installation, installation.run("sync", "--json"))


@pytest.mark.slow
def test_a_database_of_a_newer_workbench_is_refused_before_any_request(installation: Installation) -> None:
    bench_query(installation.database_url, "update alembic_version set version_num = '9999'")

    said = _refused(installation, installation.run("sync", "--json"))

    assert "newer" in said
    assert "9999" in said


@pytest.mark.slow
def test_a_migration_that_was_killed_is_made_again(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path) as installation:
        act = {"at": "database.migrations:_migrate", "nth": 1, "when": "after", "do": "kill"}
        assert installation.run("sync", act=act).code == -signal.SIGKILL
        assert installation.sync().exit_code == 0
        assert differences(installation) == []


def bench_query(url: URL, sql: str) -> None:
    with Database(url).connect() as connection:
        connection.execute(sql)  # type: ignore[arg-type]


def _take_all_connections(url: URL, taken: ExitStack) -> None:
    with suppress(StorageError):  # there are no more
        for _ in range(200):
            taken.enter_context(Database(url).connect())


def _alter_system(url: URL, setting: str) -> None:
    bench_query(url, f"alter system set {setting}")
    bench_query(url, "select pg_reload_conf()")
