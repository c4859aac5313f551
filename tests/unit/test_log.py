"""Logs: five files, a run's id on every record, and no secret in any of them, whatever is logged."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from marks import needs_dev_full

from workbench import logs
from workbench.errors import StorageError

SECRET = "s3cret/Value+with=signs"
SHAPES = [
    ("Authorization: Bearer AQVabc.def-ghi_jkl", "AQVabc"),
    ('{"access_token": "AQVabc", "expires_in": 5}', "AQVabc"),
    ("{'refresh_token': 'AQXabc'}", "AQXabc"),
    ("POST /accessToken?grant_type=x&client_secret=WPLabc&code=AQTabc&state=1", "WPLabc"),
    ("GET /callback?code=AQTabc&state=1", "AQTabc"),
    ("postgresql://app:pa55word@db.example:5432/ads", "pa55word"),
    ("password=pa55word host=db.example", "pa55word"),
]


@pytest.fixture
def log_dir(tmp_path: Path) -> Iterator[Path]:
    logs.configure(tmp_path / "logs", level="DEBUG", console=False)
    logs.hide(SECRET)
    yield tmp_path / "logs"
    logs.configure(None, console=False)
    logs._secrets.discard(SECRET)


def logger() -> logging.Logger:
    return logging.getLogger("workbench.somewhere")


def read(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def test_each_file_holds_what_its_name_says(log_dir: Path) -> None:
    with logs.run("20261124T060000Z"):
        logger().debug("a %s", "detail")
        logger().warning("a doubt")
        logs.API.info("GET adCampaigns 200 0.012s")
        logs.WEB.info("refused")
    lines = {name: [line.split("Z ", 1)[1] for line in text.splitlines()] for name, text in read(log_dir).items()
             if name != "app.json.log"}  # fmt: skip
    assert lines == {
        "app.log": [
            "DEBUG   [20261124T060000Z] workbench.somewhere: a detail",
            "WARNING [20261124T060000Z] workbench.somewhere: a doubt",
        ],
        "error.log": ["WARNING [20261124T060000Z] workbench.somewhere: a doubt"],
        "api.log": ["[20261124T060000Z] GET adCampaigns 200 0.012s"],
        "web.log": ["INFO    [20261124T060000Z] workbench.web: refused"],
    }


def test_a_json_line_is_one_object_with_its_traceback(log_dir: Path) -> None:
    try:
        int("two\nlines")
    except ValueError:
        logger().exception('it "failed"')
    entry = json.loads(read(log_dir)["app.json.log"])
    traceback = entry.pop("traceback")
    assert traceback.startswith("Traceback (most recent call last):")
    assert traceback.endswith("invalid literal for int() with base 10: 'two\\nlines'")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry.pop("at"))
    assert entry == {"level": "ERROR", "logger": "workbench.somewhere", "sync_id": None, "message": 'it "failed"'}


@pytest.mark.parametrize(("text", "hidden"), [*SHAPES, (f"the value {SECRET}!", SECRET)])
def test_no_secret_is_written_down_in_a_message_an_argument_or_a_traceback(
    log_dir: Path, capsys: pytest.CaptureFixture[str], text: str, hidden: str
) -> None:
    logs.configure(log_dir, level="DEBUG", console=True)
    logger().warning(text)
    logger().warning("an argument: %s", text)
    logs.API.info(text)
    logs.WEB.warning(text)
    try:
        {}[text]
    except KeyError:
        logger().exception("it failed")
    written = {**read(log_dir), "console": capsys.readouterr().err}
    for name, content in written.items():
        assert "[hidden]" in re.sub(r"\s", "", content), name
        assert hidden not in re.sub(r"\s", "", content), name


FORGED = "2026-11-24T06:00:00Z INFO    [-] workbench.sync: all is well"


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_text_is_taken_for_a_record_of_its_own(
    log_dir: Path, capsys: pytest.CaptureFixture[str], separator: str
) -> None:
    logs.configure(log_dir, level="DEBUG", console=True)
    text = f"a name{separator}{FORGED}"
    logger().warning("a campaign: %s", text)
    logs.API.info(text)
    try:
        {}[text]
    except KeyError as error:
        logger().error(text, exc_info=ValueError(f"{error} {text}"))
    written = {**read(log_dir), "console": capsys.readouterr().err}
    assert {name: line for name, content in written.items() for line in content.splitlines() if line == FORGED} == {}
    assert len(written["app.json.log"].splitlines()) == 2
    assert len(written["api.log"].splitlines()) == 1 + (separator in ("\n", "\r\n"))


def test_nothing_in_a_log_steers_a_terminal(log_dir: Path) -> None:
    logger().warning("a name: \x1b[2J\x9b31m\x07\u202egpj.exe")
    for name, content in read(log_dir).items():
        assert [character for character in content if not character.isprintable() and character != "\n"] == [], name


def test_words_too_short_to_be_secrets_are_left_alone() -> None:
    logs.hide("ads")
    assert logs.redact("all ads of the account") == "all ads of the account"


@pytest.mark.parametrize(
    "text", ["LinkedIn answered 403", "adCampaigns 200", "https://localhost:8765/callback", "12:30"]
)
def test_what_is_no_secret_is_left_as_it_is(text: str) -> None:
    assert logs.redact(text) == text


def test_what_no_file_can_hold_is_still_logged(
    log_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger("workbench")
    ours = [handler for handler in root.handlers if isinstance(handler, RotatingFileHandler)]
    monkeypatch.setattr(root, "handlers", ours)  # what pytest keeps of it could not be handed from process to process
    logger().warning("a name: %s", "\ud800 🚲")
    assert capfd.readouterr().err == ""
    assert "a name: \\ud800 🚲" in read(log_dir)["app.log"]
    assert json.loads(read(log_dir)["app.json.log"])["message"] == "a name: \ud800 🚲"


def test_a_run_ends_where_its_block_ends(log_dir: Path) -> None:
    with logs.run("one"):
        with logs.run("two"):
            logger().info("inner")
        logger().info("outer")
    logger().info("after")
    found = re.findall(r"\[(.*?)\].*: (\w+)$", read(log_dir)["app.log"], re.MULTILINE)
    assert found == [("two", "inner"), ("one", "outer"), ("-", "after")]


def test_files_are_rotated_before_they_grow_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2_000)
    logs.configure(tmp_path, level="INFO", console=False)
    for number in range(300):
        logger().info("line %s", number)
    logs.configure(None, console=False)
    files = sorted(tmp_path.glob("app.log*"))
    assert [file.name for file in files] == ["app.log", *(f"app.log.{number}" for number in range(1, 6))]
    assert all(file.stat().st_size <= 2_000 for file in files)
    assert files[0].read_text().splitlines()[-1].endswith("line 299")


def test_configuring_again_replaces_the_handlers(log_dir: Path) -> None:
    logs.configure(log_dir, level="DEBUG", console=False)
    logger().info("once")
    assert len(read(log_dir)["app.log"].splitlines()) == 1


@pytest.mark.parametrize("obstacle", ["a file where the folder should be", "a folder where a file should be"])
def test_a_folder_that_cannot_be_written_costs_the_files_and_never_the_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], obstacle: str
) -> None:
    if obstacle.startswith("a file"):
        (tmp_path / "logs").touch()
    else:
        (tmp_path / "logs" / "api.log").mkdir(parents=True)
    logs.configure(tmp_path / "logs", level="INFO", console=True)
    logger().info("going on")
    logs.API.info("GET adCampaigns 200")
    logs.configure(None, console=False)
    said = capfd.readouterr().err
    assert "No log files are written" in said
    assert "Traceback" not in said


def test_a_device_that_a_log_is_linked_to_keeps_its_mode(tmp_path: Path) -> None:
    """Root would else close /dev/null to every other account of the machine."""
    ours, device = os.openpty()
    os.fchmod(device, 0o622)
    (tmp_path / "app.log").symlink_to(os.ttyname(device))
    logs.configure(tmp_path, level="INFO", console=False)
    logger().info("going on")
    logs.configure(None, console=False)

    assert (b"going on" in os.read(ours, 1_000), stat.S_IMODE(os.fstat(device).st_mode)) == (True, 0o622)
    os.close(ours)
    os.close(device)


@needs_dev_full
def test_a_disk_that_becomes_full_costs_records_and_no_traceback_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("app.log", "error.log", "app.json.log", "api.log"):
        (tmp_path / name).symlink_to("/dev/full")
    logs.configure(tmp_path, level="INFO", console=True)
    for _ in range(3):
        logger().info("going on")
        logs.API.info("GET adCampaigns 200")
    logs.configure(None, console=False)

    assert capfd.readouterr().err == ""


def test_libraries_stay_quiet_in_a_process_that_configures_no_logs() -> None:
    script = (
        "import stamina, workbench.linkedin.client, workbench.linkedin.auth.oauth\n"
        "for attempt in stamina.retry_context(on=ValueError, attempts=2, wait_initial=0, wait_jitter=0):\n"
        "    with attempt:\n"
        "        if attempt.num == 1:\n"
        "            raise ValueError\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_a_level_that_was_set_for_a_library_stays() -> None:
    logger = logging.getLogger("stamina")
    before = logger.level
    try:
        logger.setLevel(logging.DEBUG)
        logs._hush("stamina", logging.ERROR)
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)


# --- events -----------------------------------------------------------------------------------------------------------


def events(folder: Path) -> list[dict[str, object]]:
    """Every event of `app.json.log`, without what differs from run to run."""
    entries = [json.loads(line) for line in (folder / "app.json.log").read_text("utf-8").splitlines()]
    volatile = ("at", "logger", "seconds", "message")
    return [{name: entry[name] for name in entry if name not in volatile} for entry in entries if "event" in entry]


def test_an_event_has_a_record_when_it_starts_and_one_when_it_ends(log_dir: Path) -> None:
    with logs.event("load", snapshot="20261124T060000Z") as happening:
        happening.facts["inserted"] = 3

    start = {"level": "INFO", "sync_id": None, "snapshot": "20261124T060000Z"}
    assert events(log_dir) == [
        {**start, "event": "load started"},
        {**start, "event": "load ended", "outcome": "done", "inserted": 3},
    ]
    assert "load ended: outcome done, snapshot 20261124T060000Z, inserted 3, seconds" in read(log_dir)["app.log"]


def test_a_failed_event_says_what_why_and_next_in_every_file_without_a_secret(
    log_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(log_dir, level="INFO", console=True)
    failure = StorageError("It failed.", why=f"Because of {SECRET}.", next_step="Mend it.")
    with logs.event("sync", start=False) as happening:
        happening.facts |= {"sync_id": "20261124T060000Z", "outcome": "failed", "failure": failure}

    started, ended = events(log_dir)
    assert started == {"level": "INFO", "sync_id": None, "event": "sync started"}
    assert (ended["sync_id"], ended["outcome"], ended["level"]) == ("20261124T060000Z", "failed", "ERROR")
    assert ended["error"] == {
        "type": "StorageError", "what": "It failed.", "why": "Because of [hidden].", "next": "Mend it."
    }  # fmt: skip
    for name in ("app.log", "error.log"):
        line = read(log_dir)[name].splitlines()[-1]
        assert "[20261124T060000Z]" in line
        assert all(part in line for part in ("It failed.", "Because of [hidden].", "Mend it."))
    assert capsys.readouterr().err == ""  # the command says it, once


def test_an_interrupted_event_says_so(log_dir: Path) -> None:
    with pytest.raises(KeyboardInterrupt), logs.event("serve", host="127.0.0.1"):
        raise KeyboardInterrupt

    assert events(log_dir)[-1]["outcome"] == "interrupted"


def test_what_visitors_cause_to_be_logged_drives_out_nothing_else(log_dir: Path) -> None:
    logger().warning("of the sync")
    before = {name: text for name, text in read(log_dir).items() if name != "web.log"}

    logging.getLogger("workbench.web.security.middleware").error("refused GET '/admin'")

    written = read(log_dir)
    assert "refused GET" in written.pop("web.log")
    assert written == before


@pytest.mark.parametrize(("level", "lines"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_the_files_hold_what_the_level_asks_for(tmp_path: Path, level: str, lines: int) -> None:
    logs.configure(tmp_path, level=level, console=False)
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logger().log(number, "something")
    logs.configure(None, console=False)

    assert len(read(tmp_path)["app.log"].splitlines()) == lines
