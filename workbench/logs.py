"""Logs: Rich on the console, rotating files beside the data, a run's id on every record, no secret anywhere.

| file | holds |
|---|---|
| `app.log` | everything, as lines |
| `error.log` | warnings and worse |
| `app.json.log` | everything, as JSON lines |
| `api.log` | one line a request: method, endpoint, status, seconds |
"""

from __future__ import annotations

import contextvars
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from workbench.private_files import make_private_folder, private_descriptor

ROOT = "workbench"
MAX_BYTES = 5_000_000  # of a file, before it is rotated
API = logging.getLogger(f"{ROOT}.api")

_run_id: contextvars.ContextVar[str] = contextvars.ContextVar("run_id", default="-")
_secrets: set[str] = set()
_HIDDEN = "[hidden]"
_REQUEST = "%(asctime)sZ [%(run_id)s] %(message)s"
_CONTINUED = "\n  | "
_STEERING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHAPES = re.compile(
    r"""(?ix) (Bearer\s+)[\w.~+/=-]+
    | ((?:access_token|refresh_token|client_secret|code|token|password)["']?\s*[=:]\s*["']?)[^\s"'&,;)}]+
    | (://[^\s:/@]+:)[^\s@/]+(?=@)"""
)


def hide(secret: str) -> None:
    """From now on `secret` is replaced in everything that is logged."""
    if len(secret) >= 6:  # shorter ones would blot out ordinary words
        _secrets.add(secret)


def redact(text: str) -> str:
    """`text` without known secrets, and without what looks like a token, a code or a password in a URL."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _SHAPES.sub(lambda found: f"{found[1] or found[2] or found[3]}{_HIDDEN}", text)


@contextmanager
def run(run_id: str) -> Iterator[None]:
    """Everything logged inside carries `run_id` (the sync's id)."""
    token = _run_id.set(run_id)
    try:
        yield
    finally:
        _run_id.reset(token)


def _hush(name: str, level: int) -> None:
    """Let a library speak from `level` on, unless somebody has decided about it before us."""
    logger = logging.getLogger(name)
    if logger.level == logging.NOTSET:
        logger.setLevel(level)


# From the first import on, as a kernel or a script of somebody else's may never configure any logs.
_hush("httpx", logging.WARNING)  # it logs whole URLs
_hush("httpcore", logging.WARNING)
_hush("stamina", logging.ERROR)  # every try has its line in api.log
_hush("sqlalchemy.pool", logging.CRITICAL)  # a connection that was lost is told by whoever used it


class _Lines(logging.Formatter):
    """Plain lines in UTC, redacted after the traceback is in.

    What follows a line break is set off, and no character steers a terminal: a text from elsewhere, with whatever it
    holds, is never taken for a record of its own.
    """

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        record.run_id = _run_id.get()
        lines = redact(super().format(record)).split("\n")
        return _CONTINUED.join(_STEERING.sub(_escaped, line) for line in lines)


class _JsonLines(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "run_id": _run_id.get(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        line = json.dumps({name: redact(value) for name, value in entry.items()}, ensure_ascii=False)
        return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def configure(log_dir: Path | None, *, level: str = "INFO", console: bool = True) -> None:
    """Set up the package's loggers once per process; calling again replaces the handlers.

    A folder that cannot be written costs the files, never the run.
    """
    root = logging.getLogger(ROOT)
    for handler in [*root.handlers, *API.handlers]:
        with suppress(OSError):  # what it still held is lost with a full disk
            handler.close()
    root.handlers, API.handlers = [], []
    root.setLevel(level)
    root.propagate, API.propagate = False, False
    if console:
        root.addHandler(_console())
    if log_dir is not None:
        try:
            _add_files(root, log_dir)
        except OSError as error:
            root.warning("No log files are written: %s", error)


def _console() -> logging.Handler:
    from rich.console import Console
    from rich.logging import RichHandler

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            """A reader that has left ends no sync."""

    handler = RichHandler(console=Patient(stderr=True), show_path=False, markup=False, log_time_format="%H:%M:%S")
    handler.setFormatter(_Lines("%(message)s"))
    handler.setLevel(logging.WARNING)  # what goes well is the progress display's to say
    return handler


def _add_files(root: logging.Logger, log_dir: Path) -> None:
    """All four files or none; they are opened here, so that a refusal is met once and not at every record."""
    make_private_folder(log_dir)
    lines = _Lines("%(asctime)sZ %(levelname)-7s [%(run_id)s] %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    with ExitStack() as opened:
        handlers = []
        for logger, name, level, formatter in (
            (root, "app.log", logging.DEBUG, lines),
            (root, "error.log", logging.WARNING, lines),
            (root, "app.json.log", logging.DEBUG, _JsonLines()),
            (API, "api.log", logging.DEBUG, _Lines(_REQUEST, "%Y-%m-%dT%H:%M:%S")),
        ):
            handlers.append((logger, _file(log_dir / name, level, formatter)))
            opened.callback(handlers[-1][1].close)
        opened.pop_all()
    for logger, handler in handlers:
        logger.addHandler(handler)


class _File(RotatingFileHandler):
    def _open(self) -> TextIO:  # type: ignore[override]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.fdopen(private_descriptor(self.baseFilename, flags), "a", encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """A disk that has become full costs records; a traceback on the console for each would help nobody."""


def _file(path: Path, level: int, formatter: logging.Formatter) -> logging.Handler:
    handler = _File(path, maxBytes=MAX_BYTES, backupCount=5, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(level)
    handler.setFormatter(formatter)
    return handler
