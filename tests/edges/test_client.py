"""The client against everything a wire and a vendor can do; real sockets where the wire itself is at fault."""

from __future__ import annotations

import asyncio
import gzip
import logging
import shutil
import ssl
import subprocess
import threading
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from workbench import logs
from workbench.errors import (
    AuthenticationError,
    ConfigurationError,
    DataFetchError,
    LinkedInAPIError,
    RateLimitError,
    WorkbenchError,
)
from workbench.linkedin import client as client_module
from workbench.linkedin import cursor_paging, endpoints
from workbench.linkedin.client import ATTEMPTS, FEW_ATTEMPTS, Calls, Client
from workbench.linkedin.error_mapping import Again, Subject, refused
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.linkedin.restli import Plain, refusal
from workbench.linkedin.validation import Page, split
from workbench.pipeline.fetch.batches import Batches, Known

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
LINKEDIN = "https://api.linkedin.com"
TOKEN = "AQVtoken-that-nobody-may-see"
EMPTY = {"elements": []}
DAY = {"message": "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.", "status": 429}
MILLIONS = {"message": "More than 45 million metric values were requested in a 5-minute window.", "status": 429}


class Tokens:
    """A token, and another one after it is renewed."""

    def __init__(self, *, recent: bool = False) -> None:
        self.current = TOKEN
        self.recent = recent
        self.renewed: list[str] = []

    async def token(self) -> SecretStr:
        return SecretStr(self.current)

    async def renew(self, rejected: SecretStr) -> SecretStr:
        self.renewed.append(rejected.get_secret_value())
        self.current = f"{TOKEN}-{len(self.renewed)}"
        return SecretStr(self.current)

    def issued_recently(self, now: datetime) -> bool:
        return self.recent


@asynccontextmanager
async def asking(
    origin: str = LINKEDIN,
    *,
    tokens: Tokens | None = None,
    quotas: Quotas | None = None,
    on_wait: Callable[[str, datetime], None] = lambda why, until: None,
) -> AsyncIterator[Client]:
    async with Client(
        origin=origin,
        version="202607",
        tokens=tokens or Tokens(),
        limiter=Limiter(concurrency=4, per_second=10_000),
        quotas=quotas or Quotas(None, clock=lambda: NOW),
        clock=lambda: NOW,
        on_wait=on_wait,
    ) as client:
        yield client


async def ask(client: Client, endpoint: str = "adCampaigns", **parameters: Any) -> Page:
    return await client.get(endpoint, f"/rest/{endpoint}", {"q": "search", **parameters}, what="campaigns", read=split)


async def failure(client: Client, kind: type[WorkbenchError], endpoint: str = "adCampaigns") -> Any:
    with pytest.raises(WorkbenchError) as refused:
        await ask(client, endpoint)
    assert type(refused.value) is kind
    assert TOKEN not in str(refused.value)
    return refused.value


# --- what we send ----------------------------------------------------------------------------------------------------


@respx.mock
async def test_a_request_carries_exactly_the_headers_and_the_url_that_the_vendor_documents() -> None:
    route = respx.get(url__startswith=LINKEDIN).respond(json=EMPTY)
    async with asking() as client:
        await client.get(
            "creatives",
            "/rest/adAccounts/512345678/creatives",
            {"q": "criteria", "campaigns": ["urn:li:sponsoredCampaign:1"], "fields": Plain("id,name")},
            what="creatives",
            read=split,
            method="FINDER",
        )
    sent = route.calls.last.request
    assert (sent.method, sent.url.raw_path) == (
        "GET",
        b"/rest/adAccounts/512345678/creatives?q=criteria&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A1)&fields=id,name",
    )
    names = ("authorization", "linkedin-version", "x-restli-protocol-version", "x-restli-method", "accept-encoding")
    assert {name: sent.headers.get(name) for name in names} == {
        "authorization": f"Bearer {TOKEN}",
        "linkedin-version": "202607",
        "x-restli-protocol-version": "2.0.0",
        "x-restli-method": "FINDER",
        "accept-encoding": "gzip",
    }


