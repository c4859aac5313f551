"""How a server comes to life, is shared, dies, and comes back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from embedded_home import has_stopped, is_free, postmaster_of, remember, remembered, wait_until

from workbench.database import embedded
from workbench.database.embedded import server_process
from workbench.database.embedded.layout import Home
from workbench.errors import StorageError

HERE = Path(__file__).parent


def test_a_home_that_does_not_exist_yet_becomes_a_server_with_the_wanted_settings(new_home):
    server = embedded.ensure(new_home)
    embedded.create_database(server)

    with psycopg.connect(**embedded.connection_parameters(server)) as connection:
        found = connection.execute(
            "select current_user, current_database(), current_setting('server_encoding'), current_setting('TimeZone'),"
            " current_setting('data_checksums'), current_setting('listen_addresses'),"
            " (select datlocale from pg_database where datname = 'linkedin_ads')"
        ).fetchone()
    assert server == embedded.EmbeddedServer(new_home / "run", 5432, "workbench", "18")
    assert found == ("workbench", "linkedin_ads", "UTF8", "UTC", "on", "", "C.UTF-8")


def test_asking_again_is_cheap_and_writes_nothing_into_the_log(home):
    embedded.ensure(home)
    before = Home(home).log.read_text()

    started = time.process_time()  # a busy machine makes nothing dearer by this clock
    servers = {embedded.ensure(home) for _ in range(20)}
    seconds = (time.process_time() - started) / 20

    assert len(servers) == 1
    assert seconds < 0.1
    assert Home(home).log.read_text() == before


@pytest.mark.slow
def test_a_database_is_created_once_and_can_be_a_copy_of_another(home):
    remember(home, "kept")
    server = embedded.ensure(home)

    embedded.create_database(server)
    embedded.create_database(server, 'a "copy"', template="postgres")

    with psycopg.connect(**embedded.connection_parameters(server, 'a "copy"')) as connection:
        assert connection.execute("select words from memory").fetchall() == [("kept",)]
    assert remembered(home) == ["kept"]


@pytest.mark.slow
def test_status_tells_about_a_server_without_starting_or_making_it(new_home):
    assert embedded.status(new_home) == embedded.EmbeddedStatus(new_home, running=False, version=None, data_bytes=0)
    assert not new_home.exists()

    embedded.ensure(new_home)
    running = embedded.status(new_home)
    embedded.stop(new_home)
    stopped = embedded.status(new_home)

    assert (running.running, running.version) == (True, "18")
    assert (stopped.running, stopped.version) == (False, "18")
    assert running.data_bytes > 10_000_000


def test_several_processes_share_one_server_and_the_last_to_leave_stops_it(home, client):
    first, second = client(home), client(home)
    postmasters = {first.facts()["postmaster"], second.facts()["postmaster"]}

    first.leave()
    still_there = postmaster_of(home)
    second.leave()

    assert postmasters == {still_there}
    wait_until(lambda: has_stopped(home))


@pytest.mark.slow
def test_sixteen_processes_at_once_get_one_server(new_home, client):
    clients = [client(new_home) for _ in range(16)]

    found = [one.facts() for one in clients]

    assert {facts["postmaster"] for facts in found} == {postmaster_of(new_home)}
    assert sum(facts["keeper"] is not None for facts in found) == 1


@pytest.mark.slow
def test_a_killed_process_leaves_the_server_to_the_others_and_stops_it_as_the_last(home, client):
    first, second = client(home), client(home)
    first.facts()
    expected = second.facts()["postmaster"]

    first.kill()
    assert postmaster_of(home) == expected
    second.kill()

    wait_until(lambda: has_stopped(home))


def test_a_killed_postmaster_is_replaced_and_nothing_is_lost(home):
    remember(home, "kept")
    killed = postmaster_of(home)
    os.kill(killed, signal.SIGKILL)

    assert remembered(home) == ["kept"]
    assert postmaster_of(home) not in (killed, None)


@pytest.mark.slow
def test_a_killed_keeper_is_replaced_by_the_next_who_asks(home, client):
    first, second = client(home), client(home, before="sys.stdin.readline()")
    killed = first.facts()["keeper"]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: is_free(home, "keeper"))
    second.process.stdin.write("\n")
    second.process.stdin.flush()

    assert second.facts()["keeper"] not in (killed, None)
    second.leave()
    first.leave()
    wait_until(lambda: has_stopped(home))


def test_a_killed_keeper_is_replaced_when_its_user_leaves(home, client):
    only = client(home)
    os.kill(only.facts()["keeper"], signal.SIGKILL)
    wait_until(lambda: is_free(home, "keeper"))

    only.leave()

    wait_until(lambda: has_stopped(home))


def test_a_server_whose_starter_was_killed_at_once_is_stopped_too(home, client):
    starter = client(home)
    wait_until(lambda: (home / "start.lock").exists() and not is_free(home, "alive"))
    starter.kill()

    wait_until(lambda: is_free(home, "keeper") and has_stopped(home))


def test_after_everything_was_killed_the_next_start_finds_the_data(home, client):
    remembering = "from embedded_home import remember; remember(Path(sys.argv[1]), 'kept'); print('{}', flush=True)"
    search = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    victim = client(home, after=f"{remembering}; sys.stdin.read()", env={**os.environ, "PYTHONPATH": search})
    facts = victim.facts()
    victim.facts()
    os.kill(facts["keeper"], signal.SIGKILL)
    victim.kill()
    os.kill(facts["postmaster"], signal.SIGKILL)

    assert remembered(home) == ["kept"]


@pytest.mark.slow
def test_a_process_killed_while_the_data_is_made_leaves_nothing_in_the_way(new_home, client):
    victim = client(new_home)
    wait_until((Home(new_home).unfinished_data / "PG_VERSION").exists)
    victim.kill()

    embedded.ensure(new_home)

    assert not Home(new_home).unfinished_data.exists()


def test_a_stale_socket_and_a_pid_that_another_process_has_by_now_are_no_obstacle(home):
    remember(home, "kept")
    embedded.stop(home)
    run, data = home / "run", home / "data"
    (run / ".s.PGSQL.5432").touch()
    (run / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n{run}\n\n")

    assert remembered(home) == ["kept"]


@pytest.mark.slow
def test_a_home_that_was_removed_is_made_again_and_used(home):
    embedded.ensure(home)
    os.kill(postmaster_of(home), signal.SIGKILL)
    wait_until(lambda: has_stopped(home))
    shutil.rmtree(home)

    embedded.ensure(home)

    assert not is_free(home, "use")  # else its keeper would take the server away from us
    assert not is_free(home, "keeper")


def test_a_forked_child_keeps_the_server_after_its_parent_has_gone(home, client):
    fork = "child = os.fork()\nif child: print(json.dumps(child), flush=True); os._exit(0)\nsys.stdin.read()"
    parent = client(home, after=fork)
    expected = parent.facts()["postmaster"]
    parent.facts()
    parent.process.wait(timeout=120)

    assert postmaster_of(home) == expected
    parent.leave()
    wait_until(lambda: has_stopped(home))


@pytest.mark.slow
def test_a_fork_in_the_middle_of_a_start_holds_no_lock_that_others_wait_for(new_home, client):
    fork = """
