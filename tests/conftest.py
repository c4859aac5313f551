"""What every test may use: PostgreSQL; no waiting, no network but loopback, no settings of this machine."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import ssl
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import stamina
from databases import TEMPLATE, temporary_database, url_of
from folders import open_folder
from sqlalchemy import URL

from workbench.database import embedded, migrations
from workbench.database.connection import Database
from workbench.settings.fields import ReaderSettings

os.fsync = lambda descriptor: None  # what a test writes need not survive a power cut; `edges/disks.py` plays those
gc.disable()  # while tests are collected, which makes millions of objects and no garbage
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # httpcore tries to import it at every request


def _named_certificates() -> list[str | None]:
    return [os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")]


@cache
def _certificates() -> ssl.SSLContext:
    return _create_ssl_context()


def _remembered_certificates(verify: Any = True, **options: Any) -> ssl.SSLContext:
    """What httpx makes for every new client, 25 ms each time; made once, unless a test names other certificates."""
    usual = verify is True and not options.get("cert") and _named_certificates() == _OF_THIS_MACHINE
    return _certificates() if usual else _create_ssl_context(verify, **options)


_OF_THIS_MACHINE = _named_certificates()
_create_ssl_context = httpx.create_ssl_context
httpx.create_ssl_context = httpx._transports.default.create_ssl_context = _remembered_certificates


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole sweep takes its time; whatever else takes ten minutes waits for something that will not come."""
    for item in items:
        if item.get_closest_marker("sweep"):
            item.add_marker(pytest.mark.timeout(0))


def pytest_collection_finish() -> None:
    """What collecting made stays to the end: the garbage collector need not look at it again and again."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither an exported variable nor a user's `.env` changes what a test sees."""
    for name in [name for name in os.environ if name.startswith(("LINKEDIN_", "POSTGRES_", "DATABASE_", "WORKBENCH_"))]:
        monkeypatch.delenv(name)
    for name in set(ReaderSettings.model_fields) & os.environ.keys():
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch()


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Retries happen at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.EmbeddedServer]:
    """A PostgreSQL for this session, with a migrated template to copy from.

    It need not survive a power cut, and keeps a short log: it may lie in memory.
    """
    folder = open_folder("workbench-tests-")
    running = embedded.ensure(folder / "postgres")
    with psycopg.connect(**embedded.connection_parameters(running, "postgres"), autocommit=True) as connection:
        for change in ("fsync = off", "max_wal_size = '64MB'", "min_wal_size = '32MB'"):
            connection.execute(f"alter system set {change}")
        connection.execute("select pg_reload_conf()")
    embedded.create_database(running, TEMPLATE)
    engine = Database(url_of(running, TEMPLATE)).engine()
    migrations.upgrade(engine)
    engine.dispose()
    yield running
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder)


@pytest.fixture
def database_url(server: embedded.EmbeddedServer) -> Iterator[URL]:
    """The address of a fresh, migrated database."""
    with temporary_database(server) as url:
        yield url


@pytest.fixture
def empty_database_url(server: embedded.EmbeddedServer) -> Iterator[URL]:
    """The address of a fresh database with nothing in it."""
    with temporary_database(server, template="template1") as url:
        yield url


@pytest.fixture
def database(database_url: URL) -> Database:
    return Database(database_url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for tests that need contexts of their own."""
    from browsers import chromium  # most tests need neither it nor Playwright

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def browser_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chromium")


@pytest.fixture(scope="module")
def tabs(browser_profile: Path) -> Iterator[Any]:
    """Chromium, for tests that open page upon page of ours: a context that knows their scripts."""
    from browsers import chromium_with_profile

    with chromium_with_profile(browser_profile) as context:
        yield context
