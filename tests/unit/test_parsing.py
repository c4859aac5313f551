"""Many threads that parse at once: a wrong count of CPython's costs another try, a wrong source its error."""

from __future__ import annotations

import ast
import gc
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import workbench
from workbench.web.marimo_patches import parse_patiently, patient

WORKBENCH = Path(workbench.__file__).parent
MISCOUNTED = "AST constructor recursion depth mismatch (before=84, after=77)"


class Turning:
    """Garbage that lets another thread have its turn when it is collected."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0.0005)


@contextmanager
def collecting_often() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(400, 2, 2)
    yield
    gc.set_threshold(*before)


def test_sound_sources_parse_in_many_threads_at_once() -> None:
    source, failures = Path(ast.__file__).read_text()[:8000].rpartition("\n\n\n")[0], list[BaseException]()
    parse = patient(ast.parse)

    def work() -> None:
        for _ in range(60):
            for _ in range(5):
                Turning()
            try:
                parse(source)
            except SystemError as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    with collecting_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_miscount_is_tried_again_and_anything_else_is_raised() -> None:
    answers = iter([SystemError(MISCOUNTED), SystemError(MISCOUNTED), 7, SystemError("something else")])

    def parse() -> int:
        answer = next(answers)
        if isinstance(answer, SystemError):
            raise answer
        return answer

    assert patient(parse)() == 7
    with pytest.raises(SystemError, match="something else"):
        patient(parse)()


def test_it_does_not_try_for_ever() -> None:
    def parse() -> None:
        raise SystemError(MISCOUNTED)

    with pytest.raises(SystemError, match="mismatch"):
        patient(parse)()


def test_a_wrong_source_is_a_wrong_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ast, "parse", ast.parse)
    parse_patiently(ast, "parse")
    once = ast.parse
    parse_patiently(ast, "parse")
    assert ast.parse is once
    assert ast.dump(ast.parse("x = 1")) == ast.dump(compile("x = 1", "<unknown>", "exec", ast.PyCF_ONLY_AST))
    with pytest.raises(SyntaxError):
        ast.parse("x =")


def test_marimos_private_modules_are_touched_in_one_file() -> None:
    touched = {
        file.name
        for file in (WORKBENCH / "web").rglob("*.py")
        if re.search(r"(?:import|from) marimo\.[\w.]*_|\.session_manager\b", file.read_text("utf-8"))
    }

    assert touched == {"marimo_patches.py"}
