"""The reports of all accounts as a folder of static pages with an index, for any web server.

Every page is replaced whole, and the index last, so that it names no page that is not there. Pages of earlier periods
stay, and stay in the index.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.analytics import formatting
from workbench.errors import StorageError
from workbench.files import atomic_write
from workbench.reports.html import html, page, safe
from workbench.reports.model import Report
from workbench.schema.snapshot_names import moment_of
from workbench.settings.env_file import refuse_foreign_folder
from workbench.snapshots.manifest import is_name

LISTED = "published.json"
"""What the index lists, beside it."""
_NAME = re.compile(r"[0-9]+(-[0-9]+)*_[0-9.-]+\.html")


@dataclass(frozen=True)
class Published:
    """One page in the index."""

    file: str
    name: str
    title: str
    sentence: str
    last_day: str
    snapshot: str
    data_sha256: str


def publish(reports: Iterable[Report], folder: Path) -> list[Published]:
    """Write a page for each report, then the index; returns what was written.

    Raises:
        ConfigurationError: another account could have laid links into the folder, or could exchange the pages.
        StorageError: a file cannot be written.
    """
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        refuse_foreign_folder(folder)
        written = [_published(report, folder) for report in reports]
        names = {one.file for one in written}
        listed = sorted(
            [*written, *(one for one in _earlier(folder) if one.file not in names)],
            key=lambda one: (one.name, one.file),
        )
        _write(folder / LISTED, json.dumps([asdict(one) for one in listed], ensure_ascii=False, indent=1))
        _write(folder / "index.html", _index(listed))
    except OSError as error:
        raise StorageError(
            f"The pages in {folder} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Make the folder writable, or choose another.",
        ) from error
    return written


def _published(report: Report, folder: Path) -> Published:
    window = report.pin.period
    ids = "-".join(map(str, report.pin.account_ids))
    file = f"{ids}_{report.period}.html"
    _write(folder / file, html(report))
    facts = (report.name, report.title, report.headline, window.last.isoformat())
    return Published(file, *facts, report.pin.snapshot, report.data_hash)


def _earlier(folder: Path) -> Sequence[Published]:
    """What an earlier index listed and is still there; a list that cannot be read counts as none."""
    found: list[Published] = []
    with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        if not stat.S_ISREG((folder / LISTED).lstat().st_mode):
            return ()
        entries: list[dict[str, Any]] = json.loads((folder / LISTED).read_text("utf-8"))
        for entry in entries:
            one = Published(**{name: str(value) for name, value in entry.items()})
            if _NAME.fullmatch(one.file) and is_name(one.snapshot) and (folder / one.file).is_file():
                found.append(one)
    return found


def _index(listed: Sequence[Published]) -> str:
    parts = ["<h1>Reports</h1>"]
    newest = max((one.snapshot for one in listed), default=None)
    if newest is not None:
        moment = moment_of(newest)
        said = f"Figures up to {formatting.day(moment.date())} {moment:%H:%M} UTC."
        parts.append(f'<p class="muted">{safe(said)}</p>')
    for name in sorted({one.name for one in listed}):
        parts.append(f"<h2>{safe(name)}</h2>")
        mine = sorted((one for one in listed if one.name == name), key=lambda one: one.last_day, reverse=True)
        parts += [f'<p><a href="{safe(one.file)}">{safe(one.title)}</a><br>{safe(one.sentence)}</p>' for one in mine]
    return page("Reports", parts)


def _write(file: Path, text: str) -> None:
    with atomic_write(file, locked=False) as written:
        written.write(text.encode("utf-8", "xmlcharrefreplace"))
        os.fchmod(written.fileno(), 0o644)  # a web server of another account reads it
