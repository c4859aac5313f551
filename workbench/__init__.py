"""A notebook-first analytics workbench for LinkedIn Ads.

    from workbench import query, sync

    report = await sync()                   # LinkedIn → a snapshot on disk → PostgreSQL
    frame = query("accounts")               # one question, a polars frame
    said = answer("pacing").sentences       # a question with a method behind it, in words

The functions use the settings of the environment; `Workbench` is an installation with settings of its own.
Names are loaded when they are first used, so that `import workbench` costs next to nothing.
"""

# No newer syntax here: an old Python must come as far as this sentence.
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    raise SystemExit(
        "The LinkedIn Ads Workbench needs Python 3.11 or newer, and this is Python %d.%d. "  # noqa: UP031
        "Make its environment with another one: python3.11 -m venv .venv" % sys.version_info[:2]
    )

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.answers.question_list import QuestionInfo, questions
    from workbench.answers.registry import Found
    from workbench.errors import WorkbenchError
    from workbench.front_door import Workbench, answer, connect, query
    from workbench.pipeline.api import load, sync
    from workbench.pipeline.progress import Progress
    from workbench.pipeline.report import LoadReport, SyncReport

__all__ = [
    "Found",
    "LoadReport",
    "Progress",
    "QuestionInfo",
    "SyncReport",
    "Workbench",
    "WorkbenchError",
    "answer",
    "connect",
    "load",
    "query",
    "questions",
    "sync",
]

_HOMES = {
    "Found": "answers.registry",
    "LoadReport": "pipeline.report",
    "Progress": "pipeline.progress",
    "QuestionInfo": "answers.question_list",
    "SyncReport": "pipeline.report",
    "Workbench": "front_door",
    "WorkbenchError": "errors",
    "answer": "front_door",
    "connect": "front_door",
    "load": "pipeline.api",
    "query": "front_door",
    "questions": "answers.question_list",
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
