"""Keep marimo from reading `.env` files and the user's own settings.

A kernel loads the `.env` beside the notebook's project into the environment of its process. LinkedIn's secrets would
so reach a server that never reads them, every process it starts, and, because the environment comes first, another
database than the one that is told could be asked. And a page carries marimo's settings in its HTML: a person's
`marimo.toml` may hold addresses, headers and tokens that visitors must not see.
"""

from __future__ import annotations

from typing import Any


def load_no_env_files() -> None:
    """For the whole process: let no kernel load a `.env` that was not named to marimo. `settings` reads ours."""
    from marimo._config import manager

    _replace(manager, "_contextual_defaults")


def use_defaults() -> None:
    """For the whole process: marimo's own defaults, and what a notebook itself says; nothing of a person's."""
    from marimo._config import manager

    load_no_env_files()
    for reader in (manager.UserConfigStore, manager.PyprojectConfigReader):
        _replace(reader, "read")


def _replace(owner: Any, name: str) -> None:
    """Let a function of marimo's find no settings. It has to be there: an app that is not kept apart must not start."""
    getattr(owner, name)
    setattr(owner, name, _nothing)


def _nothing(*_: object) -> dict[str, Any]:
    return {}