@pytest.mark.parametrize(("length", "method"), [(4_000, "GET"), (4_001, "POST")])
@respx.mock
async def test_a_query_above_four_thousand_characters_travels_in_a_tunnel(length: int, method: str) -> None:
    route = respx.route(url__startswith=LINKEDIN).respond(json=EMPTY)
    asked = "x" * (length - len("q=search&ids="))
    async with asking() as client:
        await ask(client, ids=Plain(asked))
    sent = route.calls.last.request
    tunnelled = method == "POST"
    assert (sent.method, sent.headers.get("x-http-method-override"), sent.headers.get("content-type")) == (
        (method, "GET", "application/x-www-form-urlencoded") if tunnelled else (method, None, None)
    )
    assert sent.content.decode() == (f"q=search&ids={asked}" if tunnelled else "")
    assert sent.url.query.decode() == ("" if tunnelled else f"q=search&ids={asked}")


# --- tokens ----------------------------------------------------------------------------------------------------------


def by_token(*accepted: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        known = request.headers["authorization"].removeprefix("Bearer ") in accepted
        return httpx.Response(200, json=EMPTY) if known else httpx.Response(401, json={"status": 401})

    return answer


@respx.mock
async def test_a_rejected_token_is_renewed_once_and_the_request_replayed_once() -> None:
    route = respx.get(url__startswith=LINKEDIN).mock(side_effect=by_token(f"{TOKEN}-1"))
    tokens = Tokens()
    async with asking(tokens=tokens) as client:
        assert await ask(client) == Page([])
    assert (tokens.renewed, route.call_count) == ([TOKEN], 2)


@respx.mock
async def test_a_renewed_token_that_is_rejected_too_ends_in_signing_in_again() -> None:
    route = respx.get(url__startswith=LINKEDIN).mock(side_effect=by_token())
    tokens = Tokens()
    async with asking(tokens=tokens) as client:
        error = await failure(client, AuthenticationError)
    assert (tokens.renewed, route.call_count, error.exit_code) == ([TOKEN], 2, 77)
    assert "workbench auth login" in error.next_step


@respx.mock
async def test_a_token_just_issued_is_given_time_instead_of_being_renewed() -> None:
    answers = [httpx.Response(401, json={"status": 401})] * 3 + [httpx.Response(200, json=EMPTY)]
    route = respx.get(url__startswith=LINKEDIN).mock(side_effect=answers)
    tokens = Tokens(recent=True)
    async with asking(tokens=tokens) as client:
        assert await ask(client) == Page([])
    assert (tokens.renewed, route.call_count) == ([], 4)


@respx.mock
async def test_a_token_just_renewed_is_given_time_as_well() -> None:
    tokens = Tokens()
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        tokens.recent = len(seen) > 1  # from the renewal on
        return httpx.Response(200, json=EMPTY) if len(seen) == 4 else httpx.Response(401, json={"status": 401})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking(tokens=tokens) as client:
        assert await ask(client) == Page([])
    assert (tokens.renewed, seen[1:]) == ([TOKEN], [f"Bearer {TOKEN}-1"] * 3)


# --- limits ----------------------------------------------------------------------------------------------------------


@respx.mock
async def test_a_spent_quota_stops_at_once_names_the_hour_and_is_remembered(tmp_path: Path) -> None:
    creatives = respx.get(path="/rest/creatives").respond(429, json=DAY, headers={"x-li-uuid": "AAYx"})
    campaigns = respx.get(path="/rest/adCampaigns").respond(json=EMPTY)
    file = tmp_path / "home" / "quotas.json"
    async with asking(quotas=Quotas(file, scope="me", clock=lambda: NOW)) as client:
        error = await failure(client, RateLimitError, "creatives")
        assert (error.retry_at, error.exit_code, error.request_id, error.status) == (MIDNIGHT, 75, "AAYx", 429)
        assert "25 November 2026, 00:00 UTC" in error.next_step
        assert (await failure(client, RateLimitError, "creatives")).retry_at == MIDNIGHT
        assert await ask(client) == Page([])
    async with asking(quotas=Quotas(file, scope="me", clock=lambda: NOW)) as client:  # the next process
        assert (await failure(client, RateLimitError, "creatives")).retry_at == MIDNIGHT
        assert await ask(client) == Page([])
    assert (creatives.call_count, campaigns.call_count) == (1, 2)
    assert Quotas(file, scope="another app", clock=lambda: NOW).spent_until("creatives") is None
    assert Quotas(file, scope="me", clock=lambda: MIDNIGHT).spent_until("creatives") is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"me": []}', '{"me": {"creatives": 7}}', '{"me": {"creatives": "soon"}}']
)
async def test_an_unreadable_memory_of_quotas_costs_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "quotas.json"
    file.write_text(content)
    quotas = Quotas(file, scope="me", clock=lambda: NOW)
    assert quotas.spent_until("creatives") is None
    quotas.spend("creatives", MIDNIGHT)
    assert Quotas(file, scope="me", clock=lambda: NOW).spent_until("creatives") == MIDNIGHT


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The limiter's clock, moved by its own sleeping."""
    slept = [0.0]
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if threading.current_thread() is threading.main_thread():  # other tests' servers may still be breathing
            slept[0] += max(0.0, seconds)
        await real_sleep(0)

    monkeypatch.setattr("workbench.linkedin.rate_limits._now", lambda: slept[0])
    monkeypatch.setattr("workbench.linkedin.rate_limits.asyncio.sleep", sleep)
    return slept


