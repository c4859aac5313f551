"""Configure logs: Rich on the console, rotating files beside the data, a run's id on every record, no secret anywhere.

| file | holds |
|---|---|
| `app.log` | everything, as lines |
| `error.log` | warnings and worse |
| `app.json.log` | everything, as JSON lines |
| `api.log` | one line a request: method, endpoint, status, seconds |
| `web.log` | what the served pages log; apart, because visitors without a login could fill it and drive out the rest |

Every sync, load, migration, sign-in and serving is an `event`: a record when it starts, and one when it ends.
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
from typing import Any, TextIO

from workbench.errors import WorkbenchError
from workbench.files import make_private_folder, private_descriptor

ROOT = "workbench"
MAX_BYTES = 5_000_000  # of a file, before it is rotated
API = logging.getLogger(f"{ROOT}.api")
WEB = logging.getLogger(f"{ROOT}.web")
EVENTS = logging.getLogger(f"{ROOT}.events")

_run_id: contextvars.ContextVar[str] = contextvars.ContextVar("run_id", default="-")
_secrets: set[str] = set()  # of the process, as its handlers are: hidden in every record, whatever module logs it
_LEVELS = {"done": logging.INFO, "fresh": logging.INFO, "partial": logging.WARNING, "interrupted": logging.WARNING}
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
    """Replace `secret` from now on in everything that is logged."""
    if len(secret) >= 6:  # shorter ones would blot out ordinary words
        _secrets.add(secret)


def redact(text: str) -> str:
    """`text` without known secrets, and without what looks like a token, a code or a password in a URL."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _SHAPES.sub(lambda found: f"{found[1] or found[2] or found[3]}{_HIDDEN}", text)


@contextmanager
def run(run_id: str) -> Iterator[None]:
    """Put `run_id` (the sync's id) on every record that is logged inside the block."""
    token = _run_id.set(run_id)
    try:
        yield
    finally:
        _run_id.reset(token)


class Event:
    """An event that starts and ends; its facts are logged at its end.

    Attributes:
        facts: what is known of it, as JSON; the record of its end has all of them.
    """

    def __init__(self, name: str, facts: dict[str, Any]) -> None:
        self.name = name
        self.facts = facts
        self._first_facts = dict(facts)
        self._began = time.monotonic()
        self._has_started = False

    def started(self) -> None:
        """Log that it has started; what ends without it has started, too."""
        self._has_started = True
        self._log(logging.INFO, "started", self.facts)

    def ended(self, outcome: str, error: BaseException | None = None) -> None:
        """Log how it ended, with the parts of the error if there was one."""
        if not self._has_started:
            self._log(logging.INFO, "started", self._first_facts)
        facts = {"outcome": outcome, **self.facts, "seconds": round(time.monotonic() - self._began, 3)}
        if isinstance(error, WorkbenchError):
            facts["error"] = error.as_dict()
        elif error is not None:
            facts["error"] = {"type": type(error).__name__, "what": str(error), "why": "", "next": ""}
        level = {
            "done": logging.INFO,
            "fresh": logging.INFO,
            "partial": logging.WARNING,
            "interrupted": logging.WARNING,
        }
        self._log(level.get(outcome, logging.ERROR), "ended", facts)

    def _log(self, level: int, word: str, facts: dict[str, Any]) -> None:
        shown = ", ".join(
            f"{name} {_told(value)}" for name, value in facts.items() if value is not None and name != "sync_id"
        )
        extra = {"facts": {"event": f"{self.name} {word}", **facts}}
        with run(facts.get("sync_id") or _run_id.get()):
            EVENTS.log(level, "%s %s%s", self.name, word, f": {shown}" if shown else "", extra=extra)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_told(one)}" for name, one in value.items() if one not in ("", None))
    return " to ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@contextmanager
def event(name: str, *, start: bool = True, **facts: Any) -> Iterator[Event]:
    """Log that something starts, and how it ends: `done`, what the block sets as the fact `outcome`, or a failure.

    Args:
        name: `sync`, `load`, `migration`, `serve` or `sign-in`.
        start: whether it starts now; otherwise the block calls `started`.
    """
    happening = Event(name, facts)
    if start:
        happening.started()
    try:
        yield happening
    except Exception as error:
        happening.ended("failed", error)
        raise
    except BaseException:
        happening.ended("interrupted")
        raise
    happening.ended(happening.facts.pop("outcome", "done"), happening.facts.pop("failure", None))


def _hush(name: str, level: int) -> None:
    """Set the level of a library's logger, unless it was set before."""
    logger = logging.getLogger(name)
    if logger.level == logging.NOTSET:
        logger.setLevel(level)


# From the first import on, because a kernel or another project's script may never configure logs.
_hush("httpx", logging.WARNING)  # it logs whole URLs
_hush("httpcore", logging.WARNING)
_hush("stamina", logging.ERROR)  # every try has its line in api.log
_hush("sqlalchemy.pool", logging.CRITICAL)  # the code that used a lost connection reports it


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
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "sync_id": None if _run_id.get() == "-" else _run_id.get(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        line = json.dumps(_redacted(entry), ensure_ascii=False, default=str)
        return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _redacted(value: Any) -> Any:
    """A JSON value whose texts are redacted."""
    if isinstance(value, dict):
        return {name: _redacted(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def configure(log_dir: Path | None, *, level: str = "INFO", console: bool = True) -> None:
    """Set up the package's loggers once per process; calling again replaces the handlers.

    A folder that cannot be written costs the files, never the run.
    """
    root = logging.getLogger(ROOT)
    for handler in [*root.handlers, *API.handlers, *WEB.handlers]:
        with suppress(OSError):  # what it still held is lost with a full disk
            handler.close()
    root.handlers, API.handlers, WEB.handlers = [], [], []
    root.setLevel(level)
    root.propagate, API.propagate, WEB.propagate = False, False, False
    if console:
        shown = _console()
        root.addHandler(shown)
        WEB.addHandler(shown)
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
            """Ignore a closed console, so that it does not end a sync."""

    handler = RichHandler(console=Patient(stderr=True), show_path=False, markup=False, log_time_format="%H:%M:%S")
    handler.setFormatter(_Lines("%(message)s"))
    handler.setLevel(logging.WARNING)  # what goes well is the progress display's to say
    handler.addFilter(lambda record: record.name != EVENTS.name)  # how it ended is the command's to say, once
    return handler


def _add_files(root: logging.Logger, log_dir: Path) -> None:
    """Add all log files or none; they are opened here, so that a refusal shows once and not at every record."""
    make_private_folder(log_dir)
    lines = _Lines("%(asctime)sZ %(levelname)-7s [%(run_id)s] %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    with ExitStack() as opened:
        handlers = []
        for logger, name, level, formatter in (
            (root, "app.log", logging.DEBUG, lines),
            (root, "error.log", logging.WARNING, lines),
            (root, "app.json.log", logging.DEBUG, _JsonLines()),
            (API, "api.log", logging.DEBUG, _Lines(_REQUEST, "%Y-%m-%dT%H:%M:%S")),
            (WEB, "web.log", logging.DEBUG, lines),
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
        """Drop a record that cannot be written (a full disk), without a traceback on the console for each."""


def _file(path: Path, level: int, formatter: logging.Formatter) -> logging.Handler:
    handler = _File(path, maxBytes=MAX_BYTES, backupCount=5, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(level)
    handler.setFormatter(formatter)
    return handler
