"""`workbench schedule`: texts that systemd, launchd and cron understand; a log, and a message on failure."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.app import main
from workbench.cli.schedules import KINDS, Job, time_of

ODD = 'a "b" 50% $HOME \\ c'


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(["schedule", *words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def job(folder: Path, *words: str) -> Job:
    return Job("linkedin-ads-sync", ("sync",), ("/bin/echo", *words), folder, 6, 5)


@pytest.mark.parametrize("text", ["6", "24:00", "06:60", "06:15:00", "soon", ""])
def test_only_a_time_of_the_day_is_one(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(ValueError, match="HH:MM"):
        time_of(text)
    assert run(capsys, "--kind", "cron", "--at", text)[0] == 2
    assert time_of("6:05") == (6, 5)


def test_a_cron_line_runs_its_very_words_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "it's 100%"
    folder.mkdir()
    line = KINDS["cron"].text(job(folder, ODD))
    minute, hour, *_, command = line.split(maxsplit=5)

    # cron itself turns \% into % and hands the rest to sh
    ran = subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], capture_output=True, text=True, check=True)
    assert (hour, minute, ran.stdout) == ("6", "5", f"{ODD}\n")
    assert "%" not in command.replace("\\%", "")


def test_a_plist_holds_the_very_words(tmp_path: Path) -> None:
    facts = plistlib.loads(KINDS["launchd"].text(job(tmp_path, ODD)).encode())
    assert facts["ProgramArguments"] == ["/bin/echo", ODD]
    assert facts["StartCalendarInterval"] == {"Hour": 6, "Minute": 5}


@pytest.mark.parametrize("odd", ["a\n* * * * * b", "a\r", "a\x1b[2K"])
def test_a_line_break_is_in_no_schedule(capsys: pytest.CaptureFixture[str], tmp_path: Path, odd: str) -> None:
    for words, folder in (((odd,), tmp_path), ((), tmp_path / odd)):
        with pytest.raises(ValueError, match="no schedule can hold"):
            job(folder, *words)
    assert run(capsys, "--kind", "cron", "query", odd)[0] == 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_its_units(tmp_path: Path) -> None:
    for file, text in KINDS["systemd"].files(job(tmp_path, ODD)).items():
        (tmp_path / file.name).write_text(text)
        ran = subprocess.run(
            [str(shutil.which("systemd-analyze")), "verify", "--user", "--man=no", str(tmp_path / file.name)],
            capture_output=True,
            text=True,
            check=False,
            env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )
        assert file.name not in ran.stderr, ran.stderr


def test_installing_replaces_its_own_line_of_the_crontab_and_no_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = tmp_path / "table"
    table.write_text("0 1 * * * other\n")
    fake = tmp_path / "crontab"
    fake.write_text(f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}"; else cat > "{table}"; fi\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    for at in ("06:15", "07:45"):
        assert run(capsys, "--kind", "cron", "--at", at, "--install", "check")[0] == 0
    assert run(capsys, "--kind", "cron", "--install")[0] == 0
    lines = table.read_text().splitlines()
    assert lines[0] == "0 1 * * * other"
    assert [line.split()[:2] for line in lines[1:]] == [["45", "7"], ["15", "6"]]
    assert lines[2].endswith("sync --quiet  # linkedin-ads-sync")


def test_a_timer_that_cannot_be_turned_on_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "systemctl"
    fake.write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    umask = os.umask(0)
    try:
        code, _, said = run(capsys, "--kind", "systemd", "--install")
    finally:
        os.umask(umask)
    assert (code, "no bus" in said) == (78, True)
    written = tmp_path / "config" / "systemd" / "user" / "linkedin-ads-sync.timer"
    assert [path.stat().st_mode & 0o777 for path in (written, written.parent)] == [0o600, 0o700]


def test_what_does_not_end_or_has_a_secret_is_not_scheduled(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "json://anna:secret@127.0.0.1:1/"
    of_the_command = (["check", "--notify", secret], ["report", f"--notify={secret}"])
    for words in (["serve"], ["mcp"], ["nonsense"], ["--notify", secret, "check"], ["--kind", "at"], *of_the_command):
        assert run(capsys, "--kind", "cron", *words)[0] == 2
    said = run(capsys, "--kind", "cron", "check", "--notify", "@targets", "--format", "json")[1]
    assert f"check --notify @{Path('targets').absolute()} --format json" in said
    code, said, _ = run(capsys, "--kind", "cron", "--notify", "@targets", "check", "--format", "json")
    assert (code, f"@{Path('targets').absolute()} check --format json" in said) == (0, True)


def test_nothing_runs_without_its_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOG_DIR", str(tmp_path / "file"))
    code, _, said = run(capsys, "--run", "questions")
    assert (code, "nothing was run" in said, "Traceback" in said) == (70, True, False)


@pytest.mark.slow
def test_a_failure_is_logged_and_told_and_what_is_fine_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    with webhook() as (address, bodies):
        targets = tmp_path / "targets"
        targets.write_text(f"{address}\n")
        targets.chmod(0o600)
        failing = ("--notify", f"@{targets}", "--run", "query", "nonsense")
        code, _, said = run(capsys, *failing)
        assert (code, "There is no question" in said) == (2, True)
        assert run(capsys, *failing)[0] == 2
        (body,) = bodies
        assert "There is no question 'nonsense'" in body["message"]
        fine = ("--notify", f"@{targets}", "--run", "check", "--source", "sample", "--as-of", "2026-11-22")
        assert run(capsys, *fine)[0] == 1
        assert len(bodies) == 1
    log = tmp_path / "home" / "logs" / "schedule-check.log"
    assert "1 thing needs you" in log.read_text()
    assert oct(log.stat().st_mode)[-3:] == "600"


class webhook:  # noqa: N801  (used as a function)
    """A webhook on loopback, and what it was sent."""

    def __enter__(self) -> tuple[str, list[dict[str, Any]]]:
        bodies: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return f"json://127.0.0.1:{self.server.server_address[1]}/hook", bodies

    def __exit__(self, *raised: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
