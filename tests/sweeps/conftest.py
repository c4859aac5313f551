"""Benches by the dozen: one sandbox, and for every case a database and a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL
from sync.bench import TODAY, Bench, truth

from workbench import embedded
from workbench.sandbox import Sandbox
from workbench.sandbox.settings import Quota

NewBench = Callable[[], AbstractContextManager[Bench]]
_MEMORY = Path("/dev/shm")  # where there is one: a case costs a hundred fsyncs


@pytest.fixture
def new_bench(server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path) -> Iterator[NewBench]:
    place = Path(tempfile.mkdtemp(prefix="workbench-sweep-", dir=_MEMORY if _MEMORY.is_dir() else tmp_path)).resolve()
    with Sandbox(today=TODAY) as sandbox:
        plenty = Quota(10**9, 10**9)  # all cases fall on one day of one member
        sandbox.switches.entity_quota = plenty
        sandbox.switches.quotas = {}
        sandbox.switches.values_per_five_minutes = 10**12
        told = truth(Bench(sandbox, database_url, place))  # nothing in this world ever changes

        @contextmanager
        def make() -> Iterator[Bench]:
            name = f"test_{uuid4().hex}"
            embedded.create_database(server, name, template="template_workbench")
            sandbox.faults.clear()
            sandbox.requests.clear()
            folder = place / name
            folder.mkdir()
            yield Bench(sandbox, database_url.set(database=name), folder, told=told)
            shutil.rmtree(folder)
            with psycopg.connect(**embedded.connection_parameters(server, "postgres"), autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)")

        yield make
    shutil.rmtree(place)
