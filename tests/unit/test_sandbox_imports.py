"""The sandbox imports nothing of the workbench but its errors, and its modules do not import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import workbench.sandbox

ROOT = Path(workbench.sandbox.__file__).parent


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT.parents[1]).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in ROOT.rglob("*.py")}


def imported(file: Path) -> Iterator[str]:
    """Modules of the workbench that a file imports anywhere in it, those for types included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("workbench"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbench"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else str(node.module) for name in names)


def test_the_sandbox_imports_nothing_else_of_the_workbench() -> None:
    outside = {name for file in MODULES.values() for name in imported(file) if name not in MODULES}

    assert outside == {"workbench.errors"}


def test_no_modules_of_the_sandbox_import_each_other_in_a_circle() -> None:
    graph = {name: set(imported(file)) & MODULES.keys() for name, file in MODULES.items()}

    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)  # raises CycleError
