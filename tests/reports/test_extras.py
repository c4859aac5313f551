"""A part that is not installed is named with what installs it, from the checkout."""

from __future__ import annotations

import sys

import pytest

from workbench.cli.app import main


@pytest.mark.parametrize(
    ("module", "extra", "words"),
    [
        ("vl_convert", "report", ["report", "--account", "508310000", "--output", "a.html"]),
        ("typst", "report", ["report", "--account", "508310000", "--output", "a.pdf"]),
        ("apprise", "notify", ["check", "--as-of", "2026-11-22", "--notify", "json://127.0.0.1:1/"]),
        ("mcp.server", "mcp", ["mcp"]),
    ],
)
def test_what_is_missing_is_said_with_its_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, module: str, extra: str, words: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit) as ended:
        main([*words, "--source", "sample"])
    assert ended.value.code == 78
    assert f"pip install -e '.[{extra}]'" in capsys.readouterr().err
