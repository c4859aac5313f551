"""Runs the examples with known answers: which of our functions answers an example's `function`, and how it is asked.

Each module of `MODULES` has `ADAPTERS`: function of the example → callable that takes its `input` and returns what its
`expected` has the shape of.
"""

from __future__ import annotations

import importlib
import json
import math
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MODULES = ("golden_1_6", "golden_7_12")
FOLDER = Path(os.environ.get("GOLDEN_DIR") or Path(__file__).parent / "golden").resolve()


def adapters() -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
    found: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
    for name in MODULES:
        if find_spec(name):
            found |= importlib.import_module(name).ADAPTERS
    return found


def examples() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def differences(expected: Any, found: Any, tolerance: Mapping[str, Any], where: str = "") -> list[str]:
    """What of `expected` is not so in `found`; what `found` has beside it does not matter."""
    tolerance = tolerance.get("same_grid", tolerance)
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            return [f"{where}: {found!r} is no mapping"]
        absent = [f"{where}.{key}: absent" for key in expected if key not in found and expected[key] is not None]
        both = [key for key in expected if key in found]
        return absent + [d for key in both for d in differences(expected[key], found[key], tolerance, f"{where}.{key}")]
    if isinstance(expected, list):
        if not isinstance(found, (list, tuple)) or len(found) != len(expected):
            return [f"{where}: {found!r} instead of {expected!r}"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [d for n, (one, other) in pairs for d in differences(one, other, tolerance, f"{where}[{n}]")]
    if isinstance(expected, bool) or not isinstance(expected, (int, float)):
        return [] if expected == found else [f"{where}: {found!r} instead of {expected!r}"]
    close = (
        found is not None
        and not isinstance(found, (bool, str))
        and math.isclose(expected, found, rel_tol=tolerance["relative"], abs_tol=tolerance["absolute"])
    )
    return [] if close else [f"{where}: {found!r} instead of {expected!r}"]