@respx.mock
async def test_the_throttle_of_metric_values_pauses_analytics_for_all_and_then_goes_on(patience: list[float]) -> None:
    answers = [httpx.Response(429, json=MILLIONS), httpx.Response(200, json=EMPTY)]
    respx.get(path="/rest/adAnalytics").mock(side_effect=answers)
    async with asking() as client:
        assert await ask(client, "adAnalytics") == Page([])
    assert 330 <= patience[0] < 331


@respx.mock
async def test_a_throttle_that_stays_ends_as_a_limit_to_try_later(patience: list[float]) -> None:
    route = respx.get(path="/rest/adAnalytics").respond(429, json=MILLIONS)
    async with asking() as client:
        error = await failure(client, RateLimitError, "adAnalytics")
    assert (route.call_count, error.exit_code, error.retry_at) == (ATTEMPTS, 75, NOW + timedelta(seconds=330))


async def test_a_request_that_waits_for_a_paused_endpoint_keeps_no_other_from_asking() -> None:
    limiter = Limiter(concurrency=1, per_second=1_000)
    limiter.pause("adAnalytics", 3_600)
    waiting = asyncio.create_task(limiter.place("adAnalytics").__aenter__())
    await asyncio.sleep(0)
    async with asyncio.timeout(5), limiter.place("creatives"):
        assert not waiting.done()
    waiting.cancel()


async def test_no_more_requests_are_under_way_than_there_are_places(patience: list[float]) -> None:
    limiter = Limiter(concurrency=3, per_second=10)
    under_way, most = 0, 0

    async def one() -> None:
        nonlocal under_way, most
        async with limiter.place("creatives"):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert most <= 3
    assert patience[0] >= 1.9  # twenty turns at ten a second


SUBJECT = Subject("campaigns of account 1", "adCampaigns")


def reaction(status: int, after: str | None) -> Exception:
    answer = refusal(status, {} if after is None else {"retry-after": after}, b"", NOW)
    return refused(SUBJECT, answer, NOW, request_id=None, version="202607")


@pytest.mark.parametrize(
    ("status", "after", "shortest", "longest"),
    [
        (429, None, 30, 60),
        (429, "7", 7, 7),
        (429, "0", 1, 1),
        (429, "-9", 1, 1),
        (429, "Tue, 24 Nov 2026 09:30:40 GMT", 40, 40),
        (429, "Tue, 24 Nov 2015 09:30:40 GMT", 1, 1),
        (429, "9" * 400, 60, 60),
        (429, "soon", 30, 60),
        (503, "7", 7, 7),
    ],
)
async def test_a_burst_limit_waits_as_long_as_it_is_told_within_reason(
    status: int, after: str | None, shortest: float, longest: float
) -> None:
    error = reaction(status, after)
    assert isinstance(error, Again)
    assert error.wait is not None
    assert shortest <= error.wait <= longest


async def test_a_wait_of_an_hour_ends_the_run_and_names_the_time() -> None:
    error = reaction(429, "3600")
    assert isinstance(error, RateLimitError)
    assert error.retry_at == NOW + timedelta(hours=1)


