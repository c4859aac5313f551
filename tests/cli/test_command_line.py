"""The command line as a new user meets it: help, version, near misses, wrong options."""

from __future__ import annotations

import re
import resource
import sys
from importlib.metadata import version

import pytest

from workbench.cli.app import COMMANDS, main

BELOW = (
    "auth login",
    "auth logout",
    "auth status",
    "db connection",
    "db distribute",
    "db grant-reader",
    "db upgrade",
    "export parquet",
    "new question",
)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_version_is_printed_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"workbench {version('linkedin-ads-workbench')}\n", "")


def test_no_crash_writes_the_memory_of_a_command_to_disk(capsys: pytest.CaptureFixture[str]) -> None:
    """It holds tokens; a core would lie in the working directory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        run(capsys, "--version")
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


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
    assert "Example:\n" in said
    assert re.search(rf"^    workbench {name}\b", said, re.MULTILINE)
    assert not re.search(r"<(str|path|int|list|%)|^Usage: .*\{|\w\.\.\.$", said, re.MULTILINE), "not plain, or cut"


@pytest.mark.parametrize("name", BELOW)
def test_commands_below_another_have_help_with_an_example_too(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, said, _ = run(capsys, *name.split(), "--help")

    assert code == 0
    assert re.search(rf"^  Example:\n    workbench {name}\b", said, re.MULTILINE)


def test_an_example_that_is_longer_than_the_terminal_stays_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    _, said, _ = run(capsys, "serve", "--help")

    assert "workbench serve --password-file team.password --origin https://reports.example.com\n" in said


@pytest.mark.parametrize(
    ("words", "legal"),
    [
        (("--from", "2026-11-09", "--to", "2026-11-01"), "Give the earlier day first."),
        (("--days", "3", "--from", "2026-11-01"), "Give one of them."),
        (("--to", "2026-11-01"), "Give the first day as well."),
        (("--from", "9/11/2026"), "write it as YYYY-MM-DD"),
        (("--from", "2026-02-30"), "write it as YYYY-MM-DD"),
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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("query", "kpi"), "Did you mean kpis"),
        (("questions", "campaing_weeks"), "Did you mean campaign_weeks"),
        (("query", "kpis", "--fist-day", "2026-11-01"), "Did you mean first-day"),
        (("query", "kpis", "--format", "pdf"), "table, csv, json, parquet, xlsx"),
        (("query", "kpis", "--source", "web"), "database, snapshots, sample"),
        (("query", "kpis", "--as-of", "today"), "write it as YYYY-MM-DD"),
        (("sandbox", "--world", "strange"), "believable, hostile"),
        (("sandbox", "--size", "huge"), "small, medium, large"),
        (("serve", "--account", "mine"), "give its number"),
        (("serve", "--password-file", "one", "--proxy-login"), "not both"),
        (("serve", "--account", "512345678", "--accounts-file", "one"), "not both"),
        (("load",), "--all"),
        (("auth", "logn"), "Did you mean login"),
        (("sync", "--from", "2999-01-01"), "lies in the future"),
        (("sync", "--days", "99999999999999999999"), "36,500 at the most"),
        (("query", "--sql", "select 1", "--seconds", "inf"), "86400"),
        (("status", "-v", "--check"), "not both"),
        (("open", "--own"), "--edit only"),
        (("serve", "--login-header", "X-User"), "--proxy-login only"),
        (("serve", "--base-url", "ads"), "such as /ads"),
        (("serve", "--host", "0.0.0.0"), "--password-file"),  # noqa: S104
        (("check", "--dry-run"), "--notify only"),
        (("check", "--as-of", "2026-11-01"), "--source snapshots"),
        (("report", "--source", "sample", "--dry-run"), "--notify only"),
        (("report", "--source", "sample", "--account", "508310000", "--period", "x"), "28d, 2026-11"),
        (("publish", "pages", "--source", "sample", "--period", "x"), "28d, 2026-11"),
        (("schedule", "--run", "--kind", "cron", "sync"), "does not go with --run"),
        (("query", "kpis", "--last-day", "2026-11-01"), "needs --first-day"),
        (("query", "kpis", "--first-day", "2026-11-02", "--last-day", "2026-11-01"), "the earlier day first"),
        (("query", "accounts", "--rows", "5"), "--sql only"),
        (("query", "accounts", "--format", "csv", "--output", "a.xlsx"), "ends in .xlsx"),
        (("mcp", "--token-file", "token"), "--http only"),
        (("mcp", "--allow-sql", "--account", "512345678"), "not both"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_words_of_every_command_end_with_2_and_say_what_is_legal(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, printed, errors = run(capsys, *words)

    assert (code, printed) == (2, "")
    assert said in errors


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("workbench st", ["status"]),
        ("workbench auth log", ["login", "logout"]),
        ("workbench sync --d", ["--days"]),
        ("workbench query campaign_w", ["campaign_weeks"]),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tab_key_completes_in_every_shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str, line: str, words: list[str]
) -> None:
    """As the shells' completion functions ask the command (`--show-completion` prints these)."""
    monkeypatch.setattr(sys, "argv", ["workbench"])
    monkeypatch.setenv("_WORKBENCH_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    code, said, _ = run(capsys)

    assert code == 0
    assert [word for word in words if word not in said] == []
    assert "serve" not in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("load", "x" * 300), 70),
        (("load", f"{'x' * 300}/{'y' * 300}"), 70),
        (("questions", "x" * 300), 2),
        (("query", "x" * 300, "--source", "sample"), 2),
    ],
)
def test_a_name_that_no_file_can_have_is_said_to_be_unknown(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int
) -> None:
    ended, _, errors = run(capsys, *words)

    assert ended == code
    assert f"There is no {'snapshot' if words[0] == 'load' else 'question'} " in errors


def test_a_folder_of_questions_whose_name_is_too_long_holds_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_QUESTIONS", f"/{'x' * 300}")
    assert run(capsys, "questions")[0] == 0
