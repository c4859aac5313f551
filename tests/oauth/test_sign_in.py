"""A person consents, LinkedIn sends the browser back, the token is stored; anything else changes nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as thoroughly
from hypothesis import strategies as st
from oauth_server import CANARIES, CODE, GRANTED, NEW_ACCESS, NEW_REFRESH, NOW, OAuthServer, a_token
from pydantic import SecretStr

from workbench.errors import AuthenticationError, ConfigurationError, StorageError, ValidationError, WorkbenchError
from workbench.linkedin.auth.login import begin, finish, login
from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings

pytestmark = pytest.mark.anyio

SIGNED_IN = a_token(
    access_token=SecretStr(NEW_ACCESS), refresh_token=SecretStr(NEW_REFRESH), issued_at=NOW, consented_at=NOW
)


def clock() -> datetime:
    return NOW


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def here(make_settings: Callable[..., Settings]) -> Settings:
    """Settings whose redirect URI is free to be listened on."""
    return make_settings(LINKEDIN_REDIRECT_URI=f"http://localhost:{free_port()}/callback")


class Browser:
    """Visits what `visits` make of the consent page's redirect URI and state, one after the other."""

    def __init__(self, *visits: Callable[[str, str], str]) -> None:
        self._visits = visits
        self._answers: list[tuple[int, str]] = []
        self._closed = threading.Event()

    def __call__(self, url: str) -> None:
        asked = parse_qs(urlsplit(url).query)
        for visit in self._visits:
            answer = httpx.get(visit(asked["redirect_uri"][0], asked["state"][0]), timeout=60, trust_env=False)
            self._answers.append((answer.status_code, answer.text))
        self._closed.set()

    @property
    def answers(self) -> list[tuple[int, str]]:
        assert self._closed.wait(60)
        return self._answers


def consenting(uri: str, state: str) -> str:
    return f"{uri}?{urlencode({'code': CODE, 'state': state})}"


def saying(error: str) -> Callable[[str, str], str]:
    return lambda uri, state: f"{uri}?{urlencode({'error': error, 'error_description': 'prose', 'state': state})}"


def ignore(_: str) -> None:
    pass


async def sign_in(settings: Settings, browser: Callable[[str], object], **more: Any) -> Token:
    return await login(settings, open_url=browser, announce=ignore, timeout=60, clock=clock, **more)


async def test_consent_in_a_browser_stores_a_token(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))
    browser = Browser(consenting)

    assert (await sign_in(here, browser), TokenFile(here.token_file).read()) == (SIGNED_IN, SIGNED_IN)
    [(status, page)] = browser.answers
    assert (status, "You can close this tab" in page) == (200, True)
    assert [form["code"] for _, form in server.asked] == [CODE]


async def test_the_address_is_announced_for_users_without_a_browser(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))
    announced: list[str] = []
    opened: list[str] = []

    def open_url(url: str) -> None:
        opened.append(url)
        Browser(consenting)(url)

    await login(here, open_url=open_url, announce=announced.append, clock=clock)

    assert opened[0] in "\n".join(announced)
    assert opened[0].startswith(f"{server.origin}/oauth/v2/authorization?")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_a_redirect_by_address_is_received_too(
    make_settings: Callable[..., Settings], server: OAuthServer, host: str
) -> None:
    if host == "[::1]" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    server.tokens((200, GRANTED))
    settings = make_settings(LINKEDIN_REDIRECT_URI=f"http://{host}:{free_port()}/")

    assert await sign_in(settings, Browser(consenting)) == SIGNED_IN


async def test_anything_else_is_not_found_and_the_wait_goes_on(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))
    browser = Browser(
        lambda uri, state: uri.replace("/callback", "/"),
        lambda uri, state: uri.replace("/callback", "/favicon.ico"),
        lambda uri, state: uri.replace("/callback", "/callback/") + f"?code=x&state={state}",
        lambda uri, state: uri,
        lambda uri, state: f"{uri}?code=forged",
        lambda uri, state: f"{uri}?code=forged&state=guessed",
        lambda uri, state: f"{uri}?code=forged&state={state}&state=guessed",
        lambda uri, state: f"{uri}?code=forged&state=%FF{state[1:]}",
        consenting,
    )

    await sign_in(here, browser)

    assert [status for status, _ in browser.answers] == [404] * 8 + [200]
    assert [form["code"] for _, form in server.asked] == [CODE]


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"POST /callback HTTP/1.1\r\n\r\n",
        b"GET http://localhost/callback HTTP/1.1\r\n\r\n",
        b"GET /callback?\xff HTTP/1.1\r\n\r\n",
        b"x" * 200_000,
    ],
)
async def test_what_no_browser_sends_is_ignored(here: Settings, server: OAuthServer, noise: bytes) -> None:
    server.tokens((200, GRANTED))
    address = ("127.0.0.1", urlsplit(here.LINKEDIN_REDIRECT_URI).port)

    def browser(url: str) -> None:
        with socket.create_connection(address, timeout=60) as idle, socket.create_connection(address, timeout=60) as s:
            _send(s, noise)
            Browser(consenting)(url)
            idle.close()

    assert await sign_in(here, browser) == SIGNED_IN


async def test_a_connection_that_a_browser_keeps_for_later_delays_nothing(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))
    address = ("127.0.0.1", urlsplit(here.LINKEDIN_REDIRECT_URI).port)
    kept: list[socket.socket] = []

    def browser(url: str) -> None:
        kept.append(socket.create_connection(address, timeout=60))
        Browser(consenting)(url)

    async with asyncio.timeout(60):
        assert await sign_in(here, browser) == SIGNED_IN
    with kept[0] as connection:
        assert connection.recv(1) == b""  # hung up on