# --- answers that fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@respx.mock
async def test_what_passes_by_itself_is_asked_again(status: int) -> None:
    answers = [httpx.Response(status, text="<html>"), httpx.Response(200, json=EMPTY)]
    route = respx.get(url__startswith=LINKEDIN).mock(side_effect=answers)
    async with asking() as client:
        calls = Calls()
        await client.counting(calls).get("adCampaigns", "/rest/adCampaigns", {}, what="campaigns", read=split)
        assert (route.call_count, calls.count, client.calls) == (2, 2, 2)
        route.mock(return_value=httpx.Response(200, json=EMPTY))
        await client.get("adCampaigns", "/rest/adCampaigns", {}, what="campaigns", read=split)
        assert (route.call_count, calls.count, client.calls) == (3, 2, 3)


@pytest.mark.parametrize(
    ("status", "kind", "times"),
    [
        (500, LinkedInAPIError, ATTEMPTS),
        (504, LinkedInAPIError, ATTEMPTS),
        (429, RateLimitError, ATTEMPTS),
        (400, LinkedInAPIError, 1),
        (403, LinkedInAPIError, 1),
        (404, LinkedInAPIError, 1),
        (414, LinkedInAPIError, 1),
        (426, ConfigurationError, 1),
        (204, LinkedInAPIError, 1),
        (206, LinkedInAPIError, 1),
    ],
)
@respx.mock
async def test_what_does_not_pass_is_told_with_its_request_id(
    status: int, kind: type[WorkbenchError], times: int
) -> None:
    body = {"status": status, "code": "SOME_CODE", "message": "Something is wrong"}
    route = respx.get(url__startswith=LINKEDIN).respond(status, json=body, headers={"x-li-uuid": "AAYx"})
    async with asking() as client:
        error = await failure(client, kind)
    assert (route.call_count, error.request_id) == (times, "AAYx")
    waited = ". It refused 6 requests in a row, over 1 minute." if status == 429 else ""
    assert error.why == f"LinkedIn answered {status} (SOME_CODE): Something is wrong{waited}"
    assert error.next_step


@pytest.mark.parametrize("body", [b'{"elements":[{"id":1}', b"<html>Sorry</html>", b"", b"null", b'{"message":"x"}'])
@respx.mock
async def test_a_200_that_is_no_answer_is_asked_again_and_then_told(body: bytes) -> None:
    route = respx.get(url__startswith=LINKEDIN).respond(200, content=body)
    async with asking() as client:
        await failure(client, DataFetchError)
        assert route.call_count == ATTEMPTS
        route.mock(side_effect=[httpx.Response(200, content=body), httpx.Response(200, json={"elements": [1]})])
        assert await ask(client) == Page([b"1"])


async def listed(client: Client, accounts: int) -> list[Any]:
    """What became of the campaigns of so many accounts: pages, or an error."""

    async def one(account: int) -> list[Page]:
        return [page async for page in endpoints.campaigns(client, account)]

    return await asyncio.gather(*map(one, range(1, accounts + 1)), return_exceptions=True)


@pytest.mark.parametrize("status", [500, 503, 504])
@respx.mock
async def test_listings_that_are_not_answered_cost_a_few_requests_however_many_accounts_there_are(status: int) -> None:
    route = respx.get(url__startswith=LINKEDIN).respond(status)
    async with asking() as client:
        begun = await listed(client, 4)
        cost = route.call_count
        later = await listed(client, 400)
    assert [type(error) for error in (*begun, *later)] == [LinkedInAPIError] * 404
    assert cost <= 4 * ATTEMPTS + 2 * FEW_ATTEMPTS * 5
    assert route.call_count - cost <= 3 * FEW_ATTEMPTS
    assert later[-1].why.startswith(f"adCampaigns does not answer. HTTP {status}.")
    assert "requests in a row failed, over 1 minute" in later[-1].why


@respx.mock
async def test_listings_that_fail_in_several_ways_at_once_come_to_an_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response((500, 503, 504)[int(request.url.path.split("/")[3]) % 3])

    route = respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        async with asyncio.timeout(120):
            ended = await listed(client, 30)
    assert [type(error) for error in ended] == [LinkedInAPIError] * 30
    assert route.call_count <= 30 * ATTEMPTS + 2 * FEW_ATTEMPTS * 5


