"""Send a message to mail, chat or a webhook through Apprise; the same thing once a day to each target.

A target is an address of Apprise. It holds a secret as a rule, so on the command line it stands as `@FILE`, as an
address with `${NAME}` for a variable of the environment, or, for loopback alone, as it is.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from workbench.console import printable
from workbench.errors import ConfigurationError, StorageError
from workbench.files import atomic_write, make_private_folder
from workbench.logs import hide
from workbench.reports.extras import optional
from workbench.settings.env_file import is_foreign

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LOOPBACK = re.compile(r"(json|xml|form)s?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^?]*)?")
STATE = "notified.json"
LARGEST = 1_000_000
"""Characters of a file of targets that are read."""


@dataclass(frozen=True)
class Target:
    """Where messages go: an address with its secrets, and how it is shown without them."""

    address: str
    shown: str

    @property
    def key(self) -> str:
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Item:
    """One thing to say: `key` is the same as long as it is about the same."""

    key: str
    text: str


@dataclass(frozen=True)
class Sent:
    """What became of one target: how many things were sent to it, how many before, or why none was."""

    target: str
    told: int
    known: int
    trouble: str = ""


def targets_of(words: Sequence[str], environment: Mapping[str, str]) -> list[Target]:
    """The targets that words of the command line name.

    Raises:
        ConfigurationError: a variable or file is not there, others may read the file, or an address is unknown to
            Apprise; the message shows no secret.
    """
    addresses = [address for word in words for address in _addresses(word, environment)]
    return [_target(address) for address in addresses]


def send(
    targets: Iterable[Target], title: str, items: Sequence[Item], *, home: Path, today: date, attach: Path | None = None
) -> list[Sent]:
    """What was sent to each target, and that is what it did not get today; the next call tries again what failed.

    Args:
        home: the folder that keeps what was sent.
        attach: a file that goes with the message, where the target takes files.
    """
    make_private_folder(home)
    with FileLock(home / f"{STATE}.lock", mode=0o600):
        told = _read(home / STATE, today)
        sent = []
        for target in targets:
            new = [one for one in items if f"{target.key} {one.key}" not in told]
            trouble = _deliver(target, title, new, attach) if new else ""
            if not trouble:
                told.update({f"{target.key} {one.key}": today.isoformat() for one in new})
            sent.append(Sent(target.shown, 0 if trouble else len(new), len(items) - len(new), trouble))
        _write(home / STATE, told)
    return sent


def body_of(items: Iterable[Item]) -> str:
    """The text of a message, a line an item; nothing in it calls a person of a chat, is markup or becomes a link."""
    return "\n".join(f"- {_harmless(one.text)}" for one in items)


def _harmless(text: str) -> str:
    """One line: a name that holds a line break would forge an item."""
    shown = printable(text).replace("<", "‹").replace(">", "›")
    return shown.replace("@", "@\u200b").replace("://", ":\u200b//")


def _addresses(word: str, environment: Mapping[str, str]) -> list[str]:
    if word.startswith("@"):
        return _lines(Path(word[1:]))
    if _VARIABLE.search(word):
        return [_filled(word, environment)]
    if _LOOPBACK.fullmatch(word):
        return [word]
    raise ConfigurationError(
        "A target of messages may hold a secret, and does not belong on the command line.",
        why="Every account of this machine can read the words of a command.",
        next_step="Write it into a file of mode 0600 and give --notify @FILE, or put its secret into a variable of the "
        "environment and write ${NAME} in its place, in single quotes.",
    )


def _filled(word: str, environment: Mapping[str, str]) -> str:
    missing = [name for name in _VARIABLE.findall(word) if not environment.get(name)]
    if missing:
        raise ConfigurationError(
            "A target of messages cannot be used.",
            why=f"The environment has no variable {missing[0]}.",
            next_step=f"Set {missing[0]}, or name another.",
        )
    for name in _VARIABLE.findall(word):
        hide(environment[name])
    return _VARIABLE.sub(lambda found: environment[found[1]], word)


def _lines(file: Path) -> list[str]:
    """The addresses of a file, one a line; empty lines and comments count for nothing."""
    try:
        with file.open(encoding="utf-8") as opened:
            facts = os.fstat(opened.fileno())
            lines = [line.strip() for line in opened.read(LARGEST).splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        why = "It is not UTF-8 text." if isinstance(error, ValueError) else f"{error.strerror or error}."
        raise ConfigurationError(
            f"The targets in {file} cannot be read.",
            why=why,
            next_step="Name a file with an address of Apprise a line.",
        ) from None
    if is_foreign(facts):
        raise ConfigurationError(
            f"The targets in {file} are not used.",
            why="It belongs to another account, which would say who is told what you find.",
            next_step="Name a file of your own.",
        )
    if stat.S_IMODE(facts.st_mode) & 0o077:
        raise ConfigurationError(
            f"The targets in {file} are not used.",
            why=f"Other accounts may read it (mode {stat.S_IMODE(facts.st_mode):04o}).",
            next_step=f"Run: chmod 600 {file}",
        )
    found = [line for line in lines if line and not line.startswith("#")]
    for line in found:
        hide(line)
    return found


def _target(address: str) -> Target:
    server = _server(address)
    if server is None:
        raise ConfigurationError(
            "A target of messages cannot be used.",
            why=f"Apprise knows no address that begins with {address.partition('://')[0]!r} and looks like this.",
            next_step="Look the service up in the documentation of Apprise.",
        )
    return Target(address, f"{server.service_name}")


def _server(address: str) -> Any:
    apprise = optional("apprise", "notify", "Messages")
    quiet = logging.getLogger("apprise")  # what it logs may hold an address; we say ourselves what failed
    quiet.propagate, quiet.handlers = False, [logging.NullHandler()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of modules that its services import
        return apprise.Apprise.instantiate(address, suppress_exceptions=True)


def _deliver(target: Target, title: str, items: Sequence[Item], attach: Path | None) -> str:
    """Empty, or why the message was not delivered."""
    server = _server(target.address)
    files = {"attach": [str(attach)]} if attach is not None and server.attachment_support else {}
    apprise = optional("apprise", "notify", "Messages")
    room = apprise.Apprise()
    room.add(server)
    body = body_of(items)
    delivered = room.notify(body=body, title=_harmless(title), body_format=apprise.NotifyFormat.TEXT, **files)
    return "" if delivered else "It refused the message, or cannot be reached. The next run tries again."


def _read(file: Path, today: date) -> dict[str, str]:
    """What was sent today; a file that cannot be understood counts as empty: a message too much is no harm."""
    with suppress(OSError, ValueError):
        found = json.loads(file.read_text("utf-8"))
        if isinstance(found, dict):
            return {str(key): str(day) for key, day in found.items() if day == today.isoformat()}
    return {}


def _write(file: Path, told: Mapping[str, str]) -> None:
    try:
        with atomic_write(file) as written:
            written.write(json.dumps(told, indent=1).encode())
    except OSError as error:
        raise StorageError(
            f"What was sent cannot be kept in {file}.",
            why=f"{error.strerror or error}.",
            next_step="Make room there; until then messages may come twice.",
        ) from error
