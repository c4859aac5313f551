"""The folder in which the workbench lives, and how every kind of settings is read."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from workbench.errors import ConfigurationError
from workbench.paths import CHECKOUT, is_url

APP = "linkedin-ads-workbench"


class FromEnvironment(BaseSettings):
    """Values of the environment and of a `.env` file; frozen, and never shown in an error."""

    model_config = SettingsConfigDict(
        case_sensitive=True, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    env_file: Path | None = Field(default=None, exclude=True)

    @field_validator(
        "WORKBENCH_HOME",
        "LOG_DIR",
        "LINKEDIN_TOKEN_FILE",
        "WORKBENCH_QUESTIONS",
        "WORKBENCH_NOTEBOOKS",
        "WORKBENCH_PLAN",
        mode="before",
        check_fields=False,
    )
    @classmethod
    def _no_url(cls, path: Any) -> Any:
        """Refuse a URL as a path."""
        if isinstance(path, str) and is_url(path):
            raise ValueError("it must be a path of this machine, not a URL")
        return path

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Init arguments, environment, `.env`: no secrets folder."""
        return init_settings, env_settings, dotenv_settings


class HomeSettings(FromEnvironment):
    """The setting of the home folder."""

    WORKBENCH_HOME: Path | None = None

    @cached_property
    def home(self) -> Path:
        """The folder for what must survive: embedded database, token, logs.

        Raises:
            ConfigurationError: neither the settings nor the account say where it is.
        """
        return _users_folder() if self.WORKBENCH_HOME is None else self._absolute(self.WORKBENCH_HOME)

    @property
    def home_if_any(self) -> Path | None:
        """The home folder, or None where this account has none."""
        try:
            return self.home
        except ConfigurationError:
            return None

    def _absolute(self, path: Path) -> Path:
        try:
            path = path.expanduser()
        except RuntimeError:
            raise _homeless(f"{path} is to lie below it.") from None
        if path.is_absolute():
            return path
        if self.env_file is not None:
            return self.env_file.parent / path
        return (CHECKOUT or _users_folder()) / path


def _users_folder() -> Path:
    """This account's folder for data of programs."""
    with suppress(RuntimeError):
        folder = Path(platformdirs.user_data_dir(APP, appauthor=False))
        if folder.is_absolute():  # `~` may stay as it is where nothing says what it stands for
            return folder
    raise _homeless("The workbench keeps its database, sign-in and logs there.")


def _homeless(why: str) -> ConfigurationError:
    return ConfigurationError(
        "This account has no home folder: HOME is not set, and the machine's list of users does not have the account.",
        why=why,
        next_step="Set WORKBENCH_HOME to a folder that this account can write.",
    )
