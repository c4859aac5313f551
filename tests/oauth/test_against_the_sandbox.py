"""The whole life of a sign-in against a LinkedIn that keeps its own books: consent, use, renewal, withdrawal."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from marks import slow_except

from workbench.errors import AuthenticationError, ConfigurationError, TokenExpiredError
from workbench.linkedin.auth.login import login
from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.linkedin.auth.token_provider import TokenSource
from workbench.paths import PACKAGE
from workbench.sandbox import Sandbox
from workbench.settings.fields import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(any_loopback_redirect=True, auto_approve=True) as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return Settings(
        WORKBENCH_HOME=tmp_path / "home",
        LINKEDIN_CLIENT_ID=sandbox.client_id,
        LINKEDIN_CLIENT_SECRET=sandbox.client_secret,  # type: ignore[arg-type]  # pydantic makes it a SecretStr
        LINKEDIN_OAUTH_URL=sandbox.url,
        LINKEDIN_API_URL=sandbox.url,
        LINKEDIN_REDIRECT_URI=f"http://localhost:{port}/callback",
    )


def browse(decision: str | None = None) -> Callable[[str], None]:
    """A browser that follows redirects, and a member who decides at once."""

    def open_url(url: str) -> None:
        address = url if decision is None else f"{url}&sandbox_decision={decision}"
        httpx.get(address, follow_redirects=True, trust_env=False)

    return open_url


async def sign_in(settings: Settings, decision: str | None = None) -> Token:
    return await login(settings, open_url=browse(decision), announce=lambda _: None, timeout=120)


async def test_a_signed_in_member_is_known_to_linkedin(settings: Settings) -> None:
    token = await sign_in(settings)

    sign_in_now = await TokenSource(settings).check()

    assert sign_in_now.introspection is not None
    assert (sign_in_now.introspection.active, sign_in_now.introspection.scopes) == (True, ("r_ads", "r_ads_reporting"))
    assert (token.scopes, token.client_id) == (("r_ads", "r_ads_reporting"), settings.LINKEDIN_CLIENT_ID)
    assert (sign_in_now.access_token_days, sign_in_now.refresh_token_days) == (59, 364)
    assert sign_in_now.doubts == ()


async def test_a_renewed_token_is_another_and_the_year_goes_on(settings: Settings, sandbox: Sandbox) -> None:
    first = await sign_in(settings)
    sandbox.advance(59)
    later = first.issued_at + timedelta(days=59, hours=23, minutes=56)

    renewed = await TokenSource(settings, clock=lambda: later).token()

    stored = TokenFile(settings.token_file).read()
    assert stored is not None
    assert first.refresh_token_expires_at is not None
    assert stored.refresh_token_expires_at is not None
    assert (renewed != first.access_token, stored.access_token) == (True, renewed)
    assert (stored.consented_at, stored.refresh_token) == (first.consented_at, first.refresh_token)
    drift = stored.refresh_token_expires_at - first.refresh_token_expires_at
    assert abs(drift) < timedelta(days=1)


async def test_an_app_without_refresh_tokens_works_until_the_token_ends(settings: Settings, sandbox: Sandbox) -> None:
    sandbox.oauth.refresh_tokens = False
    token = await sign_in(settings)

    assert await TokenSource(settings).token() == token.access_token
    with pytest.raises(TokenExpiredError, match="no refresh token"):
        await TokenSource(settings).renew(token.access_token)


async def test_a_withdrawn_consent_needs_another(settings: Settings, sandbox: Sandbox) -> None:
    token = await sign_in(settings)
    sandbox.oauth.revoke_all()
    later = token.issued_at + timedelta(hours=1)

    with pytest.raises(TokenExpiredError, match="auth login"):
        await TokenSource(settings, clock=lambda: later).check()

    await sign_in(settings)
    assert (await TokenSource(settings).check()).doubts == ()


@pytest.mark.parametrize(("decision", "words"), [("cancel", "declined"), ("cancel_login", "No user logged in")])
async def test_a_member_may_say_no(settings: Settings, decision: str, words: str) -> None:
    with pytest.raises(AuthenticationError, match=words):
        await sign_in(settings, decision)

    assert not settings.token_file.exists()


async def test_a_scope_the_app_lacks_names_the_product(settings: Settings, sandbox: Sandbox) -> None:
    sandbox.oauth.enabled_scopes = frozenset({"r_ads"})

    with pytest.raises(ConfigurationError, match="Advertising API"):
        await sign_in(settings)


async def test_a_wrong_client_secret_is_found_at_sign_in(settings: Settings, sandbox: Sandbox) -> None:
    sandbox.oauth.client_secret = "another secret"

    with pytest.raises(ConfigurationError, match="LINKEDIN_CLIENT_SECRET"):
        await sign_in(settings)


RENEW = """
import asyncio, sys
from workbench.settings.fields import Settings, read_settings
from workbench.linkedin.auth.token_provider import TokenSource
print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(TokenSource(read_settings(Settings)).token()).get_secret_value())
"""


@pytest.mark.parametrize("number", slow_except(4, of=[4, 16]))
def test_processes_that_renew_at_once_ask_linkedin_once(
    settings: Settings, sandbox: Sandbox, tmp_path: Path, number: int
) -> None:
    asyncio.run(_nearly_expired(settings))
    sandbox.requests.clear()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PACKAGE.parent),
        "WORKBENCH_HOME": str(settings.home),
        "LINKEDIN_CLIENT_ID": sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": sandbox.client_secret,
        "LINKEDIN_OAUTH_URL": sandbox.url,
    }
    (tmp_path / ".env").touch()  # no other is looked for
    processes = [_start(environment, tmp_path) for _ in range(number)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=300) for process in processes]

    stored = TokenFile(settings.token_file).read()
    assert stored is not None
    assert said == [(f"{stored.access_token.get_secret_value()}\n", "")] * number
    assert sandbox.requests.count() == 1


def _start(environment: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", RENEW],
        env=environment,
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def _nearly_expired(settings: Settings) -> None:
    token = await sign_in(settings)
    now = datetime.now(UTC)
    file = TokenFile(settings.token_file)
    async with file.locked():
        file.write(
            token.model_copy(update={"issued_at": now - timedelta(days=60), "expires_at": now + timedelta(minutes=1)})
        )
