"""A first sync made once in this process, then copied: a database and a folder as one real sync left them.

A copy costs a tenth of a second, the sync two.
"""

from __future__ import annotations

import atexit
import copy
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from databases import TEMPLATE, replace_database
from sqlalchemy import URL

from workbench.linkedin.auth.fingerprint import sign_in_fingerprint
from workbench.pipeline.report import SyncReport
from workbench.sandbox.control.request_log import Entry

if TYPE_CHECKING:
    from sync.installation import Installation


@dataclass(frozen=True)
class FirstSync:
    """What a first sync of the small world left.

    Attributes:
        database: the template to copy; nothing is connected to it.
        folder: `snapshots` and `home`.
        sign_in: the fingerprint of the sign-in that listed the accounts.
        took: how far the installation's clock had gone on when it was through.
    """

    database: URL
    folder: Path
    sign_in: str
    report: SyncReport
    requests: tuple[Entry, ...]
    took: timedelta


def restore_first_sync(installation: Installation, new_installation: Callable[..., Any]) -> SyncReport:
    """The report of a first sync, whose database, files, requests and time this installation then has.

    The installation must be as new: the small world, nothing changed, nothing synced.
    """
    assert installation.changes == {}, "a copy of a first sync has the usual settings"
    assert not installation.snapshot_dir.exists(), "a copy of a first sync needs a new installation"
    made = _first_sync(installation.database_url.set(database="postgres"), installation.today, new_installation)
    replace_database(installation.database_url, template=str(made.database.database))
    shutil.copytree(made.folder, installation.folder, dirs_exist_ok=True)
    _sign_in_as(installation, made.sign_in)
    installation.sandbox.requests.entries.extend(copy.copy(entry) for entry in made.requests)
    installation.started = installation.sandbox.clock.noon = datetime.now(UTC) - made.took
    assert made.report.snapshot is not None
    return replace(made.report, snapshot=installation.snapshot_dir / made.report.snapshot.name)


def _sign_in_as(installation: Installation, made_by: str) -> None:
    """Make this installation's sign-in the one that listed the accounts, as it was when the copy was made."""
    fingerprint = sign_in_fingerprint(installation.settings())
    assert fingerprint is not None
    for manifest in installation.snapshot_dir.glob("*/manifest.json"):
        manifest.write_text(manifest.read_text("utf-8").replace(made_by, fingerprint), "utf-8")


@cache
def _first_sync(server: URL, today: object, new_installation: Callable[..., Any]) -> FirstSync:
    folder = Path(tempfile.mkdtemp(prefix="workbench-first-sync-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = server.set(database=f"synced_{uuid4().hex}")
    replace_database(database, template=TEMPLATE)
    with new_installation(database, folder) as installation:
        assert installation.today == today
        with ThreadPoolExecutor(1) as threads:  # where Chromium is driven, no other loop may run
            report = threads.submit(installation.sync).result()
        assert report.exit_code == 0, report
        took = installation.now() - datetime.combine(installation.today, datetime.min.time(), UTC) - timedelta(hours=12)
        sign_in = sign_in_fingerprint(installation.settings())
        assert sign_in is not None
        return FirstSync(database, folder, sign_in, report, tuple(installation.sandbox.requests.entries), took)
