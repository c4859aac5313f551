"""What a page shows is computed once per data version, not once per visitor: counted at the database."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from marks import sweep_except
from reader_servers import ReaderServer, Wire, page_messages, password_file, serving, synced_installation

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.embedded import default_home
from workbench.database.reader_role import ensure_reader

# Asked anew by every visitor: whether what is remembered still holds, and whether a sync is under way.
ABOUT_NOW = re.compile(r"newest_snapshot|sync_log|sync_steps|pg_locks")


@pytest.fixture
def installed() -> Iterator[tuple[Path, Wire]]:
    """An installation, and the way to its database."""
    with synced_installation("shared") as installation:
        ensure_reader(Database.of(installation.settings()))
        server = embedded.ensure(default_home(installation.folder / "home"))
        facts = embedded.connection_parameters(server, "postgres")
        with Wire(f"{facts['host']}/.s.PGSQL.{facts['port']}") as wire:
            yield installation.folder, wire


def questions(wire: Wire) -> Counter[str]:
    """How often each question was asked, with the same parameters."""
    statements = re.findall(r"copy \((?:select|with)\b.*? to stdout", wire.asked.decode(errors="replace"), re.DOTALL)
    return Counter(statement for statement in statements if not ABOUT_NOW.search(statement))


async def _visit(server: ReaderServer, page: str, count: int) -> None:
    with server.signed_in() as client:
        await asyncio.gather(*(page_messages(server, client, page) for _ in range(count)))


@pytest.mark.slow
@pytest.mark.anyio
@pytest.mark.parametrize("page", sweep_except("overview", of=["audiences", "overview"]))
async def test_a_question_is_asked_once_however_many_come_at_once(installed: tuple[Path, Wire], page: str) -> None:
    folder, wire = installed
    url = f"postgresql://{embedded.READER}@127.0.0.1:{wire.port}/{embedded.DATABASE}"
    with serving(folder, "--password-file", str(password_file(folder)), exported={"DATABASE_URL": url}) as server:
        await _visit(server, page, 6)
        at_once = questions(wire)
        await _visit(server, page, 2)

    assert len(at_once) > 3
    assert {statement: count for statement, count in at_once.items() if count > 1} == {}
    assert questions(wire) == at_once
