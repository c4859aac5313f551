"""The errors that a user can act on, one tree.

    WorkbenchError
    ├── AuthenticationError          sign in (again)
    │   └── TokenExpiredError        … because the token's life is over
    ├── LinkedInAPIError             LinkedIn refused, or cannot answer
    │   └── RateLimitError           … because a quota is spent
    ├── ValidationError              input that cannot be what it claims to be
    ├── ConfigurationError           a setting must change
    │   └── OptionError              … that was given on the command line
    ├── StorageError                 disk or database
    └── DataFetchError               an answer that is not whole

Each says what failed, why, and what to do next, in sentences a marketer can read, and never holds a secret.
Anything else that is raised is a bug.
"""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime
from typing import Any

from workbench import exit_codes

_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` without line breaks and other control characters: it may hold LinkedIn's words, or a user's."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text))


def several(count: int | None, word: str) -> str:
    """A count with its noun: `1 day`, `2 days`, `12,345 rows`; `an unknown number of days` without a count."""
    if count is None:
        return f"an unknown number of {word}s"
    return f"{count:,} {word}{'s' * (count != 1)}"


def capitalized(text: str) -> str:
    """`text` with a capital first letter, and otherwise as it is."""
    return text[:1].upper() + text[1:]


class WorkbenchError(Exception):
    """A failure in three parts: what failed, why, and what to do next.

    Attributes:
        what: the failure, one sentence.
        why: its cause as far as it is known, or "".
        next_step: what a person can do about it, or "".
        account_id: the ad account it concerns, if any.
        window: first and last UTC day it concerns, if any.
        request_id: LinkedIn's id of the request (`x-li-uuid`), which its support asks for.
        sync: of an error that ended a sync: its `sync_id`, `snapshot`, `window` and `api_calls`, as JSON.
    """

    exit_code = exit_codes.FAILED

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = "",
        account_id: int | None = None,
        window: tuple[date, date] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.account_id = account_id
        self.window = window
        self.request_id = request_id
        self.sync: dict[str, Any] = {}

    def concern(self, account_id: int) -> None:
        """Set the ad account that the error is about; 0 changes nothing."""
        self.account_id = account_id or self.account_id

    def end_sync(self, facts: dict[str, Any]) -> None:
        """Keep the facts of the sync that this error ended: `sync`."""
        self.sync = facts

    def __str__(self) -> str:
        lines = [one_line(self.what)]
        if self.why:
            lines.append(f"Why: {one_line(self.why)}")
        if self.next_step:
            lines.append(f"Next: {one_line(self.next_step)}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON, as `--json` and `sync_log.error` carry it."""
        facts: dict[str, Any] = {
            "type": type(self).__name__,
            "what": self.what,
            "why": self.why,
            "next": self.next_step,
        }
        if self.account_id is not None:
            facts["account_id"] = self.account_id
        if self.window is not None:
            facts["window"] = [day.isoformat() for day in self.window]
        if self.request_id is not None:
            facts["request_id"] = self.request_id
        return facts


class SyncInterruptedError(asyncio.CancelledError):
    """A sync was cancelled after it had begun to write a snapshot.

    Attributes:
        sync: its `sync_id`, `snapshot`, `window` and `api_calls`, as JSON.
    """

    def __init__(self, sync: dict[str, Any]) -> None:
        super().__init__("the sync was interrupted")
        self.sync = sync


class AuthenticationError(WorkbenchError):
    """LinkedIn does not accept the sign-in; the user has to sign in again."""

    exit_code = exit_codes.SIGN_IN


class TokenExpiredError(AuthenticationError):
    """A token's life is over and it could not be renewed."""


class LinkedInAPIError(WorkbenchError):
    """LinkedIn refused a request, or could not be reached.

    Attributes:
        status: the HTTP status, or None if there was no answer.
        code: LinkedIn's error code, such as `ACCESS_DENIED`, if the body had one.
    """

    def __init__(self, what: str, *, status: int | None = None, code: str | None = None, **parts: Any) -> None:
        super().__init__(what, **parts)
        self.status = status
        self.code = code


class RateLimitError(LinkedInAPIError):
    """A quota is spent.

    Attributes:
        retry_at: the moment (UTC) from which asking again makes sense.
    """

    exit_code = exit_codes.TRY_LATER

    def __init__(self, what: str, *, retry_at: datetime | None = None, **parts: Any) -> None:
        super().__init__(what, **parts)
        self.retry_at = retry_at


class ValidationError(WorkbenchError):
    """Input that cannot be what it claims to be: a snapshot, an answer, an argument."""


class ConfigurationError(WorkbenchError):
    """A setting is missing or wrong; nothing was asked and nothing was written.

    Attributes:
        of_one_resource: whether other resources may still be asked: LinkedIn retired the API version of this one.
    """

    exit_code = exit_codes.CONFIGURE
    of_one_resource = False


class OptionError(ConfigurationError):
    """An option has a value that cannot be, alone or beside the others."""

    exit_code = exit_codes.USAGE


class StorageError(WorkbenchError):
    """Disk or database cannot be read or written.

    Attributes:
        retry: whether the same call may succeed later by itself (another sync runs).
        nothing_synced: whether there is nothing to read yet, rather than something broken.
    """

    def __init__(self, what: str, *, retry: bool = False, nothing_synced: bool = False, **parts: Any) -> None:
        super().__init__(what, **parts)
        self.retry = retry
        self.nothing_synced = nothing_synced
        if retry:
            self.exit_code = exit_codes.TRY_LATER


class DataFetchError(WorkbenchError):
    """An answer that cannot be whole; what it was to cover stays uncovered and is asked again."""
