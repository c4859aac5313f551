"""The command line as a new user meets it: help, version, near misses, wrong options."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from workbench.cli.app import COMMANDS, main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_version_is_printed_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"workbench {version('linkedin-ads-workbench')}\n", "")


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)], ids=["alone", "-h", "--help"])
def test_help_names_every_command_with_its_whole_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, said, errors = run(capsys, *words)

    assert (code, errors) == (0, "")
    shown = " ".join(said.split())  # long sentences go on in the next line
    assert [name for name, line in COMMANDS.items() if f"{name} {line}" not in shown] == []


def test_a_command_that_is_nearly_right_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run(capsys, "stats")

    assert code == 2
    assert "There is no command 'stats'. Did you mean status?" in errors


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, said, _ = run(capsys, name, "-h")

    assert code == 0
    assert "Example: workbench" in said or "Commands:" in said


@pytest.mark.parametrize(
    ("words", "legal"),
    [
        (("--from", "2026-11-09", "--to", "2026-11-01"), "Give the earlier day first."),
        (("--days", "3", "--from", "2026-11-01"), "Give one of them."),
        (("--to", "2026-11-01"), "Give the first day as well."),
        (("--from", "9/11/2026"), "%Y-%m-%d"),
        (("--days", "-1"), "greater than or equal to 0"),
        (("--account", "mine"), "give its number"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_options_end_with_2_and_say_what_is_legal(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], legal: str
) -> None:
    code, _, errors = run(capsys, "sync", *words)

    assert code == 2
    assert legal in errors