@pytest.mark.parametrize("refused", [500, 504])
@respx.mock
async def test_listings_whose_pages_are_too_large_are_read_in_smaller_ones(refused: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        large = int(request.url.params["pageSize"]) > 62
        return httpx.Response(refused) if large else httpx.Response(200, json={"elements": [1]})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        assert await listed(client, 12) == [[Page([b"1"])]] * 12


@respx.mock
async def test_an_account_whose_listing_fails_takes_no_other_along() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        fails = "/adAccounts/1/" in request.url.path
        return httpx.Response(500) if fails else httpx.Response(200, json={"elements": [1]})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        first, *others = await listed(client, 12)
    assert isinstance(first, LinkedInAPIError)
    assert others == [[Page([b"1"])]] * 11


@respx.mock
async def test_names_that_are_not_answered_cost_a_few_requests_and_other_endpoints_none() -> None:
    names = respx.get(path="/rest/adTargetingEntities").respond(502)
    respx.get(path="/rest/posts").respond(json={"results": {}})
    async with asking() as client:

        async def ask_names(urns: Sequence[str]) -> Known:
            await endpoints.names(client, urns)
            return {}

        batches = Batches(ask_names)
        await batches.run([f"urn:li:seniority:{number}" for number in range(1_000)], 50)
        assert batches.error is not None
        assert "does not answer. HTTP 502. 12 requests in a row failed" in batches.error.why
        assert await endpoints.posts(client, ["urn:li:share:1"]) == {}
        assert names.call_count == ATTEMPTS + 3 * FEW_ATTEMPTS


@respx.mock
async def test_a_redirect_is_never_followed() -> None:
    elsewhere = respx.get("https://evil.example/rest").respond(json=EMPTY)
    respx.get(url__startswith=LINKEDIN).respond(302, headers={"location": "https://evil.example/rest"})
    async with asking() as client:
        error = await failure(client, LinkedInAPIError)
    assert (error.status, elsewhere.call_count) == (302, 0)


# --- cursors ---------------------------------------------------------------------------------------------------------


async def pages(client: Client) -> list[Page]:
    return [page async for page in endpoints.campaigns(client, 1)]


@respx.mock
async def test_pages_are_read_to_the_last_however_short_they_are() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        token = request.url.params.get("pageToken")
        following = {None: "a=/", "a=/": "b", "b": None}[token]
        metadata = {"nextPageToken": following} if following else {}
        return httpx.Response(200, json={"elements": [token], "metadata": metadata})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        assert [page.elements for page in await pages(client)] == [[b"null"], [b'"a=/"'], [b'"b"']]


@pytest.mark.parametrize(("tokens", "calls"), [(["t"], 2), (["a", "b", "a"], 3)])
@respx.mock
async def test_a_cursor_that_leads_in_a_circle_is_left(tokens: Sequence[str], calls: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        token = tokens[min(len(asked), len(tokens)) - 1]
        return httpx.Response(200, json={"elements": [], "metadata": {"nextPageToken": token}})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        with pytest.raises(DataFetchError) as left:
            await pages(client)
    assert (left.value.why, len(asked)) == ("LinkedIn's cursor leads in a circle.", calls)


@respx.mock
async def test_a_cursor_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursor_paging, "_PAGES", 20)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"elements": [], "metadata": {"nextPageToken": str(len(asked))}})

    respx.get(url__startswith=LINKEDIN).mock(side_effect=answer)
    async with asking() as client:
        with pytest.raises(DataFetchError, match="Could not read all campaigns of account 1"):
            await pages(client)
    assert len(asked) == 21


# --- the wire --------------------------------------------------------------------------------------------------------