import threading, warnings
warnings.simplefilter("ignore")
thread = threading.Thread(target=embedded.ensure, args=[Path(sys.argv[1])])
thread.start()
child = os.fork()
if not child: sys.stdin.read(); os._exit(0)
thread.join()
embedded.stop(Path(sys.argv[1]))
"""
    parent = client(new_home, before=fork)

    assert parent.facts()["postmaster"] == postmaster_of(new_home)


def test_a_server_started_by_hand_on_the_same_data_is_left_alone(home):
    remember(home, "kept")
    embedded.stop(home)
    run = home / "run"
    who, installation = server_process.choose(home, owner=server_process.account_of((home / "data").stat().st_uid))
    command = [str(installation.program("postgres")), "-D", str(home / "data"), f"-k{run}", "-p5433", "-h", ""]
    by_hand = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd="/", **who.switch())
    try:
        wait_until((run / ".s.PGSQL.5433").exists)
        with pytest.raises(StorageError, match="started by hand"):
            embedded.ensure(home)
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(timeout=120)
    assert remembered(home) == ["kept"]


def test_leaving_is_silent_even_when_every_warning_is_an_error(home):
    code = (
        "import sys; from pathlib import Path; from workbench.database import embedded; "
        "embedded.ensure(Path(sys.argv[1]))"
    )
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(home)], capture_output=True, text=True, timeout=300, check=True
    )

    assert (finished.stdout, finished.stderr) == ("", "")
    wait_until(lambda: has_stopped(home))
