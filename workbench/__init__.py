"""A notebook-first analytics workbench for LinkedIn Ads.

The front door: `await sync()`, `load()`, `query()`, `answer()`, `connect()`, `Progress`, `WorkbenchError`.
Names are loaded when they are first used, so that `import workbench` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.answers.api import answer, query
    from workbench.errors import WorkbenchError
    from workbench.pipeline.api import SyncReport, load, sync
    from workbench.progress import Progress
    from workbench.queries.api import connect

__all__ = ["Progress", "SyncReport", "WorkbenchError", "answer", "connect", "load", "query", "sync"]

_HOMES = {
    "Progress": "progress",
    "SyncReport": "pipeline.api",
    "WorkbenchError": "errors",
    "answer": "answers.api",
    "connect": "queries.api",
    "load": "pipeline.api",
    "query": "answers.api",
    "sync": "pipeline.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
