"""Optional parts: what is not installed is named with the command that installs it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from workbench.errors import ConfigurationError


def optional(module: str, extra: str, what: str) -> Any:
    """A module of an optional extra.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{what} cannot be made.",
            why=f"The package {error.name} is not installed; it is part of the extra {extra!r}.",
            next_step=f"In the checkout run `.venv/bin/pip install -e '.[{extra}]'`.",
        ) from None


def missing(module: str, extra: str, what: str) -> ConfigurationError | None:
    """Why something cannot be made here, and how it can; None: its module is there."""
    try:
        optional(module, extra, what)
    except ConfigurationError as error:
        return error
    return None
