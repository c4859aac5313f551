"""One HTTP client for LinkedIn's REST API: send, wait, retry, turn answers into bodies or errors.

It has no endpoint of its own. A token never leaves for another host: redirects are not followed, TLS is verified, and
nothing here logs a URL or a header.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import httpx
import stamina
from pydantic import SecretStr

from workbench.clock import Clock, utc_now
from workbench.errors import ConfigurationError, DataFetchError, LinkedInAPIError, RateLimitError
from workbench.linkedin.error_mapping import (
    ANALYTICS_PAUSE,
    UNREACHABLE,
    Again,
    Subject,
    TokenRejected,
    broken_off,
    not_accepted,
    quota_spent,
    reason_to_wait,
    refused,
    stays_busy,
    too_large,
    without_token,
)
from workbench.linkedin.http_client import as_http_errors, http_client
from workbench.linkedin.rate_limits import Breakers, Limiter, Quotas
from workbench.linkedin.request import Request
from workbench.linkedin.restli import Meaning, Plain, Value, headers, query, refusal
from workbench.linkedin.silences import Silences, is_silence
from workbench.linkedin.worker_thread import offload
from workbench.logs import API

BODY_BYTES = 128 * 2**20  # far above any answer: 15,000 elements are some 15 MB
DEADLINE = 180.0  # seconds for one answer, from first byte sent to last byte read
ATTEMPTS = 6
FEW_ATTEMPTS = 2
"""For less of what LinkedIn has just refused as a whole."""
_LONGEST_PAUSE = 60.0  # seconds between two tries where LinkedIn names none
_WORTH_SAYING = 5.0  # seconds; a shorter wait is not said, unless LinkedIn is out of reach
_ENCODINGS = ("gzip", "x-gzip", "deflate", "identity", "")

Answer = TypeVar("Answer")
OnWait = Callable[[str, datetime], None]
"""Called with the reason for a wait, a sentence, and the moment (UTC) at which it ends."""


class Tokens(Protocol):
    """A provider of bearer tokens."""

    async def token(self) -> SecretStr: ...

    async def renew(self, rejected: SecretStr) -> SecretStr: ...

    def issued_recently(self, now: datetime) -> bool: ...


@dataclass
class Calls:
    """How many requests a client sent for one purpose, retries included. Only the client counts."""

    count: int = 0


class Client:
    """A client of LinkedIn's REST API; an async context manager, used inside one event loop.

    Raises:
        ConfigurationError: a proxy or certificates that the environment names cannot be used.
    """

    def __init__(
        self,
        *,
        origin: str,
        version: str,
        tokens: Tokens,
        limiter: Limiter,
        quotas: Quotas,
        clock: Clock = utc_now,
        on_wait: OnWait = lambda why, until: None,
    ) -> None:
        self._origin = origin
        self._version = version
        self._tokens = tokens
        self._limiter = limiter
        self._quotas = quotas
        self._clock = clock
        self._on_wait = on_wait
        self._http = http_client(
            origin,
            timeout=httpx.Timeout(120.0, connect=15.0),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
        )
        self._breakers = Breakers()
        self.silences = Silences()
        self._gone: dict[str, ConfigurationError] = {}
        self._calls: tuple[Calls, ...] = (Calls(),)

    @property
    def calls(self) -> int:
        """How many requests were sent, retries included."""
        return self._calls[0].count

    def counting(self, calls: Calls) -> Client:
        """A client that shares everything with this one and also counts its requests in `calls`."""
        client = copy(self)
        client._calls = (*self._calls, calls)
        return client

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(
        self,
        endpoint: str,
        path: str,
        parameters: Mapping[str, Value | Plain],
        *,
        what: str,
        read: Callable[[bytes], Answer],
        method: str | None = None,
        attempts: int = ATTEMPTS,
        can_be_smaller: bool = False,
    ) -> Answer:
        """Send one request, retry failures that pass by themselves, and return what `read` makes of the body.

        Args:
            endpoint: LinkedIn's name of the resource; quotas and pauses are kept by it.
            path: from the origin on, keys already encoded.
            parameters: values; they are encoded here, once.
            what: what is being read, for messages: `campaigns of account 512345678`.
            read: turns the body into the answer in a worker thread; its DataFetchError counts as a broken answer.
            method: the Rest.li method header, where LinkedIn needs one.
            attempts: how often to try at most.
            can_be_smaller: whether the caller asks for less where this is not answered.

        Raises:
            RateLimitError: a quota is spent, or a limit does not go away.
            AuthenticationError: the token is not accepted and could not be renewed.
            ConfigurationError: LinkedIn has retired `LINKEDIN_VERSION`.
            LinkedInAPIError: LinkedIn refuses, fails, or cannot be reached.
            DataFetchError: the answer stays unreadable.
        """
        request = Request(Subject(what, endpoint), path, query(parameters), headers(self._version, method))
        if endpoint in self._gone:
            raise copy(self._gone[endpoint])
        if not self._breakers.tries(endpoint, ATTEMPTS):
            raise stays_busy(request.subject, self._clock(), self._breakers.of(endpoint).words())
        ask = partial(self._tried, request, read, attempts, can_be_smaller=can_be_smaller)
        while attempts == ATTEMPTS and self.silences.is_given_up(endpoint):  # others hold the lock
            async with self.silences.one_by_one(endpoint):
                self.silences.refuse_if_over(request.subject)
                if self.silences.is_given_up(endpoint):
                    return await ask()
        return await ask()

    async def _tried(
        self, request: Request, read: Callable[[bytes], Answer], attempts: int, *, can_be_smaller: bool
    ) -> Answer:
        """What `read` makes of the answer, after as many tries as are worth it."""
        endpoint = request.subject.endpoint
        attempts = FEW_ATTEMPTS if self.silences.in_doubt(endpoint) else attempts
        began = asyncio.get_running_loop().time()
        try:
            async for attempt in stamina.retry_context(
                on=partial(self._backoff, endpoint, itertools.count(1), attempts),
                attempts=attempts,
                timeout=None,
            ):
                with attempt:
                    body = await self._send(request)
                    try:
                        answer = await offload(read, body)
                    except DataFetchError as error:
                        unread = DataFetchError(request.subject.failed, why=error.why, next_step=error.next_step)
                        raise Again(unread) from error
                    self.silences.answered(endpoint)
                    return answer
        except Again as given_up:
            if isinstance(given_up.error, RateLimitError):
                self._breakers.give_up(endpoint)
                given_up.error.why = f"{given_up.error.why.rstrip('.')}. {self._breakers.of(endpoint).words()}"
            elif is_silence(given_up.error):
                tries = attempt.num
                self.silences.add(endpoint, given_up.error, tries=tries, began=began, can_be_smaller=can_be_smaller)
            raise given_up.error from given_up.__cause__
        raise AssertionError("stamina yields at least one attempt")

    def _backoff(self, endpoint: str, tries: Iterator[int], attempts: int, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds; called once after every failed try."""
        if not isinstance(error, Again):
            return False
        if isinstance(error.error, RateLimitError) and self._breakers.tries(endpoint, ATTEMPTS) < ATTEMPTS:
            return False  # another request has waited in vain
        if attempts == ATTEMPTS and is_silence(error.error) and self.silences.in_doubt(endpoint):
            return False
        tried = next(tries)
        wait = error.wait
        if wait is None:
            wait = min(2.0 ** (tried - 1) + random.uniform(0, 2), _LONGEST_PAUSE)  # noqa: S311  (jitter)
        if tried < ATTEMPTS and (wait >= _WORTH_SAYING or getattr(error.error, "code", None) == UNREACHABLE):
            self._on_wait(reason_to_wait(endpoint, error.error), self._clock() + timedelta(seconds=wait))
        return wait

    async def _send(self, request: Request) -> bytes:
        """Send one request; on a 401 renew the token and send it once more."""
        token = await _at_hand(self._tokens.token())
        try:
            return await self._once(request, token)
        except TokenRejected:
            if self._tokens.issued_recently(self._clock()):
                raise self._not_yet(request) from None
            token = await _at_hand(self._tokens.renew(token))
        try:
            return await self._once(request, token)
        except TokenRejected:
            recent = self._tokens.issued_recently(self._clock())
            raise self._not_yet(request) if recent else not_accepted(request.subject) from None

    def _not_yet(self, request: Request) -> Again:
        """Wait and try again: LinkedIn may need some seconds to accept a new token (observed)."""
        return Again(not_accepted(request.subject), wait=random.uniform(5, 15))  # noqa: S311

    async def _once(self, request: Request, token: SecretStr) -> bytes:
        async with self._limiter.place(request.subject.endpoint):
            if until := self._quotas.spent_until(request.subject.endpoint):
                raise quota_spent(request.subject, until)
            self.silences.refuse_if_over(request.subject)
            for calls in self._calls:
                calls.count += 1
            started = time.monotonic()
            status = 0
            try:
                with as_http_errors():
                    async with asyncio.timeout(DEADLINE):
                        status, answered, body = await self._exchange(request, token)
            except (httpx.HTTPError, TimeoutError) as error:
                raise broken_off(request.subject, error, self._origin) from error
            finally:
                API.info("GET %s %s %.3fs", request.subject.endpoint, status or "no answer", time.monotonic() - started)
        if status == httpx.codes.OK:
            self._breakers.answered(request.subject.endpoint)
            return body
        raise self._refused(request, answered, status, body)

    async def _exchange(self, request: Request, token: SecretStr) -> tuple[int, httpx.Headers, bytes]:
        async with self._http.stream(**request.as_http(self._origin, token)) as response:  # type: ignore[arg-type]
            if response.headers.get("content-encoding", "identity").strip().lower() not in _ENCODINGS:
                # Packed twice, one chunk of a few kilobytes would unfold to gigabytes before we could count them.
                raise httpx.DecodingError("An encoding we did not ask for.", request=response.request)
            chunks, size = [], 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > BODY_BYTES:
                    raise too_large(request.subject, BODY_BYTES)
                chunks.append(chunk)
            return response.status_code, response.headers, b"".join(chunks)

    def _refused(self, request: Request, answered: httpx.Headers, status: int, body: bytes) -> Exception:
        now = self._clock()
        answer = refusal(status, answered, body, now)
        error = refused(request.subject, answer, now, request_id=answered.get("x-li-uuid"), version=self._version)
        if not isinstance(error, Again | TokenRejected):
            self.silences.answered(request.subject.endpoint)  # a refusal is an answer
        if isinstance(error, ConfigurationError):
            self._gone[request.subject.endpoint] = error
        if answer.meaning is Meaning.QUOTA and isinstance(error, RateLimitError) and error.retry_at:
            self._quotas.spend(request.subject.endpoint, error.retry_at)
        if answer.meaning in (Meaning.BUSY, Meaning.METRIC_VALUES):
            self._breakers.refused(request.subject.endpoint)
        if answer.meaning is Meaning.METRIC_VALUES:
            self._limiter.pause(request.subject.endpoint, ANALYTICS_PAUSE)
            self._on_wait(reason_to_wait(request.subject.endpoint, error), now + timedelta(seconds=ANALYTICS_PAUSE))
        return error


async def _at_hand(token: Awaitable[SecretStr]) -> SecretStr:
    try:
        return await token
    except LinkedInAPIError as error:
        raise without_token(error) from None
