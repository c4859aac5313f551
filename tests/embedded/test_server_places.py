"""Where a server can live, what its folder looks like, and what is refused with which words."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
from embedded_home import has_stopped, remember, remembered, wait_until
from marks import slow_except

from workbench.database import embedded
from workbench.database.embedded import cluster
from workbench.database.embedded.layout import Home
from workbench.errors import ConfigurationError, StorageError
from workbench.queries.database_source import Pools
from workbench.settings.fields import ReaderSettings

ODD_NAMES = ['it\'s "quoted" \\ $HOME `id` %s --flag größe 測試 🐘', "two,hosts\nline break"]


@pytest.mark.parametrize("name", slow_except(ODD_NAMES[0], of=ODD_NAMES))
def test_any_folder_name_will_do(place, name):
    home = place / name / "postgres"

    remember(home, "kept")
    embedded.stop(home)

    assert remembered(home) == ["kept"]


def test_a_path_too_long_for_a_socket_gets_a_socket_folder_of_its_own_in_tmp(place):
    home = place.joinpath(*["a very long name for a folder"] * 8) / "postgres"

    remember(home, "kept")
    server = embedded.ensure(home)

    assert len(str(home)) > 200
    assert server.socket_dir.parent == Path("/tmp").resolve()
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    assert remembered(home) == ["kept"]


def test_a_symbolic_link_and_its_target_are_one_home(place):
    (place / "target").mkdir()
    (place / "link").symlink_to("target")

    assert embedded.ensure(place / "link" / "postgres") == embedded.ensure(place / "target" / "postgres")


@pytest.mark.parametrize("umask", slow_except(0o077, of=[0o077, 0o000]))
def test_modes_do_not_depend_on_the_umask(place, new_home, client, umask):
    before = [_owner_and_mode(folder) for folder in (place.parent, place)]
    user = client(new_home, before=f"os.umask({umask})")
    user.facts()

    modes = {path.name: oct(stat.S_IMODE(path.lstat().st_mode)) for path in new_home.iterdir()}
    homes = oct(stat.S_IMODE(new_home.stat().st_mode))

    locks = {f"{name}.lock": "0o600" for name in ("alive", "keeper", "start", "use")}
    rules = {"pg_hba.conf": "0o644", "pg_ident.conf": "0o644"}
    assert modes == {"data": "0o700", "run": "0o700", "server.log": "0o600", **locks, **rules}
    assert homes in {"0o700", "0o711"}
    assert [_owner_and_mode(folder) for folder in (place.parent, place)] == before


def _owner_and_mode(folder: Path) -> tuple[int, int, int]:
    facts = folder.stat()
    return facts.st_uid, facts.st_gid, facts.st_mode


@pytest.mark.slow
def test_a_folder_that_was_there_before_keeps_its_mode(place):
    home = place / "mine"
    home.mkdir()
    (home / "notes.txt").touch()
    home.chmod(0o755)

    embedded.ensure(home)

    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert (home / "notes.txt").exists()


def test_the_environment_has_no_say(new_home, client):
    junk = {
        "PGHOST": "db.invalid",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGUSER": "nobody_knows",
        "PGDATABASE": "elsewhere",
        "PGDATA": "/nowhere",
        "PGOPTIONS": "-c nonsense=1",
        "PGCLIENTENCODING": "SQL_ASCII",
        "PGTARGETSESSIONATTRS": "standby",
        "LC_ALL": "xx_YY.UTF-8",
        "LANG": "tlh",
        "TZ": "Asia/Tokyo",
        "TMPDIR": "/nowhere",
    }
    user = client(new_home, before=f"os.environ.update({junk!r})")

    assert user.facts()["rows"] == [["workbench", "UTC", "postgres"]]


def test_only_the_two_roles_can_be_had_and_neither_needs_a_password(home):
    server = embedded.ensure(home)
    with psycopg.connect(**embedded.connection_parameters(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"create role {embedded.READER} login")
        connection.execute("create role stranger login")

    reader = embedded.connection_parameters(server, "postgres", role=embedded.READER)
    with psycopg.connect(**reader) as connection:
        assert connection.execute("select current_user").fetchone() == ("workbench_reader",)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(**embedded.connection_parameters(server, "postgres", role="stranger"))


def test_the_first_who_asks_as_the_reader_needs_no_server_before_him(place, home):
    (place / "home").mkdir(mode=0o755)
    home.rename(place / "home" / "postgres")
    settings = ReaderSettings(_env_file=None, WORKBENCH_HOME=place / "home", DATABASE_URL=None, POSTGRES_HOST=None)
    pools = Pools(readers=True)

    with pools.of(settings).reading() as connection:
        assert connection.execute("select current_user").fetchone() == ("workbench_reader",)
    pools.close()


def test_the_access_rules_quote_the_names_of_accounts(place):
    _, ident = cluster.write_access_rules(Home(place), ["root", 'a "b" #c'])

    assert ident.read_text() == (
        'workbench "root" workbench\n'
        'workbench "root" workbench_reader\n'
        'workbench "a ""b"" #c" workbench\n'
        'workbench "a ""b"" #c" workbench_reader\n'
    )


def test_data_of_another_major_version_is_refused_with_the_way_out(home):
    remember(home, "kept")
    embedded.stop(home)
    (home / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(StorageError) as refused:
        embedded.ensure(home)

    assert refused.value.what == f"The embedded PostgreSQL 18 cannot open the data in {home}/data."
    assert "PostgreSQL 17 wrote it" in refused.value.why
    assert "workbench load --all" in refused.value.next_step
    assert embedded.status(home).version == "17"
    (home / "data" / "PG_VERSION").write_text("18\n")
    assert remembered(home) == ["kept"]


def test_a_data_folder_that_holds_something_else_is_refused(new_home):
    (new_home / "data").mkdir(parents=True)
    new_home.chmod(0o755)

    with pytest.raises(StorageError, match="is not a PostgreSQL data folder"):
        embedded.ensure(new_home)


def test_a_file_in_the_place_of_the_home_is_refused(new_home):
    new_home.touch()

    with pytest.raises(StorageError, match="cannot use its folder"):
        embedded.ensure(new_home)


def test_a_server_that_dies_at_once_is_reported_with_its_last_words(home):
    embedded.ensure(home)
    embedded.stop(home)
    (home / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(StorageError) as refused:
        embedded.ensure(home)

    assert 'unrecognized configuration parameter "no_such_setting"' in refused.value.why
    assert "DATABASE_URL" in refused.value.next_step


def test_a_full_disk_is_said_in_our_words_and_leaves_nothing_in_the_way(new_home, client):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))"
    error = client(new_home, before=full).facts()

    assert error["type"] == "StorageError"
    assert error["what"] == "The embedded PostgreSQL could not make its data folder."
    assert "Free space" in error["next"]
    embedded.ensure(new_home)


def test_a_socket_folder_that_is_none_of_ours_is_refused(place):
    home = place / "two,hosts"
    outside = Home(home).socket_folder
    outside.symlink_to(place)

    with pytest.raises(StorageError, match="belongs to another account or is no folder"):
        embedded.ensure(home)

    outside.unlink()
    outside.mkdir()


def test_the_installation_is_missed_in_our_words(home, monkeypatch):
    monkeypatch.setattr("workbench.database.embedded.binaries.find_spec", lambda name: None)

    with pytest.raises(ConfigurationError) as refused:
        embedded.ensure(home)

    assert refused.value.what == "The embedded PostgreSQL is not installed."
    assert "DATABASE_URL" in refused.value.next_step


def test_stopping_what_does_not_run_is_no_error_and_makes_nothing(new_home):
    embedded.stop(new_home)
    assert not new_home.exists()

    embedded.ensure(new_home)
    embedded.stop(new_home)
    embedded.stop(new_home)
    wait_until(lambda: has_stopped(new_home))
