"""`workbench init`: asks, writes `.env` for this account alone, checks it, signs in and fetches; never hangs."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL
from terminal import Terminal, terminal

from workbench.cli.app import main
from workbench.cli.setup_questions import ask_redirect
from workbench.cli.setup_values import Known
from workbench.sandbox import Sandbox
from workbench.settings.fields import Settings, read_settings


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(any_loopback_redirect=True, auto_approve=True) as running:
        yield running


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """What a new user's shell has, and that LinkedIn is the sandbox."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TERM": "dumb",
        "BROWSER": "true",
        "WORKBENCH_HOME": str(tmp_path / "home"),
        "SNAPSHOT_DIR": str(tmp_path / "snapshots"),
        "LINKEDIN_API_URL": sandbox.url,
        "LINKEDIN_OAUTH_URL": sandbox.url,
        "LINKEDIN_REQUESTS_PER_SECOND": "1000",
    }


@pytest.fixture
def quiet(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a command in this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def redirect() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://localhost:{probe.getsockname()[1]}/callback"


def consented(page: Terminal) -> str:
    """Where LinkedIn sends the browser of a user who opened the address that was printed."""
    page.wait_for("Open this address and allow access:\n\n")
    url = page.wait_for("\n").strip()
    return httpx.get(url, trust_env=False).headers["location"]


def child(environment: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command without a terminal, in a process of its own."""
    command = [sys.executable, "-m", "workbench", *words]
    return subprocess.run(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["init", *words])
    return int(ended.value.code or 0), capsys.readouterr().err


def test_the_questions_end_in_a_sign_in_and_the_file_is_private(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    file, address = tmp_path / ".env", redirect()
    file.write_text("# mine\nSYNC_DAYS=7\n\nLINKEDIN_CLIENT_ID=old # of the old app\n")
    with terminal("init", environment=environment, folder=tmp_path) as page:
        page.answer("Number [1]", "")
        page.answer("Client id [old]", sandbox.client_id)
        page.answer("Client secret (not shown as you type)", sandbox.client_secret)
        page.answer("[http://localhost:8765/callback]", "localhost", address)
        page.answer("[r_ads r_ads_reporting]", "")
        page.answer("Where are the figures kept?", "")
        page.answer("Accounts [all]", "urn:li:sponsoredAccount:512345678")
        page.answer("[Y/n]", "")
        page.answer("Sign in to LinkedIn now?", "2")
        page.wait_for("Paste that whole address here:")
        page.answer("", "http://localhost/wrong")
        page.answer("Paste the whole address from", f"{address}?code=1&state=2")
        page.wait_for("belongs to another sign-in")
        location = consented(page)
        page.answer("Paste that whole address here:", location)
        page.answer("Fetch your figures now?", "n")
        page.wait_for("Next: `workbench sync`")
        code = page.end()

    assert (code, mode(file)) == (0, 0o600)
    assert file.read_text() == (
        f"# mine\nSYNC_DAYS=7\n\nLINKEDIN_CLIENT_ID={sandbox.client_id} # of the old app\n"
        f"LINKEDIN_CLIENT_SECRET={sandbox.client_secret}\nLINKEDIN_REDIRECT_URI={address}\n"
        "LINKEDIN_ACCOUNT_IDS=urn:li:sponsoredAccount:512345678\n"
    )
    assert sandbox.client_secret not in page.shown
    assert (tmp_path / "home/token.json").exists()
    assert "LinkedIn begins a sign-in with this app." in page.shown


@pytest.mark.slow
def test_the_questions_may_end_in_the_first_sync(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path, database_url: URL
) -> None:
    url = database_url.render_as_string(hide_password=False)
    with terminal("init", "--sync", environment=environment, folder=tmp_path) as page:
        page.answer("Number [1]", "2")
        page.answer("Access token (not shown as you type)", sandbox.issue_token())
        page.answer("Where are the figures kept?", "3")
        page.answer("DATABASE (not shown as you type)", url)
        page.answer("Accounts [all]", "")
        page.answer("[Y/n]", "y")
        page.wait_for("answers (PostgreSQL")
        code = page.end()

    assert code == 0, page.shown
    assert mode(tmp_path / ".env") == 0o600


def test_an_interrupted_interview_writes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    with terminal("init", environment=environment, folder=tmp_path) as page:
        page.answer("Number [1]", "")
        page.wait_for("Client id")
        page.press("\x03")
        code = page.end()

    assert (code, (tmp_path / ".env").read_text(), "Traceback" in page.shown) == (130, "", False)


def test_without_a_terminal_nothing_is_asked(environment: dict[str, str], tmp_path: Path) -> None:
    said = child(environment, tmp_path, "init")

    assert (said.returncode, said.stdout) == (78, "")
    assert "Standard input is not a terminal." in said.stderr
    assert "add --yes" in said.stderr


@pytest.mark.usefixtures("quiet")
def test_a_file_that_needs_no_change_is_closed_to_others(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LINKEDIN_CLIENT_ID=abc123\nLINKEDIN_CLIENT_SECRET=it-is-secret\n")
    file.chmod(0o644)

    _, said = run(capsys, "--yes", "--client-id", "abc123", "--no-sync")

    assert ("already says all of this." in said, mode(file)) == (True, 0o600)


@pytest.mark.usefixtures("quiet")
def test_yes_takes_options_and_environment_and_says_the_next_step(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", sandbox.client_secret)

    code, said = run(capsys, "--yes", "--client-id", sandbox.client_id, "--account", "5", "--account", "6")

    monkeypatch.delenv("LINKEDIN_CLIENT_SECRET")
    settings = read_settings(Settings)
    assert (code, mode(tmp_path / ".env")) == (0, 0o600)
    assert (sandbox.client_id, (5, 6)) == (settings.LINKEDIN_CLIENT_ID, settings.LINKEDIN_ACCOUNT_IDS)
    assert "Next: `workbench auth login`" in said
    assert sandbox.client_secret not in said
    before = (tmp_path / ".env").read_text()
    assert run(capsys, "--yes")[0] == 0  # again: nothing changes
    assert (tmp_path / ".env").read_text() == before


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("environment_of_user", "words", "code", "expected"),
    [
        ({}, [], 78, "neither a LinkedIn app (client id and secret) nor an access token"),
        (
            {"LINKEDIN_ACCESS_TOKEN": "t", "POSTGRES_PORT": "x"},
            [],
            78,
            "POSTGRES_PORT: Input should be a valid",
        ),
        ({"LINKEDIN_ACCESS_TOKEN": "t", "DATABASE_URL": "mysql://x"}, [], 78, "not the URL of a PostgreSQL"),
        ({"LINKEDIN_ACCESS_TOKEN": "t"}, ["--account", "mine"], 2, "numbers of ad accounts"),
        ({"LINKEDIN_ACCESS_TOKEN": "t"}, ["--redirect-uri", "localhost"], 2, "an absolute http"),
    ],
    ids=["nothing", "port", "database", "account", "redirect"],
)
def test_yes_with_values_that_cannot_be_used_writes_nothing(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environment_of_user: dict[str, str],
    words: list[str],
    code: int,
    expected: str,
) -> None:
    for name, value in environment_of_user.items():
        monkeypatch.setenv(name, value)

    ended, said = run(capsys, "--yes", *words)

    assert (ended, (tmp_path / ".env").read_text()) == (code, "")
    assert expected in " ".join(said.split())


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"LINKEDIN_CLIENT_ID": "another"}, "LinkedIn does not know the client id"),
        (
            {"LINKEDIN_REDIRECT_URI": "https://example.com/x"},
            "https://example.com/x is not listed on the app",
        ),
        ({"LINKEDIN_SCOPES": "r_ads w_all"}, "The app may not ask for all of these scopes"),
    ],
    ids=["client id", "redirect address", "scopes"],
)
def test_what_linkedin_refuses_is_told_before_a_person_signs_in(
    sandbox: Sandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    expected: str,
) -> None:
    app = {"LINKEDIN_CLIENT_ID": sandbox.client_id, "LINKEDIN_CLIENT_SECRET": sandbox.client_secret}
    for name, value in (app | changes).items():
        monkeypatch.setenv(name, value)

    code, said = run(capsys, "--yes")

    assert (code, expected in said) == (78, True)


@pytest.mark.usefixtures("quiet")
def test_a_linkedin_out_of_reach_does_not_stop_the_setting_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LINKEDIN_OAUTH_URL": "http://127.0.0.1:1", "LINKEDIN_CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(name, value)

    code, said = run(capsys, "--yes", "--client-id", "c")

    assert (code, "LinkedIn cannot be asked at the moment." in said) == (0, True)


@pytest.mark.usefixtures("quiet")
def test_another_programs_file_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DJANGO_KEY=x\n")

    code, said = run(capsys, "--yes")

    assert (code, (tmp_path / ".env").read_text()) == (78, "DJANGO_KEY=x\n")
    assert "settings of another program" in said


@pytest.mark.usefixtures("quiet")
def test_a_database_that_does_not_answer_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LINKEDIN_ACCESS_TOKEN": "t", "DATABASE_URL": "postgresql://127.0.0.1:1/ads"}.items():
        monkeypatch.setenv(name, value)

    code, said = run(capsys, "--yes")

    assert (code, "cannot be used" in said, "`workbench init` again" in said) == (70, True, True)


@pytest.mark.usefixtures("quiet")
def test_a_port_in_use_is_told_without_questions_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", "s")
    monkeypatch.setenv("LINKEDIN_OAUTH_URL", "http://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        code, said = run(capsys, "--yes", "--client-id", "c", "--redirect-uri", f"http://127.0.0.1:{port}/callback")

    assert (code, f"Another program uses port {port}." in said) == (0, True)


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        busy = f"http://127.0.0.1:{used.getsockname()[1]}/callback"
        typed = "\n".join([busy, "n", "http://127.0.0.1:0/", redirect(), ""])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        answer = ask_redirect(Known(Path(".env")))

    assert answer.startswith("http://localhost:")
    assert "Another program uses port" in capsys.readouterr().err
