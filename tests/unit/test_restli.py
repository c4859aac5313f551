"""Rest.li on the wire: golden URLs, an independent decoder, and what every refusal means."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.linkedin.restli import Meaning, Plain, encode, headers, next_midnight, query, refusal
from workbench.logs import hide

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (["a", "b", "c"], "List(a,b,c)"),
        ([], "List()"),
        ("", "''"),
        ("two words", "two%20words"),
        (" t?':,*!", "%20t%3F%27%3A%2C%2A%21"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        ("urn:li:sponsoredCampaign:187650001", "urn%3Ali%3AsponsoredCampaign%3A187650001"),
        ("urn:li:staffCountRange:(11,50)", "urn%3Ali%3AstaffCountRange%3A%2811%2C50%29"),
        ({"k2": "urn:li:app:123", "k3": [1, 2]}, "(k2:urn%3Ali%3Aapp%3A123,k3:List(1,2))"),
        ({"a key:": "x"}, "(a%20key%3A:x)"),
        (date(2026, 10, 1), "(year:2026,month:10,day:1)"),
        ({"status": {"values": ["ACTIVE", "PAUSED"]}}, "(status:(values:List(ACTIVE,PAUSED)))"),
        (Plain("dateRange,pivotValues,impressions"), "dateRange,pivotValues,impressions"),
        ("DgGerr1iVQ+/=", "DgGerr1iVQ%2B%2F%3D"),
        ("Zürich 🚲", "Z%C3%BCrich%20%F0%9F%9A%B2"),
    ],
)
def test_a_value_has_exactly_one_spelling_on_the_wire(value: Any, wire: str) -> None:
    assert encode(value) == wire


def test_the_documented_analytics_request_is_reproduced_to_the_letter() -> None:
    asked = query(
        {
            "q": "analytics",
            "pivot": "CAMPAIGN",
            "timeGranularity": "DAILY",
            "dateRange": {"start": date(2026, 10, 1), "end": date(2026, 10, 31)},
            "campaigns": ["urn:li:sponsoredCampaign:187650001", "urn:li:sponsoredCampaign:187650002"],
            "fields": Plain("dateRange,pivotValues,impressions,clicks,costInLocalCurrency"),
        }
    )
    assert asked == (
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY"
        "&dateRange=(start:(year:2026,month:10,day:1),end:(year:2026,month:10,day:31))"
        "&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A187650001,urn%3Ali%3AsponsoredCampaign%3A187650002)"
        "&fields=dateRange,pivotValues,impressions,clicks,costInLocalCurrency"
    )


LEAVES = st.text() | st.integers() | st.booleans()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4)
)


@given(VALUES)
def test_what_is_encoded_can_be_decoded_by_the_rules_of_the_protocol(value: Any) -> None:
    assert decode(encode(value)) == _as_text(value)


@given(VALUES)
def test_the_http_library_sends_a_query_as_it_was_encoded(value: Any) -> None:
    asked = query({"q": value})
    assert httpx.URL(f"http://localhost/rest/x?{asked}").raw_path == f"/rest/x?{asked}".encode()


def test_every_request_names_version_and_protocol_and_accepts_gzip() -> None:
    assert headers("202607") == {
        "LinkedIn-Version": "202607",
        "X-Restli-Protocol-Version": "2.0.0",
        "Accept-Encoding": "gzip",
    }
    assert headers("202607", "FINDER")["X-RestLi-Method"] == "FINDER"


DAY = "Resource level throttle {} limit for calls to this resource is reached."
MILLIONS = (
    "The data request limit has been exceeded. More than 45 million metric values were requested in a 5-minute window."
)
REFUSALS = [
    (429, {"message": DAY.format("APPLICATION DAY"), "serviceErrorCode": 101, "status": 429}, Meaning.QUOTA),
    (429, {"message": DAY.format("MEMBER DAY"), "serviceErrorCode": 101, "status": 429}, Meaning.QUOTA),
    (429, {"message": DAY.format("APPLICATION_AND_MEMBER DAY"), "status": 429}, Meaning.QUOTA),
    (429, {"message": MILLIONS, "status": 429}, Meaning.METRIC_VALUES),
    (429, {"message": "Resource level throttle limit for calls to this resource is reached."}, Meaning.BUSY),
    (429, {"status": 429, "code": "TOO_MANY_REQUESTS", "message": "Slow down"}, Meaning.BUSY),
    (429, None, Meaning.BUSY),
    (401, {"status": 401, "serviceErrorCode": 65600, "code": "INVALID_ACCESS_TOKEN", "message": "No"}, Meaning.TOKEN),
    (401, {"status": 401, "code": "EXPIRED_ACCESS_TOKEN", "message": "The token has expired"}, Meaning.TOKEN),
    (403, {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": "No role"}, Meaning.FORBIDDEN),
    (426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": "20250401 is not active"}, Meaning.VERSION),
    (400, {"status": 400, "code": "VERSION_MISSING", "message": "A version must be present."}, Meaning.VERSION),
    (400, {"message": "Parameter 'account' is required", "status": 400}, Meaning.REFUSED),
    (
        400,
        {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": "Invalid param. Please see errorDetails for more information.",
            "errorDetails": {"inputErrors": [{"code": "QUERY_PARAM_NOT_ALLOWED"}]},
            "status": 400,
        },
        Meaning.REFUSED,
    ),
    (404, {"message": "Not found", "status": 404}, Meaning.REFUSED),
    (414, None, Meaning.REFUSED),
    (302, None, Meaning.REFUSED),
    (204, None, Meaning.REFUSED),
    *((status, None, Meaning.PASSING) for status in (408, 500, 502, 503, 504)),
]


@pytest.mark.parametrize("code", ["a\ud800b", "a\0b", "x" * 10**6, "\x1b[2J", "two words", 7, None, ["A"], {}])
def test_a_code_that_is_no_word_is_none(code: object) -> None:
    answer = refusal(400, {}, json.dumps({"code": code, "message": "no"}).encode(), NOW)

    assert (answer.code, str(answer)) == (None, "LinkedIn answered 400: no")


def test_a_secret_that_linkedin_repeats_is_hidden_before_anything_is_cut() -> None:
    secret = "canary-" + "t" * 300
    hide(secret)
    answer = refusal(400, {}, json.dumps({"code": secret, "message": f"the token {secret} is bad"}).encode(), NOW)

    assert (answer.code, answer.message) == (None, "the token [hidden] is bad")


@given(st.text(), st.text() | st.integers() | st.lists(st.text()))
def test_whatever_stands_in_a_refusal_every_log_and_database_can_hold_it(code: str, message: object) -> None:
    said = str(refusal(400, {}, json.dumps({"code": code, "message": message}).encode(), NOW))

    assert "\0" not in said
    assert said.encode("utf-8").decode() == said


@pytest.mark.parametrize(("status", "body", "meaning"), REFUSALS)
def test_every_family_of_error_bodies_is_understood(status: int, body: Any, meaning: Meaning) -> None:
    answer = refusal(status, {}, b"" if body is None else json.dumps(body).encode(), NOW)
    members = body or {}
    assert (answer.meaning, answer.status, answer.code, answer.message, answer.retry_after) == (
        meaning,
        status,
        members.get("code"),
        members.get("message", ""),
        None,
    )


@pytest.mark.parametrize(
    "body",
    [b"<html><h1>504 Gateway Time-out</h1></html>", b"", b"\xff\xfe", b"null", b"[]", b'"DAY"', b"{", b"[" * 100_000],
)
def test_a_body_that_is_not_ours_to_understand_leaves_the_status_to_speak(body: bytes) -> None:
    answer = refusal(503, {}, body, NOW)
    assert (answer.meaning, answer.message, str(answer)) == (Meaning.PASSING, "", "HTTP 503.")


def test_what_no_log_and_no_database_can_hold_is_taken_out_of_the_message() -> None:
    body = rb'{"message": "a\u0000b\ud800c\nFAKE line", "code": 7, "status": 400}'
    answer = refusal(400, {}, body, NOW)
    assert (answer.message, answer.code) == ("a b?c FAKE line", None)


@given(
    st.integers(100, 599),
    st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["message", "code", "status"]) | st.text(), inner)
        ),
    ).map(lambda value: json.dumps(value).encode()),
    st.text() | st.none(),
)
def test_no_answer_at_all_is_too_odd_to_have_a_meaning(status: int, body: bytes, after: str | None) -> None:
    answer = refusal(status, {} if after is None else {"retry-after": after}, body, NOW)
    assert isinstance(answer.meaning, Meaning)
    assert str(answer).encode()
    assert answer.retry_after is None or answer.retry_after >= 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("17", 17.0),
        (" 17 ", 17.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("9" * 400, float("inf")),
        ("9" * 5_000, float("inf")),
        ("1.5", None),
        ("soon", None),
        ("1_0", None),
        ("Tue, 24 Nov 2026 09:30:40 GMT", 40.0),
        ("Tue, 24 Nov 2026 09:30:40", 40.0),
        ("Tue, 24 Nov 2026 10:30:40 +0100", 40.0),
        ("Tue, 24 Nov 2015 09:30:40 GMT", 0.0),
        ("Sat, 01 Jan 99999999999999 00:00:00 GMT", None),
        ("Tue, 24 Nov 2026 09:30:40 +99999999999", None),
        ("Tue, 32 Nov 2026 09:30:40 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nonsense_is_nothing(header: str | None, seconds: float | None) -> None:
    answer = refusal(429, {} if header is None else {"retry-after": header}, b"", NOW)
    assert answer.retry_after == seconds


@given(st.integers(0, 4 * 10**9), st.timezones())
def test_midnight_is_utc_midnight_and_at_most_a_day_away(seconds: int, zone: tzinfo) -> None:
    now = datetime.fromtimestamp(seconds, zone)
    midnight = next_midnight(now)
    assert (midnight.hour, midnight.minute, midnight.utcoffset()) == (0, 0, timedelta())
    assert timedelta() < midnight - now.astimezone(UTC) <= timedelta(days=1)


def decode(wire: str) -> Any:
    """Rest.li 2.0 read back, leaves as text: written from the protocol, not from the encoder."""
    value, rest = _decode(wire)
    assert rest == ""
    return value


def _decode(wire: str) -> tuple[Any, str]:
    if wire.startswith("List("):
        return _members(wire.removeprefix("List("), _decode, list)
    if wire.startswith("("):
        return _members(wire.removeprefix("("), _pair, dict)
    end = next((place for place, letter in enumerate(wire) if letter in "(),:"), len(wire))
    leaf = wire[:end]
    return "" if leaf == "''" else unquote(leaf, errors="strict"), wire[end:]


def _pair(wire: str) -> tuple[tuple[str, Any], str]:
    key, rest = _decode(wire)
    assert rest[0] == ":"
    value, rest = _decode(rest[1:])
    return (key, value), rest


def _members(wire: str, one: Any, kind: type) -> tuple[Any, str]:
    members = []
    while not wire.startswith(")"):
        member, wire = one(wire)
        members.append(member)
        wire = wire.removeprefix(",")
    return kind(members), wire[1:]


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_text(member) for member in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