Script = Callable[[asyncio.StreamWriter, int], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
GOOD = HEAD + b'Content-Length: 15\r\n\r\n{"elements":[]}'


@asynccontextmanager
async def listening(script: Script, *, context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads a request's head and then does as scripted; its origin, and the heads it got."""
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            await script(writer, len(heads))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    scheme = "https" if context else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()


def bytes_then_close(*parts: bytes) -> Script:
    async def script(writer: asyncio.StreamWriter, _: int) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return script


async def reset(writer: asyncio.StreamWriter, _: int) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()


async def drip(writer: asyncio.StreamWriter, _: int) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(writer: asyncio.StreamWriter, _: int) -> None:
    while not writer.transport.is_closing():  # noqa: ASYNC110  (a stream has no event for it)
        await asyncio.sleep(0.02)


BROKEN = {
    "nothing at all": (bytes_then_close(), "BROKEN_OFF"),
    "no HTTP": (bytes_then_close(b"SSH-2.0-OpenSSH\r\n"), "BROKEN_OFF"),
    "a reset in mid-body": (reset, "BROKEN_OFF"),
    "an end in mid-body": (bytes_then_close(HEAD + b'Content-Length: 99\r\n\r\n{"elements":[]}'), "BROKEN_OFF"),
    "an end in mid-chunk": (bytes_then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{"), "BROKEN_OFF"),
    "a body that drips": (drip, "TIMEOUT"),
    "silence": (silence, "TIMEOUT"),
}


def short_deadline(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Wait for a third of a second where an answer never comes; what comes has all the time of a busy machine."""
    if BROKEN[case][1] == "TIMEOUT":
        monkeypatch.setattr(client_module, "DEADLINE", 0.3)


@pytest.mark.parametrize("case", BROKEN)
async def test_a_connection_that_fails_is_tried_again_and_then_told(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short_deadline(monkeypatch, case)
    script, code = BROKEN[case]
    async with listening(script) as (origin, heads), asking(origin) as client:
        error = await failure(client, LinkedInAPIError)
    assert (error.code, len(heads)) == (code, ATTEMPTS)
    assert error.why
    assert error.next_step == "Check the network, then sync again; what was read is kept."


@pytest.mark.parametrize("case", BROKEN)
async def test_a_connection_that_fails_once_costs_nothing(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = client_module.DEADLINE
    short_deadline(monkeypatch, case)

    async def once(writer: asyncio.StreamWriter, time: int) -> None:
        client_module.DEADLINE = usual  # for the next attempt
        await (BROKEN[case][0] if time == 1 else bytes_then_close(GOOD))(writer, time)

    async with listening(once) as (origin, heads), asking(origin) as client:
        assert await ask(client) == Page([])
    assert len(heads) == 2


async def test_a_server_that_stops_in_mid_answer_is_not_waited_for_longer_than_the_timeout() -> None:
    async with listening(silence) as (origin, heads), asking(origin) as client:
        client._http.timeout = httpx.Timeout(60, read=0.05)
        assert (await failure(client, LinkedInAPIError)).code == "TIMEOUT"
    assert len(heads) == ATTEMPTS


def encoded(encoding: bytes, body: bytes) -> Script:
    return bytes_then_close(HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body)), body)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip", b"no gzip at all"),
        (b"gzip", gzip.compress(b'{"elements":[]}', mtime=0)[:12] + b"\xff" * 30),
        (b"gzip", gzip.compress(b'{"elements":[' + b"1," * 9_999 + b"1]}", mtime=0)[:-20]),
        (b"gzip, gzip", gzip.compress(gzip.compress(b'{"elements":[]}', mtime=0), mtime=0)),
        (b"br", b"\x0b\x02\x80"),
    ],
)
async def test_a_broken_or_unasked_compression_is_no_answer(encoding: bytes, body: bytes) -> None:
    async with listening(encoded(encoding, body)) as (origin, heads), asking(origin) as client:
        await failure(client, DataFetchError)
    assert len(heads) == ATTEMPTS


async def test_a_compressed_answer_is_read() -> None:
    script = encoded(b"gzip", gzip.compress(b'{"elements":[1]}'))
    async with listening(script) as (origin, _), asking(origin) as client:
        assert await ask(client) == Page([b"1"])


async def test_an_answer_that_unfolds_beyond_all_measure_is_dropped_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_module, "BODY_BYTES", 8 * 2**20)
    bomb = gzip.compress(bytes(400 * 2**20), 1)
    async with listening(encoded(b"gzip", bomb)) as (origin, heads), asking(origin) as client:
        tracemalloc.start()
        error = await failure(client, DataFetchError)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (len(heads), error.why) == (1, "The answer is larger than 8 MB, which no honest answer is.")
    assert peak < 160 * 2**20


def untrusted(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that no authority signed."""
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*made.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
async def test_a_certificate_that_is_not_trusted_gets_no_request_at_all(tmp_path: Path) -> None:
    context = untrusted(tmp_path)
    async with listening(bytes_then_close(GOOD), context=context) as (origin, heads), asking(origin) as client:
        error = await failure(client, LinkedInAPIError)
        assert client.calls == 1
    assert (heads, error.code) == ([], "UNREACHABLE")
    assert "certificate is not trusted" in error.why
    assert "SSL_CERT_FILE" in error.next_step


async def test_a_server_that_is_not_there_is_told_as_out_of_reach() -> None:
    async with listening(silence) as (origin, _):
        pass
    async with asking(origin) as client:
        error = await failure(client, LinkedInAPIError)
        assert (error.code, client.calls) == ("UNREACHABLE", ATTEMPTS)


async def test_a_name_that_does_not_resolve_is_told_as_out_of_reach() -> None:
    async with asking("http://linkedin.invalid") as client:
        error = await failure(client, LinkedInAPIError)
    assert (error.code, error.exit_code) == ("UNREACHABLE", 70)


# --- what is written down --------------------------------------------------------------------------------------------


@pytest.fixture
def log_dir(tmp_path: Path) -> Iterator[Path]:
    logs.configure(tmp_path / "logs", level="DEBUG", console=False)
    logging.getLogger().setLevel(logging.DEBUG)
    yield tmp_path / "logs"
    logging.getLogger().setLevel(logging.WARNING)
    logs.configure(None, console=False)


@respx.mock
async def test_logs_name_endpoint_status_and_seconds_and_neither_address_nor_token(
    log_dir: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    respx.get(path="/rest/adCampaigns").mock(side_effect=[httpx.Response(500), httpx.Response(200, json=EMPTY)])
    respx.get(path="/rest/creatives").mock(side_effect=httpx.ReadTimeout("slow"))
    async with asking() as client:
        await ask(client, secret="in-the-query")
        await failure(client, LinkedInAPIError, "creatives")
    captured = capfd.readouterr()
    logs = read(log_dir)
    words = [line.split("] ")[1].split()[:3] for line in logs["api.log"].splitlines()]
    assert words[:3] == [["GET", "adCampaigns", "500"], ["GET", "adCampaigns", "200"], ["GET", "creatives", "no"]]
    everything = "".join(logs.values()) + caplog.text + captured.out + captured.err
    for hidden in (TOKEN, "in-the-query", "api.linkedin.com", "Bearer"):
        assert hidden not in everything
    assert (captured.out, captured.err) == ("", "")


def read(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


# --- what is said of waits --------------------------------------------------------------------------------------------


@respx.mock
async def test_every_wait_for_a_linkedin_that_is_out_of_reach_is_said_with_its_end() -> None:
    respx.get(url__startswith=LINKEDIN).mock(side_effect=httpx.ConnectError("no route"))
    waits: list[tuple[str, datetime]] = []
    async with asking(on_wait=lambda *wait: waits.append(wait)) as client:
        await failure(client, LinkedInAPIError)

    assert [why for why, _ in waits] == ["LinkedIn is out of reach."] * (ATTEMPTS - 1)
    seconds = [(until - NOW).total_seconds() for _, until in waits]
    assert all(2**number <= wait <= 2**number + 2 for number, wait in enumerate(seconds))


@respx.mock
@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (httpx.Response(429, headers={"Retry-After": "90"}, json={"message": "Slow down."}), 90),
        (httpx.Response(503, headers={"Retry-After": "30"}), 30),
        (httpx.Response(503, headers={"Retry-After": "2"}), None),
        (httpx.Response(429, json=MILLIONS), 0.3),
    ],
    ids=["a burst", "a bad moment", "a short one", "the window of metric values"],
)
async def test_a_long_wait_is_said_with_its_reason_and_end(
    monkeypatch: pytest.MonkeyPatch, answer: httpx.Response, pause: float | None
) -> None:
    monkeypatch.setattr(client_module, "ANALYTICS_PAUSE", 0.3)
    respx.get(url__startswith=LINKEDIN).mock(side_effect=[answer, httpx.Response(200, json=EMPTY)])
    waits: list[tuple[str, datetime]] = []
    async with asking(on_wait=lambda *wait: waits.append(wait)) as client:
        await ask(client, "adAnalytics")

    assert [(until - NOW).total_seconds() for _, until in waits] == ([] if pause is None else [pause])
    assert all("adAnalytics" in why and str(answer.status_code) in why for why, _ in waits)
