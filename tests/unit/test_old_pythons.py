"""A Python that is too old is told so in one sentence, not by a SyntaxError."""

from __future__ import annotations

import ast
import sys

import pytest

from workbench.paths import PACKAGE

FIRST = PACKAGE / "__init__.py"


def test_an_old_python_can_read_the_file_that_it_reads_first() -> None:
    tree = ast.parse(FIRST.read_text("utf-8"), feature_version=(3, 7))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    assert [ast.unparse(node) for node in imports if node.lineno < guard.lineno] == ["import sys"]


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_which_one_it_takes(version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as ended:
        exec(compile(FIRST.read_text("utf-8"), str(FIRST), "exec"), {"__name__": "workbench"})  # noqa: S102
    assert f"needs Python 3.11 or newer, and this is Python {version[0]}.{version[1]}." in str(ended.value)
