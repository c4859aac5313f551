"""The settings that `workbench init` asks for: their present values, and which values are refused."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from workbench.errors import ConfigurationError, capitalized
from workbench.paths import CHECKOUT, nearest_env_file
from workbench.settings.env_file import refuse_foreign
from workbench.settings.example import default
from workbench.settings.fields import NAMES, Settings

APP = ("LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET", "LINKEDIN_REDIRECT_URI", "LINKEDIN_SCOPES")
DATABASE = ("DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB")
ASKED = (*APP, "LINKEDIN_ACCESS_TOKEN", *DATABASE, "LINKEDIN_ACCOUNT_IDS")
"""In the order of the questions."""


@dataclass(frozen=True)
class Known:
    """The settings before any question: options, environment, file.

    Attributes:
        file: the `.env` file to write.
        options: values from the command line.
        written: values in the file.
    """

    file: Path
    options: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The value in effect: option, environment, file, default."""
        return self.options.get(name) or os.environ.get(name) or self.written.get(name) or default(name)

    def changes(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The lines that have to be written so that these answers are in effect."""
        return {name: value for name, value in answers.items() if value != (self.written.get(name) or default(name))}


def find_known(start: Path | None, options: Mapping[str, str]) -> Known:
    """Find the file to write and its settings: the nearest `.env`, else the checkout's, else a new one in `start`.

    Raises:
        ConfigurationError: that file belongs to another program or account, or there is no folder to write it to.
    """
    found, folder = nearest_env_file(start), CHECKOUT or start
    if found is None and folder is None:
        raise ConfigurationError(
            "The settings cannot be written.",
            why="The working directory is gone, or this account may not enter it.",
            next_step="Change to a folder of your own, then run `workbench init` there.",
        )
    file = found or (folder or Path()) / ".env"
    refuse_foreign(file)
    written = {name: value or "" for name, value in dotenv_values(file).items()} if file.exists() else {}
    if written and not NAMES & written.keys():
        raise ConfigurationError(
            f"The settings cannot be written to {file}.",
            why="It holds settings of another program and none of the workbench.",
            next_step="Run `workbench init` in a folder with a .env file of its own: `touch .env` makes one.",
        )
    return Known(file, options, written)


def refusal(name: str, text: str) -> str | None:
    """Why a text cannot be the value of a setting, as a sentence; None if it can."""
    if re.search(r"[\x00-\x1f\x7f]|\$\{", text):
        return "It must be one line without control characters, and without ${."
    try:
        settings = Settings.model_validate({name: text} if text else {})
        if name == "DATABASE_URL":
            settings.conninfo  # noqa: B018  (it is parsed when it is asked for)
    except ConfigurationError as error:
        return f"{error.why} {error.next_step}"
    except ValidationError as error:
        reason = error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ")
        return f"{capitalized(reason)}."
    return None


def needed(name: str, text: str) -> str | None:
    """Why a text cannot be the value of a setting that must not be empty; None if it can."""
    return refusal(name, text) if text else "This one is needed."


def needed_word(name: str, text: str) -> str | None:
    """Why a text cannot be an id or secret of LinkedIn's, which has no blanks; None if it can."""
    return "It has no blanks: copy it alone." if re.search(r"\s", text) else needed(name, text)
