"""Free text for a report from a Markdown file: headings, paragraphs and lists; the rest stays as it is written."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.console import printable
from workbench.errors import ValidationError
from workbench.reports.model import Block

LARGEST = 100_000
"""Characters of the file."""


def read_next_steps(file: Path) -> tuple[Block, ...]:
    """The text of a file in blocks.

    Raises:
        ValidationError: it cannot be read, or is too long for a report.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "It is not UTF-8 text." if isinstance(error, ValueError) else f"{error.strerror or error}."
        raise ValidationError(
            f"The text {file} cannot be read.", why=why, next_step="Name a Markdown file that you can read."
        ) from None
    if len(text) > LARGEST:
        raise ValidationError(
            f"The text {file} is too long for a report.",
            why=f"It has {len(text):,} characters, and {LARGEST:,} are the most.",
            next_step="Shorten it.",
        )
    return blocks_of(text)


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a text; lines of one paragraph become one."""
    found: list[Block] = []
    paragraph: list[str] = []

    def end_paragraph() -> None:
        if paragraph:
            found.append(Block("paragraph", " ".join(paragraph)))
            paragraph.clear()

    for line in (printable(line.replace("\t", " ")).strip() for line in text.splitlines()):
        heading, item = re.fullmatch(r"#{1,6} +(.+?) *#*", line), re.fullmatch(r"(?:[-*+]|\d+[.)]) +(.+)", line)
        if heading or item or not line:
            end_paragraph()
        if heading:
            found.append(Block("heading", _plain(heading[1])))
        elif item:
            found.append(Block("item", _plain(item[1])))
        elif line:
            paragraph.append(_plain(line))
    end_paragraph()
    return tuple(found)


def _plain(text: str) -> str:
    """Without the marks of emphasis; an address stays text."""
    return re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
