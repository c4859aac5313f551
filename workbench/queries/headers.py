"""Read the header of a question's file; the error of a wrong one names the fault and the line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

LABELS = ("Params", "Returns", "Columns", "States", "Reads")
_MARK = "[[["
_LABEL = re.compile(r"([A-Z][a-z]+):(?: |$)")
_ITEM = re.compile(r"(\$?)(\w+) \(([\w\[\]]+)(?:, ([^()]*))?\)\s*(,|$)\s*")
_EXAMPLE = {"$": "$first_day (date), $account_ids (bigint[], null: every account)", "": "date (date), clicks (bigint)"}
_USED = re.compile(r"\$([A-Za-z_]\w*)")


class HeaderError(ValueError):
    """A header that cannot be read; `line` is counted from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class Entry:
    """A parameter or a column as its header names it."""

    name: str
    type: str
    note: str
    line: int


@dataclass
class Section:
    """The text behind a label, and its lines."""

    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(text for _, text in self.lines).split())

    def line_at(self, position: int) -> int:
        """The line of a character of `text`."""
        for number, line in self.lines:
            length = len(" ".join(line.split()))
            if position < length:
                return number
            position -= length + (length > 0)
        return self.lines[-1][0]


@dataclass(frozen=True)
class Header:
    """The parts of a file: the question in words, the sections by label, and the statement."""

    title: str
    sections: dict[str, Section]
    sql: str


def read_header(text: str) -> Header:
    """The parts of a question's file.

    Raises:
        HeaderError: it has no question in words, no statement, or a label that there is not, or twice.
    """
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    title, sections = Section(1), dict[str, Section]()
    current = title
    for number, line in enumerate(lines[:end], 1):
        if _MARK in line:
            continue
        said = line.removeprefix("--").removeprefix(" ")
        label = _LABEL.match(said)
        if label and (name := _label(label[1], number)):
            if name in sections:
                raise HeaderError(number, f"{name}: stands there twice.")
            current = sections[name] = Section(number)
            said = said[label.end() :]
        current.lines.append((number, said))
    if not title.text:
        raise HeaderError(1, "The first line must be the question in words, as a comment: `-- What did …?`")
    sql = "\n".join(line for line in lines[end:] if not line.lstrip().startswith("--")).strip().rstrip(";")
    if not sql:
        raise HeaderError(max(end, 1), "There is no statement below the header.")
    return Header(title.text, sections, sql)


def entries(header: Header, label: str, mark: str, types: Collection[str]) -> dict[str, Entry]:
    """The parameters (mark `$`) or columns (no mark) of a header, by name.

    Raises:
        HeaderError: one of them is not written `name (type)` or `name (type, note)`, or its type is none of `types`.
    """
    section = header.sections.get(label)
    if section is None or section.text in ("", "none"):
        return {}
    return {entry.name: entry for entry in _entries(section, label, mark, types)}


def check_parameters(header: Header, params: Collection[str], text: str) -> None:
    """Refuse a statement that uses other parameters than its header names.

    Raises:
        HeaderError: names the parameter, and its line.
    """
    used = {
        name: number
        for number, line in enumerate(text.splitlines(), 1)
        if not line.lstrip().startswith("--")
        for name in _USED.findall(line)
    }
    for name, number in used.items():
        if name not in params:
            raise HeaderError(number, f"The statement uses ${name}, and Params: in the header does not name it.")
    for name in params:
        if name not in used:
            raise HeaderError(header.sections["Params"].line, f"The statement does not use ${name}.")


def _label(word: str, line: int) -> str | None:
    """The label that a word is; None for a word of a sentence."""
    if word in LABELS:
        return word
    near = get_close_matches(word, LABELS, n=1, cutoff=0.7)
    if near:
        raise HeaderError(line, f"There is no part {word}: in a header. Probably {near[0]}: is meant.")
    return None


def _entries(section: Section, label: str, mark: str, types: Collection[str]) -> Iterator[Entry]:
    text, position, seen = section.text, 0, set[str]()
    while position < len(text):
        line = section.line_at(position)
        found = _ITEM.match(text, position)
        if found is None:
            excerpt = text[position : position + 40]
            raise HeaderError(line, f"{label}: cannot be read from {excerpt!r} on. Write it as `{_EXAMPLE[mark]}`.")
        dollar, name, kind, note, _ = found.groups()
        if dollar != mark:
            wanted = "begins with $" if mark else "has no $"
            raise HeaderError(line, f"{dollar}{name}: a name in {label}: {wanted}.")
        if kind not in types:
            raise HeaderError(line, f"{dollar}{name} has the type {kind}. Use one of {', '.join(types)}.")
        if name in seen:
            raise HeaderError(line, f"{dollar}{name} stands there twice.")
        seen.add(name)
        yield Entry(name, kind, note or "", line)
        position = found.end()
