"""Run a command as a schedule does: its output goes to a log, and a failure is told to targets of messages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from workbench import clock
from workbench.cli.notify import tell_targets
from workbench.console import tell
from workbench.errors import StorageError
from workbench.files import make_private_folder, private_descriptor
from workbench.logs import redact
from workbench.reports.messages import Item

LARGEST = 5_000_000
"""Bytes of a log; then it is put aside once."""
_LINES = 8
_FINE = {"check": (0, 1, 2)}
"""Exit codes that are no failure; a check tells what it finds by itself."""


def run_and_tell(words: Sequence[str], log_dir: Path, targets: Sequence[str] | None) -> int:
    """The exit code of the command; 70 if it is fine, but a target could not be told.

    Raises:
        StorageError: the log cannot be written; nothing was run.
    """
    file = log_dir / f"schedule-{words[0]}.log"
    with _opened(file) as log:
        log.write(f"== {clock.utc_now():%Y-%m-%dT%H:%M:%SZ} workbench {redact(' '.join(words))}\n".encode())
        log.flush()
        begun = log.tell()
        code = subprocess.run(
            [sys.executable, "-P", "-m", "workbench", *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ).returncode
        log.write(f"== ended with {code}\n".encode())
    if code in _FINE.get(words[0], (0,)):
        return code
    last = _last_lines(file, begun)
    tell(f"workbench {words[0]} ended with {code}; see {file}\n{last}")
    items = [Item(f"schedule {words[0]} {code}", f"{last} (exit code {code})")]
    title = f"LinkedIn Ads: workbench {words[0]} failed"
    tell_targets(targets, title, items, today=clock.utc_now().date(), dry_run=False)
    return code


def _opened(file: Path) -> BinaryIO:
    try:
        make_private_folder(file.parent)
        if file.exists() and file.stat().st_size > LARGEST:
            file.rename(file.with_suffix(".log.1"))
        return os.fdopen(private_descriptor(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab")
    except OSError as error:
        raise StorageError(
            f"The log {file} cannot be written, and nothing was run.",
            why=f"{error.strerror or error}.",
            next_step="Make its folder writable, or set LOG_DIR to another.",
        ) from error


def _last_lines(file: Path, begun: int) -> str:
    with file.open("rb") as log:
        log.seek(begun)
        lines = log.read()[-20_000:].decode("utf-8", "replace").splitlines()[:-1]
    return redact("\n".join(lines[-_LINES:])) or "It said nothing."
