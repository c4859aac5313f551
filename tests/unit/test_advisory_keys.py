"""Two purposes never share an advisory lock, and SQL names the same keys as Python."""

from __future__ import annotations

import re

from workbench.database import advisory_keys
from workbench.paths import shipped

KEYS = {name: value for name, value in vars(advisory_keys).items() if name.isupper() and not name.startswith("_")}
LITERALS = re.compile(r"classid = (\d+)\s+and l\.objid = (\d+)")


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len(KEYS) >= 3
    assert len(set(KEYS.values())) == len(KEYS)


def test_the_literals_in_sql_are_the_write_lock() -> None:
    files = list(shipped("sql").rglob("*.sql"))
    found = {file.name: LITERALS.findall(file.read_text("utf-8")) for file in files}
    named = {name: [(int(a), int(b)) for a, b in keys] for name, keys in found.items() if keys}
    assert named == {"newest_sync.sql": [advisory_keys.WRITE_LOCK]}
    assert [file.name for file in files if "classid" in file.read_text("utf-8")] == list(named)
