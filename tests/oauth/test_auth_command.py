"""`workbench auth` says what happened on stdout, everything else on stderr, and exits as promised."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oauth_server import ACTIVE, CANARIES, CLIENT_SECRET, CODE, GRANTED, NEW_ACCESS, OAuthServer, a_token, store
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from workbench.cli.commands import auth
from workbench.errors import AuthenticationError, ConfigurationError, ValidationError
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings


@pytest.fixture(autouse=True)
def environment(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds in the environment what the tests have as `settings`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch()
    monkeypatch.setenv("WORKBENCH_HOME", str(settings.home))
    monkeypatch.setenv("LINKEDIN_CLIENT_ID", "client-1")
    monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("LINKEDIN_OAUTH_URL", settings.LINKEDIN_OAUTH_URL)


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(auth.app, words, input=stdin)


def signed_in(settings: Settings, **changes: object) -> TokenFile:
    now = datetime.now(UTC)
    ends = {"expires_at": now + timedelta(days=60), "refresh_token_expires_at": now + timedelta(days=365)}
    return asyncio.run(store(settings, a_token(issued_at=now, consented_at=now, **(ends | changes))))


def test_status_tells_the_days_left_on_both_tokens(settings: Settings, server: OAuthServer) -> None:
    signed_in(settings)
    server.introspection((200, ACTIVE))

    said = run("status")

    lines = [line.split(", until")[0] for line in said.stdout.splitlines()]
    assert (said.exit_code, said.stderr, lines) == (
        0,
        "",
        [
            "Signed in to LinkedIn.",
            "Access token   59 days left",
            "Refresh token  364 days left",
            "Scopes         r_ads, r_ads_reporting",
            "LinkedIn says  active",
        ],
    )


def test_status_as_json_is_one_object_and_warnings_go_elsewhere(settings: Settings, server: OAuthServer) -> None:
    signed_in(settings, refresh_token_expires_at=datetime.now(UTC) + timedelta(days=20, hours=1))
    server.introspection((200, ACTIVE))

    said = run("status", "--json")

    facts = json.loads(said.stdout)
    assert (said.exit_code, facts["signed_in"], facts["refresh_token"]["days_left"], facts["error"]) == (
        0,
        True,
        20,
        None,
    )
    assert said.stderr == f"Warning: {facts['warnings'][0]}\n"
    assert "in 20 days" in said.stderr


def test_status_when_not_signed_in_exits_77(settings: Settings) -> None:
    said = run("status", "--json")

    assert (said.exit_code, json.loads(said.stdout)) == (
        77,
        {
            "signed_in": False,
            "error": {
                "type": "AuthenticationError",
                "what": "Not signed in to LinkedIn.",
                "why": f"There is no {settings.token_file}.",
                "next": "Run `workbench auth login`.",
            },
        },
    )
    assert isinstance(run("status").exception, AuthenticationError)


def test_status_of_a_token_made_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", NEW_ACCESS)
    monkeypatch.delenv("LINKEDIN_CLIENT_ID")

    said = run("status")

    assert (said.exit_code, said.stdout.splitlines()) == (
        0,
        [
            "LINKEDIN_ACCESS_TOKEN is used; it is never stored or renewed.",
            "LinkedIn says  not asked, or no answer",
        ],
    )


def test_logout_twice_is_logout_once_and_says_where_to_revoke(settings: Settings) -> None:
    file = signed_in(settings)

    first, second = run("logout"), run("logout")

    assert (first.exit_code, second.exit_code, file.read()) == (0, 0, None)
    assert first.stdout.startswith("Signed out")
    assert second.stdout.startswith("No tokens on this machine.")
    assert "Permitted services" in first.stdout
    assert "no way for a program to revoke" in first.stdout


def test_login_without_an_app_names_both_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINKEDIN_CLIENT_ID")

    for way in ([], ["--no-browser"], ["--paste"]):
        error = run("login", *way).exception
        assert isinstance(error, ConfigurationError)
        assert error.why == "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET must both be set."


def test_login_takes_the_pasted_address_and_shows_no_secret(
    settings: Settings, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.linkedin.auth.login.secrets.token_urlsafe", lambda _: "known-state")
    server.tokens((200, GRANTED))

    said = run("login", "--paste", stdin=f"http://localhost:8765/callback?code={CODE}&state=known-state\n")

    token = TokenFile(settings.token_file).read()
    assert (said.exit_code, token and token.access_token) == (0, SecretStr(NEW_ACCESS))
    assert "/oauth/v2/authorization?" in said.stderr
    assert said.stdout.startswith("Signed in to LinkedIn.\nScopes: r_ads, r_ads_reporting.\n")
    log = (settings.log_dir / "app.json.log").read_text("utf-8")
    assert [canary for canary in CANARIES if canary in said.output + log] == []
    entries = [json.loads(line) for line in log.splitlines()]
    assert [(entry["event"], entry.get("outcome")) for entry in entries if "event" in entry] == [
        ("sign-in started", None),
        ("sign-in ended", "done"),
    ]


def test_login_opens_the_browser_and_waits_for_its_answer(
    settings: Settings, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def consent(url: str) -> None:
        asked = parse_qs(urlsplit(url).query)
        params = {"code": CODE, "state": asked["state"][0]}
        httpx.get(asked["redirect_uri"][0], params=params, trust_env=False)

    monkeypatch.setenv("LINKEDIN_REDIRECT_URI", f"http://localhost:{_free_port()}/callback")
    monkeypatch.setattr("workbench.cli.signing_in.open_privately", consent)
    server.tokens((200, GRANTED))

    said = run("login")

    token = TokenFile(settings.token_file).read()
    assert (said.exit_code, token and token.access_token) == (0, SecretStr(NEW_ACCESS))
    assert [canary for canary in CANARIES if canary in said.output] == []


def test_login_with_nothing_pasted_says_so() -> None:
    assert isinstance(run("login", "--paste").exception, ValidationError)


def test_login_is_told_one_way_only() -> None:
    assert run("login", "--paste", "--no-browser").exit_code == 2


def test_ctrl_c_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    program = "from workbench.cli.commands.auth import app; app()"
    command = [sys.executable, "-W", "error", "-c", program, "login", "--no-browser"]
    environment = os.environ | {"LINKEDIN_REDIRECT_URI": f"http://127.0.0.1:{_free_port()}/"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as login:
        assert login.stderr is not None
        address = next(line for line in login.stderr if "/oauth/v2/authorization?" in line)
        login.send_signal(signal.SIGINT)
        rest = login.stderr.read()

    assert parse_qs(urlsplit(address).query)["response_type"] == ["code"]
    assert (login.returncode, rest.strip().splitlines()[-1]) == (130, "Interrupted; nothing was stored.")
    assert "Traceback" not in rest
    assert not settings.token_file.exists()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
