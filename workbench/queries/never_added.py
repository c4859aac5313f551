"""Refuse statements that add up what may not be added up: reach, and averages that LinkedIn returns ready-made.

A member who is reached twice counts once, so reach of two ad sets, or of two windows, has no sum.
"""

from __future__ import annotations

import re

from workbench.schema.reach_metrics import NEVER_ADDED

NO_SUM = "Read the row of the level and window that you mean; `workbench query reach` lists them."
"""What to do instead."""
_ADDS = ("sum", "avg", "fsum", "kahan_sum", "sumkahan", "favg", "mean", "sum_no_overflow", "list_sum", "list_avg")
_CALL = re.compile(rf"\b({'|'.join(_ADDS)})\s*\(", re.IGNORECASE)
_NAME = re.compile(rf"\b({'|'.join(NEVER_ADDED)})\b", re.IGNORECASE)
_NO_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


def added_up(sql: str) -> str | None:
    """The first column that a statement adds up though it may not be; None if there is none."""
    code = _NO_CODE.sub(" ", sql)
    for call in _CALL.finditer(code):
        if found := _NAME.search(code[call.end() : _end(code, call.end())]):
            return found[0].lower()
    return None


def _end(code: str, start: int) -> int:
    """Where the bracket that was opened before `start` closes."""
    depth = 1
    for place in range(start, len(code)):
        depth += (code[place] == "(") - (code[place] == ")")
        if not depth:
            return place
    return len(code)
