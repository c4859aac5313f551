"""The gateway in front of the API: limits, tunnelling, token, version, protocol, quota, and the route to an endpoint.

Headers are checked in the order token → version → protocol → permission; LinkedIn does not document one.
Source: LinkedIn docs "Protocol version", "Query tunneling", "Versioning".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workbench.sandbox.api import analytics, entities, targeting
from workbench.sandbox.api.calls import Call, Endpoint
from workbench.sandbox.api.quotas import Throttles
from workbench.sandbox.oauth.authority import Authority
from workbench.sandbox.refusals import Refusal, not_found, plain, version_gone, version_missing
from workbench.sandbox.switches import Switches
from workbench.sandbox.world.world import World

MAX_QUERY = 4_096
MAX_URL = 8_192
MAX_SEGMENT = 4_096
_FORM = "application/x-www-form-urlencoded"

_KEY = r"(?P<{}>[^/]+)"
_ACCOUNT = "/rest/adAccounts/" + _KEY.format("account")
_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("/rest/adAccounts", "adAccounts", entities.accounts),
    (_ACCOUNT, "adAccounts", entities.account),
    ("/rest/adAccountUsers", "adAccountUsers", entities.account_users),
    (_ACCOUNT + "/adCampaignGroups", "adCampaignGroups", entities.groups),
    (_ACCOUNT + "/adCampaignGroups/" + _KEY.format("id"), "adCampaignGroups", entities.group),
    (_ACCOUNT + "/adCampaigns", "adCampaigns", entities.campaigns),
    (_ACCOUNT + "/adCampaigns/" + _KEY.format("id"), "adCampaigns", entities.campaign),
    (_ACCOUNT + "/creatives", "creatives", entities.creatives),
    (_ACCOUNT + "/creatives/" + _KEY.format("id"), "creatives", entities.creative),
    ("/rest/creatives", "creatives", entities.creatives_without_account),
    ("/rest/adCreatives", "adCreatives", entities.retired),
    ("/rest/adAnalytics", "adAnalytics", analytics.report),
    ("/rest/adTargetingEntities", "adTargetingEntities", targeting.entities),
    ("/rest/posts", "posts", entities.posts),
    ("/rest/posts/" + _KEY.format("id"), "posts", entities.post),
    ("/rest/me", "me", entities.me),
    ("/rest/conversions", "conversions", entities.conversions),
    ("/rest/leadForms", "leadForms", entities.lead_forms),
)
_COMPILED = [(re.compile(pattern), name, endpoint) for pattern, name, endpoint in _ROUTES]


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An HTTP request as it came in; `path` and `query` as sent, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


def endpoint_name(path: str) -> str:
    """The resource a path belongs to, for counters, quotas and faults."""
    return next((name for pattern, name, _ in _COMPILED if pattern.fullmatch(path)), path.rpartition("/")[2])


class Gateway:
    """Answers API requests with JSON text.

    Raises:
        Refusal: from `answer`, for everything that LinkedIn would turn down.
    """

    def __init__(self, world: World, authority: Authority, switches: Switches, throttles: Throttles) -> None:
        self._world, self._authority = world, authority
        self._switches, self._throttles = switches, throttles

    def answer(self, incoming: Incoming) -> bytes:
        """The JSON answer to a request."""
        query = _query(incoming)
        token = self._authority.token_of(incoming.headers.get("authorization"))
        version = self._version(incoming)
        protocol = _protocol(incoming)
        name, endpoint, keys = _route(incoming.path)
        self._throttles.call(name)
        call = Call(
            world=self._world,
            switches=self._switches,
            throttles=self._throttles,
            token=token,
            version=version,
            protocol=protocol,
            path=incoming.path,
            query=query,
            keys=keys,
        )
        found = endpoint(call)
        return found if isinstance(found, bytes) else json.dumps(found, separators=(",", ":")).encode()

    def _version(self, incoming: Incoming) -> str:
        version = incoming.headers.get("linkedin-version", "")
        if not version:
            raise version_missing()
        sunset = self._switches.versions.get(version)
        if sunset is None or self._world.clock.today >= date.fromisoformat(sunset):
            raise version_gone(version)
        return version


def _query(incoming: Incoming) -> str:
    """The query string, from the URL or from the body of a tunnelled GET."""
    _check_size(incoming)
    if incoming.method == "GET":
        return incoming.query
    if incoming.method != "POST" or incoming.headers.get("x-http-method-override", "").upper() != "GET":
        raise plain(405, "The sandbox only reads")
    if "content-length" not in incoming.headers:
        raise plain(411, "Content-Length is required")
    if incoming.headers.get("content-type", "").partition(";")[0] != _FORM or incoming.query:
        raise plain(400, "A tunnelled query belongs into a form-encoded body, and nowhere else")
    try:
        return incoming.body.decode("ascii")
    except UnicodeDecodeError as error:
        raise plain(400, "The tunnelled query is not percent-encoded") from error


def _check_size(incoming: Incoming) -> None:
    too_long = (
        len(incoming.query) > MAX_QUERY
        or len(incoming.path) + 1 + len(incoming.query) > MAX_URL
        or any(len(segment) > MAX_SEGMENT for segment in incoming.path.split("/"))
    )
    if too_long:
        raise plain(414, "Request-URI Too Long")


def _protocol(incoming: Incoming) -> str:
    """The request's Rest.li protocol version (1.0.0 without the header); unknown versions are refused."""
    protocol = incoming.headers.get("x-restli-protocol-version", "1.0.0")
    if protocol not in ("1.0.0", "2.0.0"):
        raise plain(400, f"Rest.li protocol version {protocol} is not supported")
    return protocol


def _route(path: str) -> tuple[str, Endpoint, Mapping[str, str]]:
    for pattern, name, endpoint in _COMPILED:
        match = pattern.fullmatch(path)
        if match:
            return name, endpoint, match.groupdict()
    raise _no_resource(path)


def _no_resource(path: str) -> Refusal:
    return not_found(f"No virtual resource found for {path}")
