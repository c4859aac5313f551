"""Map refusals and broken connections to exceptions with a remedy. Pure: the clock is an argument."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from workbench.errors import (
    AuthenticationError,
    ConfigurationError,
    DataFetchError,
    LinkedInAPIError,
    RateLimitError,
    StorageError,
    WorkbenchError,
)
from workbench.linkedin.http_client import obstacle
from workbench.linkedin.restli import Meaning, Refusal, next_midnight

ANALYTICS_PAUSE = 330.0  # as long as LinkedIn's 5-minute window of metric values, and a little
PATIENCE = 600.0  # seconds; a longer Retry-After ends the run instead
DAY = 86_400.0  # seconds; a longer Retry-After is taken for a mistake
UNREACHABLE = "UNREACHABLE"
NO_TOKEN = "NO_TOKEN"  # noqa: S105  (a code, not a token)
NO_ANSWER = "NO_ANSWER"
"""Given up, and nothing smaller needs to be asked for."""
_TOO_MUCH = re.compile(
    r"too (large|long|big|many|much)|exceed|time[- ]?out|timed out|narrow|smaller|shorter|reduce|maximum|limit", re.I
)
_KEPT = "what was read is kept"


class Again(Exception):
    """A fault that passes by itself: wait `wait` seconds (None: exponential backoff) and repeat."""

    def __init__(self, error: WorkbenchError, wait: float | None = None) -> None:
        super().__init__(error.what)
        self.error = error
        self.wait = wait


class TokenRejected(Exception):
    """LinkedIn answered 401."""


@dataclass(frozen=True)
class Subject:
    """The subject of a request, for messages: `campaigns of account 512345678`, from the endpoint `adCampaigns`."""

    what: str
    endpoint: str

    @property
    def failed(self) -> str:
        return f"Could not read {self.what}."


def refused(subject: Subject, answer: Refusal, now: datetime, *, request_id: str | None, version: str) -> Exception:
    """The exception that an answer other than 200 becomes."""
    facts: dict[str, Any] = {
        "status": answer.status,
        "code": answer.code,
        "why": str(answer),
        "request_id": request_id,
    }
    match answer.meaning:
        case Meaning.TOKEN:
            return TokenRejected()
        case Meaning.QUOTA:
            return quota_spent(subject, next_midnight(now), **facts)
        case Meaning.METRIC_VALUES:
            until = now + timedelta(seconds=ANALYTICS_PAUSE)
            return Again(_limited(subject, until, **facts), wait=0.0)  # the limiter makes every request wait
        case Meaning.BUSY | Meaning.PASSING:
            return _passing(subject, answer, now, facts)
        case Meaning.VERSION:
            gone = ConfigurationError(
                f"LinkedIn no longer answers API version {version}.",
                why=str(answer),
                next_step="Set LINKEDIN_VERSION to a newer month (YYYYMM); `workbench status` shows sunset dates.",
                request_id=request_id,
            )
            gone.of_one_resource = True
            return gone
        case Meaning.FORBIDDEN:
            remedy = (
                "Ask an account admin for a role on the ad account (Viewer is enough), or sign in again with the "
                "missing scope; then sync again."
            )
            return LinkedInAPIError(subject.failed, next_step=remedy, **facts)
        case _:
            return LinkedInAPIError(subject.failed, next_step=f"Sync again later; {_KEPT}.", **facts)


def _passing(subject: Subject, answer: Refusal, now: datetime, facts: dict[str, Any]) -> Exception:
    """The exception for a burst limit or a server error: `Again` with its wait, or an error if the wait is too long."""
    wait = answer.retry_after
    if wait is not None and wait > DAY:
        wait = 60.0
    if wait is not None and wait > PATIENCE:
        return _limited(subject, now + timedelta(seconds=wait), **facts)
    if answer.meaning is Meaning.BUSY:
        wait = random.uniform(30, 60) if wait is None else max(wait, 1.0)  # noqa: S311  (jitter)
        return Again(_limited(subject, now + timedelta(seconds=60), **facts), wait)
    return Again(LinkedInAPIError(subject.failed, next_step=f"Sync again later; {_KEPT}.", **facts), wait)


def broken_off(subject: Subject, error: Exception, origin: str) -> Exception:
    """The exception that a failing connection to `origin` becomes."""
    if between := obstacle(error, origin):
        kind = ConfigurationError if between.settings else partial(LinkedInAPIError, code=UNREACHABLE)
        failure = kind(subject.failed, why=between.why, next_step=between.next_step)
        return Again(failure) if between.passing else failure
    if isinstance(error, httpx.DecodingError):
        why = "The answer's compression is broken."
        return Again(DataFetchError(subject.failed, why=why, next_step=f"Sync again; {_KEPT}."))
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        code, why = UNREACHABLE, f"The server cannot be reached ({type(error).__name__})."
    elif isinstance(error, httpx.TimeoutException | TimeoutError):
        code, why = "TIMEOUT", "No whole answer came in time."
    else:
        code, why = "BROKEN_OFF", f"The connection broke off ({type(error).__name__})."
    step = f"Check the network, then sync again; {_KEPT}."
    return Again(LinkedInAPIError(subject.failed, code=code, why=why, next_step=step))


def quota_spent(subject: Subject, until: datetime, **facts: Any) -> RateLimitError:
    """The error of an endpoint whose quota for the day is spent; nothing is asked of it before `until`."""
    facts.setdefault("why", f"LinkedIn's daily quota for {subject.endpoint} is spent.")
    step = f"Sync again after {until:%d %B %Y, %H:%M} UTC; {_KEPT}."
    return RateLimitError(subject.failed, retry_at=until, next_step=step, **facts)


def stays_busy(subject: Subject, now: datetime, why: str) -> RateLimitError:
    """The error of an endpoint that has refused so often that this run does not ask it again."""
    return _limited(subject, now + timedelta(minutes=15), why=f"{subject.endpoint} stays busy. {why}", status=429)


def too_large(subject: Subject, limit: int) -> DataFetchError:
    """The error of an answer that is larger than any genuine one."""
    return DataFetchError(
        subject.failed,
        why=f"The answer is larger than {limit // 2**20} MB, which no honest answer is.",
        next_step="Ask for fewer days; if it stays so, report it to LinkedIn's support.",
    )


def not_accepted(subject: Subject) -> AuthenticationError:
    """The error for a fresh token that LinkedIn refuses."""
    return AuthenticationError(
        subject.failed,
        why="LinkedIn does not accept the access token.",
        next_step=f"Run `workbench auth login` and sync again; {_KEPT}.",
    )


def without_token(error: LinkedInAPIError) -> LinkedInAPIError:
    """Mark an error as "no usable token", which is fatal: every other request would fail the same way."""
    error.code = NO_TOKEN
    return error


def reason_to_wait(endpoint: str, error: Exception) -> str:
    """One sentence: why a request waits."""
    failure = error.error if isinstance(error, Again) else error
    if getattr(failure, "code", None) == UNREACHABLE:
        return "LinkedIn is out of reach."
    why = f"{endpoint}: {getattr(failure, 'why', '') or failure}"
    return f"LinkedIn wants a pause for {why}" if isinstance(failure, RateLimitError) else why


def is_unanswered(error: WorkbenchError) -> bool:
    """Whether nothing, or nothing that can be read, came until the tries were over, or a request was too large."""
    if isinstance(error, DataFetchError) or is_too_large(error):
        return True
    return isinstance(error, LinkedInAPIError) and (error.code == "BROKEN_OFF" or error.status in (408, 500, 502, 503))


def is_too_large(error: Exception) -> bool:
    """Whether a smaller request may be answered: this one took too long, failed there, or was refused as too large."""
    if not isinstance(error, LinkedInAPIError) or isinstance(error, RateLimitError):
        return False
    return (
        error.code == "TIMEOUT"
        or error.status in (408, 413, 500, 502, 504)
        or (error.status == 400 and _TOO_MUCH.search(error.why) is not None)
    )


def is_fatal(error: Exception) -> bool:
    """Whether asking for anything else would fail the same way, so that a run had better stop."""
    if isinstance(error, LinkedInAPIError):
        return error.code in (UNREACHABLE, NO_TOKEN)
    if isinstance(error, ConfigurationError) and error.of_one_resource:
        return False
    return isinstance(error, AuthenticationError | ConfigurationError | StorageError)


def _limited(subject: Subject, until: datetime, **facts: Any) -> RateLimitError:
    step = f"Sync again after {until:%H:%M} UTC; {_KEPT}."
    return RateLimitError(subject.failed, retry_at=until, next_step=step, **facts)
