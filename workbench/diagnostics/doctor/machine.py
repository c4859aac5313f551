"""Check that Python and the packages have versions for which this workbench was made."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator

from workbench.diagnostics.doctor.finding import Finding, ok, problem, warning

DISTRIBUTION = "linkedin-ads-workbench"
_OLDEST, _NEWEST = (3, 11), (3, 14)
_REQUIREMENT = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?\s*((?:[<>=!~]=?\s*[\w.*]+\s*,?\s*)*)(?:;.*)?$")


def check() -> Iterator[Finding]:
    """Check the interpreter, the system, and every declared dependency."""
    yield python(sys.version_info[:2], platform.system())
    wrong = [text for requirement in _requirements() if (text := unmet(requirement))]
    if wrong:
        yield problem(
            "packages",
            "Packages are missing or of other versions than this workbench was made for.",
            why=f"{'; '.join(wrong)}.",
            next_step=f"In the checkout of the workbench, run `{sys.executable} -m pip install -U .`.",
        )
    else:
        yield ok("packages", f"Workbench {importlib.metadata.version(DISTRIBUTION)}; every package is in its range.")


def python(version: tuple[int, ...], system: str) -> Finding:
    """Check that this Python is a supported one."""
    name = f"Python {'.'.join(map(str, version))} on {system}"
    if system not in ("Linux", "Darwin"):
        return problem("python", f"{name} is not supported.", next_step="Use Linux or macOS (on Windows: WSL).")
    if version < _OLDEST:
        return problem("python", f"{name} is too old.", next_step="Use Python 3.11 to 3.14.")
    if version > _NEWEST:
        return warning("python", f"{name} is newer than any this was tried on.", next_step="Use Python 3.11 to 3.14.")
    return ok("python", f"{name}.")


def unmet(requirement: str, installed: dict[str, str] | None = None) -> str | None:
    """What is wrong with one requirement, such as `httpx>=0.28,<1`; None if nothing is."""
    match = _REQUIREMENT.match(requirement)
    if match is None:
        return None
    name, bounds = match[1], re.findall(r"(>=|<)\s*([\d.]+)", match[2])
    found = installed.get(name) if installed is not None else _version(name)
    if found is None:
        return f"{name} is missing"
    for operator, bound in bounds:
        if (_numbers(found) >= _numbers(bound)) != (operator == ">="):
            return f"{name} is {found}, and must be {operator}{bound}"
    return None


def _requirements() -> list[str]:
    return [text for text in importlib.metadata.requires(DISTRIBUTION) or () if "extra ==" not in text]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The release alone: 2.1.0rc1 counts as 2.1.0."""
    release = re.match(r"[\d.]*\d", version)
    parts = [int(number) for number in release[0].split(".")] if release else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
