"""LinkedIn's error answers, one function for each; the callers decide when.

Source: LinkedIn docs "Error handling" and "Authentication"; texts and codes as observed on the live API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request the sandbox turns down: status, JSON body and extra headers of the answer."""

    def __init__(self, status: int, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('message', body.get('error', ''))}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def plain(status: int, message: str) -> Refusal:
    """Rest.li's own shape, `message` and `status`."""
    return Refusal(status, {"message": message, "status": status})


def token_refused(code: str) -> Refusal:
    """401 with one of LinkedIn's four codes for a token it does not take."""
    number, message = _TOKEN_ERRORS[code]
    return Refusal(401, {"status": 401, "serviceErrorCode": number, "code": code, "message": message})


_TOKEN_ERRORS = {
    "INVALID_ACCESS_TOKEN": (65600, "Invalid access token"),
    "REVOKED_ACCESS_TOKEN": (65601, "The token used in the request has been revoked by the user"),
    "EXPIRED_ACCESS_TOKEN": (65602, "The token used in the request has expired"),
    "EMPTY_ACCESS_TOKEN": (65604, "Empty oauth2 access token"),
}


def access_denied(resource: str, method: str, version: str) -> Refusal:
    """403 of the gateway: the token lacks the scope for this resource."""
    message = f"Not enough permissions to access: {resource}.{method}.{version}"
    return Refusal(403, {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message})


def no_role() -> Refusal:
    """403 of the ads backend: the member has no role on the account."""
    message = "Member does not have permission on the requested entity"
    return Refusal(
        403,
        {
            "errorDetailType": "com.linkedin.common.error.Forbidden",
            "code": "NO_PERMISSION_ON_ENTITY",
            "message": message,
            "status": 403,
        },
    )


def not_found(message: str = "Entity not found") -> Refusal:
    return Refusal(404, {"status": 404, "code": "NOT_FOUND", "message": message})


def version_missing() -> Refusal:
    message = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
    body = {"status": 400, "code": "VERSION_MISSING", "message": message}
    return Refusal(400, body, headers={"X-Restli-Gateway-Error": "true"})


def version_gone(version: str) -> Refusal:
    """426; LinkedIn echoes the version as a day, `20250401`."""
    body = {"status": 426, "code": "NONEXISTENT_VERSION", "message": f"Requested version {version}01 is not active"}
    return Refusal(426, body, headers={"X-Restli-Gateway-Error": "true"})


def missing_param(name: str) -> Refusal:
    return plain(400, f"Parameter '{name}' is required")


def invalid_param(name: str) -> Refusal:
    return plain(400, f"Parameter '{name}' is invalid")


def not_projectable(field: str, schema: str) -> Refusal:
    return plain(400, f"Projected field '{field}' not present in schema '{schema}'")


def param_not_allowed(name: str) -> Refusal:
    return _bad_request(
        "Invalid param. Please see errorDetails for more information.", _input(name, "QUERY_PARAM_NOT_ALLOWED")
    )


def illegal_argument(name: str, description: str) -> Refusal:
    return _bad_request(
        "Invalid param. Please see errorDetails for more information.", _input(name, "ILLEGAL_ARGUMENT", description)
    )


def field_invalid(path: str, description: str) -> Refusal:
    return _bad_request("Multiple errors occurred during param validation.", _input(path, "FIELD_INVALID", description))


def throttled(kind: str) -> Refusal:
    """429 of a daily counter; LinkedIn sends neither `Retry-After` nor `X-RateLimit-*` (observed 2026)."""
    message = f"Resource level throttle {kind} DAY limit for calls to this resource is reached."
    return Refusal(429, {"message": message, "serviceErrorCode": 101, "status": 429})


def too_many_values() -> Refusal:
    message = (
        "The data request limit has been exceeded. "
        "More than 45 million metric values were requested in a 5-minute window."
    )
    return Refusal(429, {"message": message, "serviceErrorCode": 101, "status": 429})


def too_long(status: int) -> Refusal:
    """A report over more days than the backend can add up in time."""
    messages = {400: "Request timed out. Please narrow the date range", 413: "Response too large"}
    return plain(status, messages.get(status, "Gateway timeout"))


def oauth_error(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": description})


def _input(path: str, code: str, description: str = "") -> dict[str, Any]:
    fault: dict[str, Any] = {"code": code}
    if description:
        fault["description"] = description
    return {**fault, "input": {"inputPath": {"fieldPath": path}}}


def _bad_request(message: str, *inputs: dict[str, Any]) -> Refusal:
    return Refusal(
        400,
        {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": message,
            "errorDetails": {"inputErrors": list(inputs)},
            "status": 400,
        },
    )
