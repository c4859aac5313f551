"""Retry parsing that fails because of a fault of CPython when several threads parse at once.

Every visitor's kernel parses the whole notebook.

CPython 3.11 (seen in 3.11.7) and 3.12 before 3.12.2 count the depth of all syntax trees under construction together. If
another thread gets its turn in the middle (a garbage collection with a finalizer is enough), the count looks wrong, and
a sound source ends in `SystemError: AST constructor recursion depth mismatch` (python/cpython#106905). A page would
then stay blank.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any, TypeVar

_TRIES = 20
_Made = TypeVar("_Made")
_made_patient: list[Callable[..., Any]] = []


def parse_patiently(module: ModuleType, name: str) -> None:
    """Make a module's function that parses `patient`, for the whole process. Doing it twice changes nothing."""
    parse = getattr(module, name)
    if parse not in _made_patient:
        _made_patient.append(patient(parse))
        setattr(module, name, _made_patient[-1])


def patient(parse: Callable[..., _Made]) -> Callable[..., _Made]:
    """`parse`, tried again where another thread was in the way. What is wrong with a source is raised at once."""

    @wraps(parse)
    def patiently(*args: Any, **kwargs: Any) -> _Made:
        for _ in range(_TRIES):
            try:
                return parse(*args, **kwargs)
            except SystemError as error:
                if "recursion depth mismatch" not in str(error):
                    raise
        return parse(*args, **kwargs)

    return patiently
