"""Every setting, read once from the environment or a `.env` file; nothing else in the package looks there.

Order: environment, then the nearest `.env` upward from the working directory, else the checkout's.
An empty value means unset. A relative path is relative to that `.env`, else to the checkout, else to the home.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode

from workbench.errors import ConfigurationError
from workbench.paths import is_url, loopback_origin, nearest_env_file, working_folder
from workbench.settings import demographics_by, metric_groups, object_place
from workbench.settings.account_ids import account_id
from workbench.settings.database_url import libpq_uri
from workbench.settings.env_file import refuse_foreign
from workbench.settings.home import FromEnvironment, HomeSettings
from workbench.settings.redirect_uri import redirect_uri
from workbench.settings.schema_name import DEFAULT_SCHEMA, schema_name
from workbench.settings.sources import place_of, refuse_unknown

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "COMPLETED", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")


class ReaderSettings(HomeSettings):
    """The settings of a process that only reads: databases, folders, logs. It holds no LinkedIn secret."""

    DATABASE_URL: SecretStr | None = None
    POSTGRES_HOST: str | None = None
    POSTGRES_PORT: int = Field(default=5432, ge=1, le=65535)
    POSTGRES_USER: str = "app"
    POSTGRES_PASSWORD: SecretStr | None = None
    POSTGRES_DB: str = "linkedin_ads"
    DATABASE_SCHEMA: str = DEFAULT_SCHEMA

    SNAPSHOT_DIR: Path | str = Path("snapshots")  # text: an address of object storage
    SYNC_DAYS: int = Field(default=90, ge=0, le=3650)
    LOOKBACK_DAYS: int = Field(default=30, ge=0, le=3650)
    FRESHNESS_TTL_MINUTES: int = Field(default=240, ge=0, le=527_040)  # a leap year
    METRIC_GROUPS: Annotated[tuple[str, ...], NoDecode] = metric_groups.GROUPS
    LINKEDIN_VERSION: str = "202607"
    LOG_LEVEL: str = "INFO"
    LOG_DIR: Path | None = None
    WORKBENCH_QUESTIONS: Path | None = None
    WORKBENCH_NOTEBOOKS: Path | None = None
    WORKBENCH_PLAN: Path | None = None

    @field_validator("METRIC_GROUPS", mode="before")
    @classmethod
    def _groups(cls, value: Any) -> Any:
        return metric_groups.chosen(_split(value)) if isinstance(value, str) else value

    @field_validator("DATABASE_SCHEMA")
    @classmethod
    def _schema(cls, name: str) -> str:
        return schema_name(name)

    @field_validator("LOG_LEVEL")
    @classmethod
    def _level(cls, level: str) -> str:
        if level.upper() not in _LEVELS:
            raise ValueError(f"it must be one of {', '.join(_LEVELS)}")
        return level.upper()

    @field_validator("LINKEDIN_VERSION")
    @classmethod
    def _year_and_month(cls, version: str) -> str:
        if not re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])", version):
            raise ValueError("it must be year and month in six digits, such as 202607")
        return version

    @field_validator("SNAPSHOT_DIR", mode="before")
    @classmethod
    def _place(cls, value: Any) -> Any:
        """A folder as a path, object storage as its address."""
        return (object_place.address(value) if is_url(value) else Path(value)) if isinstance(value, str) else value

    @property
    def snapshot_dir(self) -> Path:
        """The folder of snapshots; for object storage the one in the home that stands for it."""
        if isinstance(self.SNAPSHOT_DIR, str):
            return object_place.local_folder(self.SNAPSHOT_DIR, self.home)
        return self._absolute(self.SNAPSHOT_DIR)

    @property
    def question_dir(self) -> Path:
        """The folder with questions of the installation's own; it need not exist."""
        if self.WORKBENCH_QUESTIONS:
            return self._absolute(self.WORKBENCH_QUESTIONS)
        return (self.home_if_any or Path(os.devnull)) / "questions"

    @property
    def notebook_dir(self) -> Path:
        """The folder with notebooks of the installation's own; it need not exist."""
        if self.WORKBENCH_NOTEBOOKS:
            return self._absolute(self.WORKBENCH_NOTEBOOKS)
        return (self.home_if_any or Path(os.devnull)) / "notebooks"

    @property
    def plan_file(self) -> Path | None:
        """The file with agreements, thresholds and monthly plans; it need not exist unless it was named."""
        if self.WORKBENCH_PLAN:
            return self._absolute(self.WORKBENCH_PLAN)
        return self.home_if_any / "plan.toml" if self.home_if_any else None

    @property
    def seen_file(self) -> Path | None:
        """The file that says which findings the owner has seen; it need not exist."""
        return self.home_if_any / "seen.json" if self.home_if_any else None

    @property
    def log_dir(self) -> Path | None:
        """The folder of the log files; None where this account has no home, and none was set."""
        if self.LOG_DIR:
            return self._absolute(self.LOG_DIR)
        return self.home_if_any / "logs" if self.home_if_any else None

    @property
    def database_setting(self) -> str:
        """The settings that name the database, and where they stand: `DATABASE_URL (environment)`."""
        names = ["DATABASE_URL"]
        if self.DATABASE_URL is None and self.POSTGRES_HOST is not None:
            names = ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_HOST", "POSTGRES_DB"]
        places = {name: place_of(name, self.env_file) for name in names}
        return ", ".join(name if place == "default" else f"{name} ({place})" for name, place in places.items())

    @cached_property
    def conninfo(self) -> str | None:
        """The connection string of the configured database for libpq, secrets included; None means the embedded server.

        Raises:
            ConfigurationError: `DATABASE_URL` is not the URL of a PostgreSQL database.
        """
        if self.DATABASE_URL is not None:
            return libpq_uri(self.DATABASE_URL.get_secret_value())
        if self.POSTGRES_HOST is None:
            return None
        from psycopg.conninfo import make_conninfo  # late: not every process that reads settings asks a database

        password = self.POSTGRES_PASSWORD.get_secret_value() if self.POSTGRES_PASSWORD else None
        return make_conninfo(
            host=self.POSTGRES_HOST,
            port=self.POSTGRES_PORT,
            user=self.POSTGRES_USER,
            password=password,
            dbname=self.POSTGRES_DB,
        )


