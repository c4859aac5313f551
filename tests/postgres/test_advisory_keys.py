"""Advisory locks: each has a key of its own, and a grant never waits for a sync's transaction."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import URL

from workbench.database import advisory_keys
from workbench.database.connection import Database
from workbench.database.reader_role import grant_reader
from workbench.paths import shipped


def test_no_two_locks_have_one_key() -> None:
    keys = [value for value in vars(advisory_keys).values() if isinstance(value, tuple)]

    assert len(keys) == 3
    assert len(set(keys)) == len(keys)


def test_the_question_about_the_newest_sync_looks_for_the_lock_of_a_sync() -> None:
    sql = shipped("sql", "database", "newest_sync.sql").read_text("utf-8")

    found = re.findall(r"l\.(classid|objid) = (\d+)", sql)

    assert {name: int(number) for name, number in found} == dict(
        zip(("classid", "objid"), advisory_keys.SYNC, strict=True)
    )


def test_the_reader_role_is_made_while_a_sync_is_in_the_middle_of_a_transaction(database_url: URL) -> None:
    database, role = Database(database_url), f"reader_{uuid4().hex[:8]}"
    with database.connect() as loading, ThreadPoolExecutor(1) as other, loading.transaction():
        loading.execute("select pg_advisory_xact_lock_shared(%s, %s)", advisory_keys.TRANSACTION)
        granted = other.submit(grant_reader, database, role=role, password=SecretStr("a-password"))
        try:
            granted.result(timeout=20)
        finally:
            loading.execute("select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
    with database.connect() as connection:
        assert connection.execute("select count(*) from pg_roles where rolname = %s", [role]).fetchone() == (1,)
        connection.execute(f"drop owned by {role}; drop role {role}")
