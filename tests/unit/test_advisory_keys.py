"""Two purposes never share an advisory lock, and SQL names the same keys as Python."""

from __future__ import annotations

import re

from workbench.database import advisory_keys
from workbench.paths import shipped
from workbench.settings.schema_name import DEFAULT_SCHEMA

KEYS = {name: value for name, value in vars(advisory_keys).items() if isinstance(value, tuple) and name.isupper()}
LITERALS = re.compile(r"classid = (\d+)\s+and l\.objid = case\s+when current_schema\(\) = '(\w+)' then (\d+)")


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len(KEYS) >= 3
    assert len(set(KEYS.values())) == len(KEYS)


def test_the_literals_in_sql_are_the_write_lock() -> None:
    files = list(shipped("sql").rglob("*.sql"))
    found = {file.name: LITERALS.findall(file.read_text("utf-8")) for file in files}
    named = {name: [(int(a), int(b), schema) for a, schema, b in keys] for name, keys in found.items() if keys}
    assert named == {"newest_sync.sql": [(*advisory_keys.WRITE_LOCK, DEFAULT_SCHEMA)]}
    assert [file.name for file in files if "classid" in file.read_text("utf-8")] == list(named)


def test_each_schema_has_keys_of_its_own_in_the_range_of_postgresql() -> None:
    schemas = [DEFAULT_SCHEMA, "public", "client_a", "client_b", "x" * 48]
    keys = [advisory_keys.key_in(schema, purpose) for schema in schemas for purpose in KEYS.values()]
    assert len(set(keys)) == len(keys)
    assert all(0 < number < 2**31 for _, number in keys)
    assert advisory_keys.key_in(DEFAULT_SCHEMA, advisory_keys.WRITE_LOCK) == advisory_keys.WRITE_LOCK
