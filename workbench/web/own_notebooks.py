"""Notebooks of the installation's own (`WORKBENCH_NOTEBOOKS`): which there are, and what is wrong with a file.

A notebook may say two things in comments on its first lines:

    # Label: What a lead costs
    # Readers: yes
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ConfigurationError, ValidationError
from workbench.schema.pages import NAMES, OWN_NAME
from workbench.settings.env_file import refuse_foreign

_HEADER = re.compile(r"#\s*([A-Za-z]+)\s*:\s*(.*?)\s*$")
_LONGEST_LABEL = 40
_ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class OwnNotebook:
    """One notebook that is served beside ours.

    Attributes:
        name: its file and its path in the app.
        label: its link.
        for_readers: whether pages served to others have it too; only if it says so.
    """

    name: str
    file: Path
    label: str
    for_readers: bool


def own_notebooks(folder: Path) -> tuple[tuple[OwnNotebook, ...], tuple[ValidationError | ConfigurationError, ...]]:
    """The notebooks of a folder in the order of their names, and why others of its files cannot be served."""
    found: list[OwnNotebook] = []
    wrong: list[ValidationError | ConfigurationError] = []
    for file in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        try:
            found.append(_notebook(file))
        except (ValidationError, ConfigurationError) as error:
            wrong.append(error)
    return tuple(found), tuple(wrong)


def for_mode(notebooks: Sequence[OwnNotebook], *, readers: bool) -> tuple[OwnNotebook, ...]:
    """Those that the owner sees, or readers."""
    return tuple(one for one in notebooks if one.for_readers or not readers)


def _notebook(file: Path) -> OwnNotebook:
    if not OWN_NAME.fullmatch(file.stem):
        raise _unusable(file, "Its name has other characters than small letters and underscores.")
    if file.stem in NAMES:
        raise _unusable(file, f"The workbench has a page {file.stem} itself.")
    refuse_foreign(file, what="cells", verb="run")
    try:
        text = file.read_text("utf-8")
        ast.parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(file, f"It cannot be read ({type(error).__name__}).") from error
    except SyntaxError as error:
        raise _unusable(file, f"Line {error.lineno}: {error.msg}.") from error
    if "marimo.App(" not in text:
        raise _unusable(file, "It is no marimo notebook: nothing in it says `marimo.App(`.")
    label, for_readers = file.stem.replace("_", " ").capitalize(), False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        name, value = _entry(file, number, line)
        if name == "label":
            label = value
        elif name == "readers":
            for_readers = _ANSWERS[value.lower()]
    return OwnNotebook(file.stem, file, label, for_readers)


def _entry(file: Path, number: int, line: str) -> tuple[str, str]:
    """What a line of the header says; other comments say nothing."""
    found = _HEADER.match(line)
    name, value = (found[1].lower(), found[2]) if found else ("", "")
    if name == "readers" and value.lower() not in _ANSWERS:
        raise _unusable(file, f"Line {number}: Readers is {value!r}, and has to be yes or no.")
    if name == "label" and not (value.isprintable() and 0 < len(value) <= _LONGEST_LABEL):
        raise _unusable(file, f"Line {number}: Label has to have 1 to {_LONGEST_LABEL} characters.")
    return name, value


def _unusable(file: Path, why: str) -> ValidationError:
    return ValidationError(
        f"The notebook {file} is not served.", why=why, next_step="Correct it, or move it out of the folder."
    )
