"""Turn refusals of LinkedIn's OAuth endpoints into errors with a remedy: sign in again, correct the app, or wait.

Pure. LinkedIn's own text never enters these errors, because a server may repeat the secrets it was sent.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.errors import (
    AuthenticationError,
    ConfigurationError,
    LinkedInAPIError,
    RateLimitError,
    TokenExpiredError,
    WorkbenchError,
)
from workbench.linkedin.auth.token import SIGN_IN
from workbench.linkedin.error_mapping import UNREACHABLE
from workbench.linkedin.http_client import Obstacle
from workbench.logs import redact

PORTAL = "https://www.linkedin.com/developers/apps"
Request = Literal["exchange", "refresh", "introspection"]

_FAILED: dict[Request, str] = {
    "exchange": "The sign-in to LinkedIn could not be completed.",
    "refresh": "LinkedIn's access token could not be renewed.",
    "introspection": "LinkedIn could not be asked about the access token.",
}
_LOG = logging.getLogger(__name__)


class _Refused(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    error: str = ""
    error_description: str = ""


def passes(error: Exception) -> bool:
    """Whether an error may pass by itself: no answer, a burst limit, a fault on LinkedIn's side."""
    if not isinstance(error, LinkedInAPIError) or error.code == UNREACHABLE:
        return False
    return error.status is None or error.status in (408, 429) or error.status >= 500


def unreachable(request: Request, host: str, reason: str, between: Obstacle | None = None) -> WorkbenchError:
    """The error for no answer at all; `reason` is the kind of failure, such as `ConnectTimeout`."""
    if between is not None:
        code = None if between.passing else UNREACHABLE
        kind = ConfigurationError if between.settings else partial(LinkedInAPIError, code=code)
        return kind(_FAILED[request], why=between.why, next_step=between.next_step)
    why = f"{host} did not answer ({reason})."
    return LinkedInAPIError(_FAILED[request], why=why, next_step="Check the network, then try again.")


def unreadable(request: Request) -> LinkedInAPIError:
    """The error for a 200 whose body lacks what it must have."""
    why = "LinkedIn's answer cannot be read."
    return LinkedInAPIError(_FAILED[request], status=200, why=why, next_step="Try again in a few minutes.")


def refusal(request: Request, status: int, content: bytes, *, redirect_uri: str) -> WorkbenchError:
    """The error for an answer that is not 200."""
    refused = _read(content)
    code = redact(refused.error)
    _LOG.warning("%s answered %s (%s): %s", request, status, code, redact(refused.error_description)[:300])
    if status in (400, 401) and (error := _final(request, status, refused, redirect_uri)) is not None:
        return error
    kind = RateLimitError if status == 429 else LinkedInAPIError
    return kind(
        _FAILED[request],
        status=status,
        code=code or None,
        why=f"LinkedIn answered {status}{f' ({code})' if code else ''}.",
        next_step="Try again in a few minutes.",
    )


def _read(content: bytes) -> _Refused:
    try:
        refused = _Refused.model_validate_json(content)
    except ValidationError:
        return _Refused()
    return refused if re.fullmatch(r"[A-Za-z_]{1,60}", refused.error) else _Refused()


def _final(request: Request, status: int, refused: _Refused, redirect_uri: str) -> WorkbenchError | None:
    """The error that no repetition will change, or None."""
    if refused.error in ("invalid_client", "invalid_client_id") or (request == "introspection" and status == 401):
        return ConfigurationError(
            _FAILED[request],
            why="LinkedIn does not accept LINKEDIN_CLIENT_ID together with LINKEDIN_CLIENT_SECRET.",
            next_step=f"Compare both with the Auth tab of your app at {PORTAL}.",
        )
    if request == "refresh" and _refresh_token_is_dead(refused):
        return TokenExpiredError(
            "LinkedIn needs your consent again.",
            why="The refresh token is invalid, expired or revoked.",
            next_step=SIGN_IN,
        )
    if request == "exchange":
        return AuthenticationError(
            _FAILED[request],
            why=f"LinkedIn did not accept the code ({redact(refused.error) or status}): it was used before, "
            "is older than 30 minutes, or belongs to another redirect URL.",
            next_step=f"Check that {redirect_uri} is listed exactly so on the app's Auth tab; then sign in again.",
        )
    return None


def _refresh_token_is_dead(refused: _Refused) -> bool:
    """LinkedIn's tables name two codes for it, and one of them also means a missing parameter: hence the text.

    Source: LinkedIn docs, "Programmatic Refresh Tokens" and "Authorization Code Flow", error tables.
    """
    if refused.error == "invalid_grant":
        return True
    text = refused.error_description
    dead = re.search(r"\b(token|grant)\b", text) and re.search(r"\b(invalid|expired|revoked)\b", text)
    return refused.error == "invalid_request" and dead is not None
