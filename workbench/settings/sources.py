"""Find where each setting comes from, and refuse names that are no setting."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from workbench.errors import ConfigurationError

_PREFIXES = ("LINKEDIN_", "POSTGRES_", "DATABASE_", "WORKBENCH_")
_OTHERS = re.compile(
    r"POSTGRES_(INITDB_ARGS|INITDB_WALDIR|HOST_AUTH_METHOD|VERSION|MAJOR)"  # of PostgreSQL's container image
    r"|\w+_SERVICE_(HOST|PORT)(_\w+)?|\w+_PORT_\d+_(TCP|UDP)(_\w+)?|DATABASE_PORT|WORKBENCH_PORT"  # of Kubernetes
)


def place_of(name: str, file: Path | None) -> str:
    """The place that the value of a setting comes from: `environment`, the path of a file, or `default`."""
    if os.environ.get(name):
        return "environment"
    if file is not None and dotenv_values(file).get(name):
        return str(file)
    return "default"


def refuse_unknown(known: frozenset[str], file: Path | None) -> None:
    """Refuse names that are no settings: a misspelt one would otherwise be ignored silently.

    A file with no name of ours is another program's, and is left alone. So are other programs' variables.

    Raises:
        ConfigurationError: names each, where it stands, and what was probably meant.
    """
    unknown = [*_unknown_in_environment(known), *_unknown_in_file(known, file)]
    if not unknown:
        return
    raise ConfigurationError(
        "There is no such setting.",
        why=" ".join(f"{name} ({place}) is none.{_meant(name, known)}" for name, place in unknown),
        next_step="Correct the name, or take it out; `workbench config --example` shows every setting.",
    )


def _unknown_in_environment(known: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(os.environ):
        if name in known or not os.environ[name] or _OTHERS.fullmatch(name):
            continue
        if name.upper().startswith(_PREFIXES) or _likely(name, known):
            yield name, "environment"


def _unknown_in_file(known: frozenset[str], file: Path | None) -> Iterator[tuple[str, str]]:
    names = list(dotenv_values(file)) if file is not None else []
    if any(name in known or name.upper().startswith(_PREFIXES) or _likely(name, known) for name in names):
        yield from ((name, str(file)) for name in names if name not in known and not _OTHERS.fullmatch(name))


@lru_cache(maxsize=1024)  # settings are read for every question, and names of the environment hardly change
def _likely(name: str, known: frozenset[str]) -> str | None:
    """The setting that a name is almost."""
    return next(iter(difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)), None)


def _meant(name: str, known: frozenset[str]) -> str:
    meant = next(iter(difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)), None)
    return f" Probably {meant} is meant." if meant else ""
