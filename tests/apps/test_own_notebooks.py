"""Notebooks of the installation's own: found, linked and served beside ours; what is wrong is said with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench import app_context
from workbench.app_context import Context
from workbench.cli.app import main
from workbench.pages.components.navigation import navigation
from workbench.web.own_notebooks import for_mode, own_notebooks
from workbench.web.server import free_port

NOTEBOOK = "import marimo\n\napp = marimo.App()\n"


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
        (folder / f"{name}.py").chmod(0o600)
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_notebook_says_its_label_and_whether_it_is_for_readers(tmp_path: Path) -> None:
    texts = {
        "lead_costs": f"# Label: What a lead costs\n# Readers: yes\n{NOTEBOOK}",
        "mine": f"# any comment\n{NOTEBOOK}# Readers: yes\n",
    }
    found, wrong = own_notebooks(written(tmp_path / "own", **texts))

    assert wrong == ()
    assert [(one.name, one.label, one.for_readers) for one in found] == [
        ("lead_costs", "What a lead costs", True),
        ("mine", "Mine", False),
    ]
    assert [one.name for one in for_mode(found, readers=True)] == ["lead_costs"]
    assert own_notebooks(tmp_path / "none") == ((), ())


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a", f"# Label: A\n# Readers: perhaps\n{NOTEBOOK}", "Line 2: Readers is 'perhaps'"),
        ("a", f"# Label:\n{NOTEBOOK}", "Line 1: Label"),
        ("a", f"# Label: {'x' * 41}\n{NOTEBOOK}", "Line 1: Label"),
        ("a", f"{NOTEBOOK}def f(:\n", "Line 4"),
        ("a", "print(1)\n", "no marimo notebook"),
        ("overview", NOTEBOOK, "has a page overview itself"),
        ("Odd-name", NOTEBOOK, "small letters"),
    ],
)
def test_what_is_wrong_is_said_and_the_others_are_served(tmp_path: Path, name: str, text: str, why: str) -> None:
    found, (error,) = own_notebooks(written(tmp_path / "own", good=NOTEBOOK, **{name: text}))

    assert [one.name for one in found] == ["good"]
    assert why in error.why
    assert str(tmp_path / "own" / f"{name}.py") in error.what


def test_a_file_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", good=NOTEBOOK, bad=NOTEBOOK)
    (folder / "bad.py").chmod(0o666)
    found, wrong = own_notebooks(folder)
    assert ([one.name for one in found], len(wrong)) == (["good"], 1)


def test_its_link_stands_after_ours_and_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {"mine": "<b>Mine</b>"}
    monkeypatch.setattr(app_context, "_current", Context(pages=("overview", "mine"), labels=labels))
    shown = navigation("mine").text

    assert shown.index("../overview/") < shown.index("../mine/")
    assert "<b>Mine" not in shown
    assert 'href="../mine/" aria-current="page"' in shown


def test_new_notebook_writes_one_that_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    monkeypatch.setenv("WORKBENCH_NOTEBOOKS", str(folder))
    code, said, _ = run(capsys, "new", "notebook", "lead_costs")
    assert (code, f"Written: {folder / 'lead_costs.py'}" in said) == (0, True)
    (one,), wrong = own_notebooks(folder)
    assert (one.label, one.for_readers, wrong) == ("Lead costs", False, ())
    assert run(capsys, "new", "notebook", "lead_costs")[0] == 70
    assert run(capsys, "new", "notebook", "status")[0] == 70
    assert run(capsys, "new", "notebook", "a/b")[0] == 2


@pytest.mark.browser
def test_a_new_notebook_opens_beside_our_pages(browser: Any, tmp_path: Path) -> None:
    port = free_port()
    facts = {"PATH": os.environ["PATH"], "WORKBENCH_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "workbench"]
    subprocess.run([*command, "new", "notebook", "lead_costs"], env=facts, cwd=tmp_path, check=True)
    opened = [*command, "open", "--no-browser", "--port", str(port)]
    with subprocess.Popen(opened, env=facts, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            address = served.stdout.readline().split()[-1]
            page = browser.new_page()
            page.set_default_timeout(60_000)
            page.goto(address)
            page.get_by_role("link", name="Lead costs").click()
            page.wait_for_selector("h1:has-text('Lead costs')")
            page.wait_for_selector("marimo-table", state="attached")
            assert page.get_by_role("link", name="Results").count() == 1
            page.close()
        finally:
            served.terminate()
            served.wait(60)