class Settings(ReaderSettings):
    """All settings, those for LinkedIn included."""

    LINKEDIN_CLIENT_ID: str | None = None
    LINKEDIN_CLIENT_SECRET: SecretStr | None = None
    LINKEDIN_REDIRECT_URI: str = "http://localhost:8765/callback"
    LINKEDIN_SCOPES: Annotated[tuple[str, ...], NoDecode] = ("r_ads", "r_ads_reporting")
    LINKEDIN_ACCOUNT_IDS: Annotated[tuple[Annotated[int, Field(gt=0)], ...], NoDecode] = ()
    LINKEDIN_CONCURRENCY: int = Field(default=4, ge=1, le=64)
    LINKEDIN_REQUESTS_PER_SECOND: float = Field(default=5, ge=0.01, le=1000, allow_inf_nan=False)
    LINKEDIN_TOKEN_FILE: Path | None = None
    LINKEDIN_ACCESS_TOKEN: SecretStr | None = None
    LINKEDIN_API_URL: str = "https://api.linkedin.com"
    LINKEDIN_OAUTH_URL: str = "https://www.linkedin.com"
    CAMPAIGN_STATUSES: Annotated[tuple[str, ...], NoDecode] = ()
    DEMOGRAPHICS_BY: Annotated[tuple[str, ...], NoDecode] = (demographics_by.ACCOUNT,)
    METRICS_BATCH_SIZE: int = Field(default=20, ge=1, le=90)

    @field_validator("LINKEDIN_SCOPES", "CAMPAIGN_STATUSES", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return _split(value) if isinstance(value, str) else value

    @field_validator("LINKEDIN_ACCOUNT_IDS", mode="before")
    @classmethod
    def _account_ids(cls, value: Any) -> Any:
        """Ids separated by commas or blanks; people also paste `urn:li:sponsoredAccount:…`."""
        if not isinstance(value, str):
            return value
        ids = tuple(map(account_id, _split(value)))
        if None in ids:
            raise ValueError("it must be numbers of ad accounts, separated by commas")
        return ids

    @field_validator("DEMOGRAPHICS_BY", mode="before")
    @classmethod
    def _entities(cls, value: Any) -> Any:
        return demographics_by.chosen(_split(value)) if isinstance(value, str) else value

    @field_validator("CAMPAIGN_STATUSES")
    @classmethod
    def _known_statuses(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if not {word.upper() for word in words} <= set(_STATUSES):
            raise ValueError(f"it must be some of {', '.join(_STATUSES)}, separated by commas")
        return tuple(word.upper() for word in words)

    @field_validator("LINKEDIN_SCOPES")
    @classmethod
    def _plain_scopes(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Za-z0-9_.]+", word) for word in words):
            raise ValueError("it must be names such as r_ads, separated by commas or blanks")
        return words

    @field_validator("LINKEDIN_REDIRECT_URI")
    @classmethod
    def _redirect(cls, uri: str) -> str:
        return redirect_uri(uri)

    @field_validator("LINKEDIN_API_URL", "LINKEDIN_OAUTH_URL")
    @classmethod
    def _origin(cls, url: str) -> str:
        url = url.rstrip("/")
        if url not in ("https://api.linkedin.com", "https://www.linkedin.com") and not loopback_origin(url):
            raise ValueError("only LinkedIn's own https origin, or an http(s) origin on loopback, is allowed")
        return url

    @property
    def token_file(self) -> Path:
        return self._absolute(self.LINKEDIN_TOKEN_FILE) if self.LINKEDIN_TOKEN_FILE else self.home / "token.json"


def _split(text: str) -> tuple[str, ...]:
    """The words of a list, separated by commas or blanks."""
    return tuple(re.findall(r"[^\s,]+", text))


NAMES = frozenset(name for name in Settings.model_fields if name.isupper())
Kind = TypeVar("Kind", bound=FromEnvironment)


def read_settings(kind: type[Kind], *, start: Path | None = None) -> Kind:
    """Settings of one kind from environment and `.env`.

    Raises:
        ConfigurationError: a value cannot be what its name says, or a name is no setting; names the variable and where
            it stands, never shows a value. Or another account of this machine could have written the file.
    """
    file = nearest_env_file(start or working_folder())
    try:
        if file is not None:
            refuse_foreign(file)
        refuse_unknown(NAMES, file)
        return kind(_env_file=file, env_file=file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "The settings cannot be read.",
            why=f"{file} {'is not UTF-8 text' if isinstance(error, ValueError) else 'cannot be opened'}.",
            next_step="Save it as UTF-8, readable for you; `workbench config --example` shows how it looks.",
        ) from None
    except ValidationError as error:
        places = {str(e["loc"][0]): place_of(str(e["loc"][0]), file) for e in error.errors(include_input=False)}
        problems = {str(e["loc"][0]): e["msg"].removeprefix("Value error, ") for e in error.errors(include_input=False)}
        raise ConfigurationError(
            "The settings cannot be used.",
            why="; ".join(f"{name} ({places[name]}): {said}" for name, said in problems.items()),
            next_step=f"Correct it in {' and '.join(sorted(_the(place) for place in set(places.values())))}; "
            "`workbench config --example` shows every setting with its default.",
        ) from None


def _the(place: str) -> str:
    return "the environment" if place == "environment" else place
