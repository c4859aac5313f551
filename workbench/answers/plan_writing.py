"""Add an agreement to the plan of the installation; the rest of the file stays as people wrote it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from workbench.answers.plan import Agreed, Plan, read_plan_file
from workbench.errors import ConfigurationError
from workbench.files import atomic_write


def add_agreement(file: Path, kept: Agreed) -> None:
    """Append one `[[agreed]]` to a plan, which is made where it is not there.

    Raises:
        ConfigurationError: the plan is CSV, cannot be used as it is, or cannot be written.
    """
    if file.suffix.lower() == ".csv":
        raise ConfigurationError(
            f"The plan {file.name} cannot hold agreements.",
            why="It is CSV, which has monthly plans alone.",
            next_step="Write a plan.toml, and name it in WORKBENCH_PLAN.",
        )
    try:
        before = ""
        if file.exists():
            read_plan_file(file)
            before = file.read_text("utf-8-sig").rstrip() + "\n\n"
        after = before + entry(kept)
        Plan.model_validate(tomllib.loads(after))
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file, locked=False) as made:
            made.write(after.encode())
    except OSError as error:
        raise ConfigurationError(
            f"The plan {file.name} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Check the rights of the file and of its folder, or name another one in WORKBENCH_PLAN.",
        ) from None


def entry(kept: Agreed) -> str:
    """An agreement as TOML."""
    facts = {name: value for name, value in kept.model_dump().items() if value is not None}
    lines = [f"{name} = {_written(value)}" for name, value in facts.items()]
    return "\n".join(["[[agreed]]", *lines, ""])


def _written(value: object) -> str:
    """A text as a basic string of TOML, which JSON's are but for one character; numbers and days as they are."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F") if isinstance(value, str) else str(value)