async def test_the_port_is_free_again_afterwards(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))

    assert [await sign_in(here, Browser(consenting)) for _ in range(2)] == [SIGNED_IN] * 2


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ("user_cancelled_login", AuthenticationError, "No user logged in"),
        ("user_cancelled_authorize", AuthenticationError, "declined"),
        ("unauthorized_scope_error", ConfigurationError, "Advertising API"),
        ("something_new", AuthenticationError, "LinkedIn answered: something_new"),
        ("<b>", AuthenticationError, "no code and no known error"),
    ],
)
async def test_a_no_is_explained_in_plain_words(
    here: Settings, server: OAuthServer, error: str, kind: type[WorkbenchError], words: str
) -> None:
    browser = Browser(saying(error))

    with pytest.raises(kind, match=words):
        await sign_in(here, browser)

    status, page = browser.answers[0][:2]
    assert (status, "Not signed in" in page, "Return to the terminal or the start page" in page) == (200, True, True)
    assert server.asked == []


async def test_no_answer_ends_the_wait_and_says_what_may_be_wrong(here: Settings) -> None:
    with pytest.raises(AuthenticationError, match=r"list http://localhost:\d+/callback exactly so"):
        await login(here, open_url=ignore, announce=ignore, timeout=0.05)


async def test_a_taken_port_is_named(here: Settings) -> None:
    port = urlsplit(here.LINKEDIN_REDIRECT_URI).port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ConfigurationError, match=f"uses port {port}"):
        await sign_in(here, ignore)


@pytest.mark.parametrize(
    "uri", ["https://localhost:8765/callback", "http://ads.example.com/callback", "http://192.168.0.1:8765/callback"]
)
async def test_a_redirect_elsewhere_can_only_be_pasted(make_settings: Callable[..., Settings], uri: str) -> None:
    with pytest.raises(ConfigurationError, match="--paste"):
        await sign_in(make_settings(LINKEDIN_REDIRECT_URI=uri), ignore)


async def test_a_place_that_cannot_be_written_is_found_before_anybody_consents(
    make_settings: Callable[..., Settings],
) -> None:
    opened: list[str] = []

    with pytest.raises(StorageError):
        await sign_in(make_settings(LINKEDIN_TOKEN_FILE="/dev/null/token.json"), opened.append)

    assert opened == []


async def test_an_error_of_the_browser_reaches_the_waiting_caller(here: Settings) -> None:
    def broken(_: str) -> None:
        raise LookupError("no browser")

    with pytest.raises(LookupError, match="no browser"):
        await sign_in(here, broken)


async def test_a_cancelled_sign_in_frees_the_port(here: Settings) -> None:
    opened = asyncio.Event()
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(sign_in(here, lambda _: loop.call_soon_threadsafe(opened.set)))
    await opened.wait()
    assert _listens(here)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert not _listens(here)


@pytest.mark.parametrize("form", ["{}", "  {}\n", "<{}>", "'{}'"])
async def test_the_pasted_address_signs_in_once(settings: Settings, server: OAuthServer, form: str) -> None:
    server.tokens((200, GRANTED))
    consent = begin(settings, clock=clock)
    pasted = form.format(consenting(settings.LINKEDIN_REDIRECT_URI, _state(consent.url)))

    assert await finish(settings, consent, pasted, clock=clock) == SIGNED_IN
    with pytest.raises(AuthenticationError, match="another sign-in"):
        await finish(settings, consent, pasted, clock=clock)
    assert len(server.asked) == 1


async def test_an_address_is_good_for_ten_minutes(settings: Settings, server: OAuthServer) -> None:
    consent = begin(settings, clock=clock)
    pasted = consenting(settings.LINKEDIN_REDIRECT_URI, _state(consent.url))

    with pytest.raises(AuthenticationError, match="longer than ten minutes"):
        await finish(settings, consent, pasted, clock=lambda: NOW + timedelta(minutes=10, seconds=1))
    assert server.asked == []


@pytest.mark.parametrize("pasted", ["", "hello", "http://[", "https://www.linkedin.com/oauth/v2/authorization?state=x"])
async def test_another_address_is_not_taken(settings: Settings, server: OAuthServer, pasted: str) -> None:
    with pytest.raises(ValidationError, match="not the address"):
        await finish(settings, begin(settings), pasted)
    assert server.asked == []


@thoroughly(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text() | st.from_regex(r"\A(state|code|error)=[^&]{0,9}(&(state|code|error)=[^&]{0,9}){0,4}\Z"))
def test_no_query_but_ours_is_answered_or_redeemed(settings: Settings, query: str) -> None:
    consent = begin(settings)

    assert consent.reply(query) is None
    with pytest.raises(AuthenticationError, match="another sign-in"):
        consent.redeem(query, now=NOW)


async def test_every_state_is_another(settings: Settings) -> None:
    states = {_state(begin(settings).url) for _ in range(50)}

    assert (len(states), min(map(len, states)) >= 43) == (50, True)


async def test_a_failed_exchange_keeps_the_old_token_and_tells_no_secret(here: Settings, server: OAuthServer) -> None:
    server.tokens((200, GRANTED), (400, {"error": "invalid_request", "error_description": CODE}))
    await sign_in(here, Browser(consenting))

    with pytest.raises(AuthenticationError) as caught:
        await sign_in(here, Browser(consenting))

    assert TokenFile(here.token_file).read() == SIGNED_IN
    assert [canary for canary in CANARIES if canary in f"{caught.value} {caught.value.as_dict()}"] == []


def _state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def _listens(settings: Settings) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(settings.LINKEDIN_REDIRECT_URI).port)) == 0


def _send(connection: socket.socket, noise: bytes) -> None:
    with suppress(OSError):  # hung up on, as it should be
        connection.sendall(noise)


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
