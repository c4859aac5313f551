"""Any element at all is set aside with a reason, or the view reads it and gets it right; neighbours are kept."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

import made_snapshots
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import DataFetchError
from workbench.linkedin import ad_analytics_models, models, validation
from workbench.linkedin.kinds import Kind
from workbench.linkedin.validation import Accepted, Page, Rejected, check, split, without_repeats
from workbench.pipeline.fetch.part_builder import PartBuilder
from workbench.schema.metrics import CORE, DEMOGRAPHIC_FIELDS, MONEY_METRICS
from workbench.schema.tables import metadata
from workbench.snapshots.manifest import COMPLETE_LISTING, Part
from workbench.snapshots.views import Views

DAILY_FIELDS = {metric.name: metric.field for metric in CORE}
ACCOUNT = 512345678
DAY = date(2026, 11, 20)
ASKED = (date(2010, 1, 1), date(2030, 12, 31))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXACTLY = Context(prec=60)  # 18 digits before the point and 40 behind it; the default holds 28

# --- the model: a row as a person would read it off the element ------------------------------------------------------


def at(element: Any, *path: Any) -> Any:
    for step in path:
        if element is None:
            return None
        element = element.get(step) if isinstance(step, str) else element[step]
    return element


def number(value: Any) -> int | None:
    return None if value is None else int(str(value).rpartition(":")[2])


def money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("1e-9"), ROUND_HALF_UP, EXACTLY)


def moment(value: Any) -> datetime | None:
    return None if value is None else EPOCH + timedelta(milliseconds=value)


def budget(element: Any, name: str) -> Decimal | None:
    return money(at(element, name, "amount"))


def metrics(element: Any, columns: Mapping[str, str]) -> dict[str, Any]:
    return {
        column: (money(element.get(name)) if column in MONEY_METRICS else element.get(name)) or 0
        for column, name in columns.items()
    }


def ad_account(e: Any) -> dict[str, Any]:
    return {
        "account_id": number(e["id"]),
        **{name: e.get(name) for name in ("name", "currency", "type", "status", "reference", "test")},
        "serving_statuses": e.get("servingStatuses"),
        "created_at": moment(at(e, "changeAuditStamps", "created", "time")),
        "last_modified_at": moment(at(e, "changeAuditStamps", "lastModified", "time")),
    }


def campaign_group(e: Any) -> dict[str, Any]:
    return {
        "campaign_group_id": number(e["id"]),
        "name": e.get("name"),
        "status": e.get("status"),
        "objective_type": e.get("objectiveType"),
        "total_budget": budget(e, "totalBudget"),
        "daily_budget": budget(e, "dailyBudget"),
        "run_schedule_start": moment(at(e, "runSchedule", "start")),
        "run_schedule_end": moment(at(e, "runSchedule", "end")),
    }


def campaign(e: Any) -> dict[str, Any]:
    currencies = (at(e, name, "currencyCode") for name in ("dailyBudget", "totalBudget", "unitCost"))
    return {
        "campaign_id": number(e["id"]),
        "campaign_group_id": number(e.get("campaignGroup")),
        **{name: e.get(name) for name in ("name", "status", "type", "format", "test")},
        "serving_statuses": e.get("servingStatuses"),
        "cost_type": e.get("costType"),
        "unit_cost": budget(e, "unitCost"),
        "daily_budget": budget(e, "dailyBudget"),
        "total_budget": budget(e, "totalBudget"),
        "currency": next((currency for currency in currencies if currency is not None), None),
        "offsite_delivery_enabled": e.get("offsiteDeliveryEnabled"),
        "run_schedule_start": moment(at(e, "runSchedule", "start")),
    }


def creative(e: Any) -> dict[str, Any]:
    return {
        "creative_id": number(e["id"]),
        "campaign_id": number(e.get("campaign")),
        "intended_status": e.get("intendedStatus"),
        "is_serving": e.get("isServing"),
        "serving_hold_reasons": e.get("servingHoldReasons"),
        "review_status": at(e, "review", "status"),
        "created_at": moment(e.get("createdAt")),
    }


def daily(e: Any) -> dict[str, Any]:
    day = e["dateRange"]["start"]
    key = {"campaign_id": number(e["pivotValues"][0]), "date": date(day["year"], day["month"], day["day"])}
    return {**key, **metrics(e, DAILY_FIELDS)}


def demographic(e: Any) -> dict[str, Any]:
    return {"segment_urn": e["pivotValues"][0], **metrics(e, DEMOGRAPHIC_FIELDS)}


# --- good elements, one kind at a time -------------------------------------------------------------------------------

STAMPS = {"created": {"time": 1700000000000}, "lastModified": {"time": 1763000000123}}
AMOUNT = {"amount": "1250.00", "currencyCode": "USD"}
CALENDAR_DAY = {"year": DAY.year, "month": DAY.month, "day": DAY.day}


@dataclass
class Sort:
    resource: str
    kind: Kind
    good: Callable[[int], dict[str, Any]]
    row: Callable[[Any], dict[str, Any]]
    key: str


SORTS = [
    Sort(
        "ad_accounts",
        models.AD_ACCOUNT,
        lambda n: {
            "id": n, "name": "Zoë's \"Ads\" <b>🚲</b>", "currency": "EUR", "type": "BUSINESS", "status": "ACTIVE",
            "servingStatuses": ["RUNNABLE"], "reference": "urn:li:organization:77", "test": False,
            "changeAuditStamps": STAMPS,
        },
        ad_account,
        "account_id",
    ),
    Sort(
        "campaign_groups",
        models.CAMPAIGN_GROUP,
        lambda n: {
            "id": n, "name": "Autumn", "status": "ACTIVE", "totalBudget": AMOUNT, "dailyBudget": None,
            "runSchedule": {"start": 1700000000000, "end": None}, "objectiveType": "LEAD_GENERATION",
            "changeAuditStamps": STAMPS,
        },
        campaign_group,
        "campaign_group_id",
    ),
    Sort(
        "campaigns",
        models.CAMPAIGN,
        lambda n: {
            "id": n, "campaignGroup": "urn:li:sponsoredCampaignGroup:600000001", "name": "A", "status": "PAUSED",
            "servingStatuses": ["STOPPED", "CAMPAIGN_TOTAL_BUDGET_HOLD"], "type": "SPONSORED_UPDATES",
            "format": "STANDARD_UPDATE", "costType": "CPM", "unitCost": AMOUNT, "dailyBudget": AMOUNT,
            "offsiteDeliveryEnabled": True, "runSchedule": {"start": 1700000000000},
            "targetingCriteria": {"include": {"and": [{"or": {"urn:li:adTargetingFacet:x": ["urn:li:geo:1"]}}]}},
            "test": False, "changeAuditStamps": STAMPS,
        },
        campaign,
        "campaign_id",
    ),
    Sort(
        "creatives",
        models.CREATIVE,
        lambda n: {
            "id": f"urn:li:sponsoredCreative:{n}", "campaign": "urn:li:sponsoredCampaign:187650001",
            "intendedStatus": "ACTIVE", "isServing": True, "servingHoldReasons": ["STOPPED"],
            "review": {"status": "APPROVED"}, "content": {"reference": "urn:li:share:1"}, "createdAt": 1700000000000,
        },
        creative,
        "creative_id",
    ),
    Sort(
        "campaign_daily_metrics",
        ad_analytics_models.DAILY_METRICS,
        lambda n: {
            "dateRange": {"start": CALENDAR_DAY, "end": CALENDAR_DAY},
            "pivotValues": [f"urn:li:sponsoredCampaign:{n}"],
            **{name: "142.310000000000000123" if column in MONEY_METRICS else n % 89
               for column, name in DAILY_FIELDS.items()},
        },
        daily,
        "campaign_id",
    ),
    Sort(
        "audience_demographics",
        ad_analytics_models.DEMOGRAPHICS,
        lambda n: {
            "pivotValues": [f"urn:li:title:{n}"], "impressions": 12, "clicks": 3, "costInLocalCurrency": "-2E-18",
        },
        demographic,
        "segment_urn",
    ),
]  # fmt: skip

# --- wild ones: good elements with something in them that no one promised --------------------------------------------


@dataclass(frozen=True)
class Verbatim:
    """JSON, or what passes for it, as it stands."""

    text: bytes


ODD = [
    b"null", b"true", b"false", b"0", b"-1", b"-0", b"1.0", b"1.5", b"1e3", b"1e25", b"1E400", b"-1e999", b"1e-999",
    b"1e200000", b"NaN", b"Infinity", b"-Infinity", b"999999999999999999", b"1000000000000000000", b"9" * 25,
    b"9" * 400, b"9" * 5000, b"253402300799999", b"253402300800000", b'""', b'"0"', b'"12"', b'"12.5"', b'"-2E-18"',
    b'"1e25"', b'"1E-400"', b'"0.1234567890123456789012345678"', b'"123456789012345678.5"', b'"1234567890123456789"',
    b'"twelve"', b'"1,5"', b'" 1"', b'"1 "', b'"+1"', b'"NaN"', b'"0x1F"', b'"1e5"', b'".5"', b'"5."', b'"1_0"',
    b'"ACTIVE"', b'"A_STATUS_OF_2031"', b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud83d\\ude00"',
    b'"\\\\ud800"',
    b'"\\u202e\\u2066"', b'"\x00"', b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\t"', b'"\n"', b'"\\q"', b'"\\"',
    b'"\xe2\x80\xa8"', b'"\\":"', b'"urn:li:sponsoredCampaign:12"', b'"urn:li:sponsoredCreative:0012"', b'"urn:li:x:"',
    b'"urn:li:sponsoredCampaign:12\\n"', b'"urn:li:sponsoredCampaign:99999999999999999999"',
    b'"' + b"x" * 100_001 + b'"',
    b"[]", b"{}", b"[null]", b'["a",null]', b'["a"]', b"[[]]", b'[{"a":1}]', b'{"a":{}}', b"[" * 70 + b"]" * 70,
    b"[" * 3000 + b"]" * 3000, b'{"a":' * 70 + b"1" + b"}" * 70, b'{"amount":"1","amount":"2"}', b'{"amount":{}}',
    b'{"amount":"1.5","currencyCode":null,"new":[1e300]}', b'{"start":1,"end":-5}', b'{"created":null}',
    b'{"year":2026,"month":2,"day":30}', b'{"year":0,"month":1,"day":1}', b'{"start":{"year":2024,"month":2,"day":29}}',
    b'{"text":{"headline":["a"]}}', b'{"reference":null}', b'{"":""}', b'{"a":1,"a":1}', b'{"a":1,"\\u0061":1}', b"",
    b",",
    b"}", b'"', b"\\", b"/**/1", b"'a'", b"undefined", b"01", b"\xef\xbb\xbf1", b"1 2", b"True",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
WILD = st.sampled_from(ODD).map(Verbatim) | JSON | st.text().map(lambda text: Verbatim(json.dumps(text).encode()))


def places(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [here, *(place for key, inner in members for place in places(inner, (*here, key)))]


def put(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place[0]] = put(tree[place[0]], place[1:], value)
    return copy


def write(tree: Any) -> bytes:
    if isinstance(tree, Verbatim):
        return tree.text
    if isinstance(tree, dict):
        return b"{" + b",".join(json.dumps(key).encode() + b":" + write(value) for key, value in tree.items()) + b"}"
    if isinstance(tree, list):
        return b"[" + b",".join(map(write, tree)) + b"]"
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


@st.composite
def wild_elements(draw: st.DrawFn, sort: Sort) -> bytes:
    tree: Any = sort.good(draw(st.integers(1, 400)))
    for _ in range(draw(st.integers(0, 2))):
        tree = put(tree, draw(st.sampled_from(places(tree))), draw(WILD))
        if not isinstance(tree, dict):
            return write(tree)
    if draw(st.booleans()):
        tree = {**tree, draw(st.sampled_from(["new", "", "Impressions", "elements", "\x00", "\ud800"])): draw(WILD)}
    raw = write(tree)
    match draw(st.integers(0, 7)):
        case 0:
            raw = raw.replace(b",", b' ,\r\n"impressions" : 7,' if draw(st.booleans()) else b" ,\n ", 1)
        case 1:
            cut = draw(st.integers(0, len(raw)))
            raw = raw[:cut] + draw(st.binary(max_size=3)) + raw[cut + draw(st.integers(0, 2)) :]
    return raw


def readable(raw: bytes) -> Any:
    """The element as Python reads it, with U+FFFD where no database can hold what was sent."""
    value = json.loads(raw.replace(b"\0", "�".encode()), strict=False)
    return json.loads(re.sub("[\ud800-\udfff\0]", "�", json.dumps(value, ensure_ascii=False).replace("\\u0000", "�")))


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.resource)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_a_record_accepts_the_view_reads_and_everything_else_has_a_reason(sort: Sort, data: st.DataObject) -> None:
    neighbours = [write(sort.good(900_000_000 + n)) for n in range(3)]
    wild = data.draw(st.lists(wild_elements(sort), min_size=1, max_size=12))
    sent = [neighbours[0], *wild[: len(wild) // 2], neighbours[1], *wild[len(wild) // 2 :], neighbours[2]]
    assert len(list(check(sent, sort.kind))) == len(sent)
    verdicts = list(without_repeats(check(sent, sort.kind), {}))
    assert all(verdict.reason for verdict in verdicts if isinstance(verdict, Rejected))
    accepted = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
    assert {element.raw for element in accepted} >= set(neighbours)
    asked_for = [element for element in accepted if not_asked_for(sort.kind.key(element.record)) is None]
    expected = [sort.row(readable(element.raw)) for element in asked_for]
    assert rows_of(sort, sent) == sorted(expected, key=lambda row: str(row[sort.key]))


def not_asked_for(key: Any) -> str | None:
    """As a fetch does: a day outside the window is refused."""
    asked = not isinstance(key, tuple) or ASKED[0] <= key[1] <= ASKED[1]
    return None if asked else "not asked for"


def rows_of(sort: Sort, sent: list[bytes]) -> list[dict[str, Any]]:
    """The view's rows of elements that were buildered into a real snapshot, in the model's columns."""
    account_id = 0 if sort.resource == "ad_accounts" else ACCOUNT
    windowed = sort.resource.endswith(("metrics", "demographics"))
    pivot = "MEMBER_JOB_TITLE" if sort.resource == "audience_demographics" else None
    context = {"pivot": pivot, "window_start": "2026-11-20", "window_end": "2026-11-20"} if pivot else {}
    covers = (ASKED,) if sort.resource == "campaign_daily_metrics" else ((DAY, DAY),)
    with tempfile.TemporaryDirectory() as folder:
        into = made_snapshots.writer(Path(folder) / "20261124T060000Z", pivots=(pivot,) if pivot else ())
        part = Part(
            path=f"{sort.resource}/{account_id}.ndjson.gz",
            resource=sort.resource,
            account_id=account_id,
            pivot=pivot,
            covers=covers if windowed else COMPLETE_LISTING,
        )
        with into.new_part(str(part.path)) as file:
            builder = PartBuilder(file, part, sort.kind, context, not_asked_for)
            builder.add(sent)
            into.commit(file, part, builder.rejects)
        table = metadata.tables[sort.resource]
        with Views([into.finish(finished_at=EPOCH, api_calls=1, complete=True)], only=(table,)) as views:
            columns = list(sort.row(readable(sent[0])))
            rows = views.frame(f"from {sort.resource}").select(columns).rows(named=True)
    return sorted(rows, key=lambda row: str(row[sort.key]))


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.resource)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_the_quick_look_and_the_careful_look_agree(sort: Sort, data: st.DataObject) -> None:
    raw = data.draw(wild_elements(sort)).replace(b"\n", b" ").replace(b"\r", b" ")
    quick = validation._plain([raw], sort.kind)
    careful = validation._careful(raw, sort.kind)
    if quick is not None:
        assert careful == validation._accepted(raw, quick[0], sort.kind)


def test_an_odd_element_does_not_reject_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bytes] = []
    careful = validation._careful

    def noting(raw: bytes, kind: Kind) -> Accepted | Rejected:
        looked_at.append(raw)
        return careful(raw, kind)

    monkeypatch.setattr(validation, "_careful", noting)
    sent = [b'{"id":%d,"name":"plain"}' % number for number in range(1, 501)]
    sent[250] = b'{"id":251,"name":"a \\"quote\\""}'

    verdicts = list(check(sent, models.CAMPAIGN))

    assert [verdict.raw for verdict in verdicts] == sent
    assert sent[250] in looked_at
    assert len(looked_at) <= 20


def test_a_field_that_we_do_not_know_needs_no_careful_look() -> None:
    raw = b'{"id":1,"brandNew":{"nested":[1,2,{"deep":null}]}}'
    assert validation._plain([raw], models.CAMPAIGN) == [{"id": 1}]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.resource)
def test_a_good_element_needs_no_careful_look(sort: Sort) -> None:
    good = sort.good(7)
    good.pop("name", None)  # its quotes and blanks are odd
    assert validation._plain([json.dumps(good, separators=(",", ":")).encode()], sort.kind) == [good]


def test_numbers_inside_free_forms_stay_within_what_databases_hold() -> None:
    for number_sent in (b"1e400", b"-1e200000", b"1e-99999", b"9" * 5_000):
        raw = b'{"id":1,"targetingCriteria":{"include":' + number_sent + b"}}"
        assert isinstance(next(check([raw], models.CAMPAIGN)), Rejected), number_sent[:9]


def test_an_element_that_grows_while_it_is_made_readable_is_still_within_the_size_the_view_reads() -> None:
    raw = b'{"id":1,"new":"' + b"\0" * 600_000 + b'"}'
    assert next(check([raw], models.CAMPAIGN)) == Rejected(raw, "larger than 1,048,576 bytes")


def test_null_in_place_of_a_metric_is_unknown_and_never_zero() -> None:
    key = b'"pivotValues":["urn:li:sponsoredCampaign:7"],'
    day = b'"dateRange":{"start":{"year":2026,"month":11,"day":1},"end":{"year":2026,"month":11,"day":1}},'
    for field in (b"impressions", b"costInLocalCurrency", b"videoViews", b"registrations"):
        rejected = next(check([b"{" + key + day + b'"' + field + b'":null}'], ad_analytics_models.DAILY_METRICS))
        assert isinstance(rejected, Rejected)
        assert rejected.reason.startswith(field.decode())
    reach = b"{" + key + b'"impressions":7,"approximateMemberReach":null,"audiencePenetration":null}'
    assert isinstance(next(check([reach], ad_analytics_models.REACHED_MEMBERS)), Accepted)


def test_a_key_that_comes_twice_with_different_values_is_set_aside_and_an_identical_one_is_a_repetition() -> None:
    first, second = b'{"id":1,"name":"a"}', b'{"id":"urn:li:sponsoredCampaign:1","name":"b"}'
    verdicts = list(without_repeats(check([first, second, first], models.CAMPAIGN), {}))
    assert verdicts == [
        Accepted(first, {"id": 1, "name": "a"}, 1),
        Rejected(second, "its key came twice in one answer, with different values"),
    ]


# --- whole answers ---------------------------------------------------------------------------------------------------

ELEMENT = b'{"id":1,"name":"a]},[{b","x":[1,[2]]}'


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b'{"elements":[]}', Page([])),
        (b'{"elements":[ ],"paging":{"start":0,"count":10,"links":[]}}', Page([])),
        (b'{"elements":[%s,%s]}' % (ELEMENT, ELEMENT), Page([ELEMENT, ELEMENT])),
        (b'{"metadata":{"nextPageToken":"Dg\\u0041=="},"elements":[1]}', Page([b"1"], "DgA==")),
        (b'{"metadata":{"nextPageToken":""},"elements":[1]}', Page([b"1"])),
        (b'{"metadata":{"nextPageToken":null},"elements":[1]}', Page([b"1"])),
        (b'{"metadata":null,"elements":[1]}', Page([b"1"])),
        (b'{"elements":[{"elements":[1,2]}]}', Page([b'{"elements":[1,2]}'])),
        (b'{"elements":[{"a":NaN},%s],"metadata":{"nextPageToken":"t"}}' % ELEMENT, Page([b'{"a":NaN}', ELEMENT], "t")),
        (b'{"elements":[{"nextPageToken":"x","a":NaN}]}', Page([b'{"nextPageToken":"x","a":NaN}'])),
        (b'{"elements":[{"a":"\xff"}, %s ]}' % ELEMENT, Page([b'{"a":"\xff"}', ELEMENT])),
        (b'{"elements":[{"a":"\\q"}]}', Page([b'{"a":"\\q"}'])),
        (b'{"elements":[NaN,,1]}', Page([b"NaN", b"", b"1"])),
    ],
)
def test_an_answer_comes_apart_into_its_elements_byte_for_byte(body: bytes, page: Page) -> None:
    assert split(body) == page


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"elements"',
        b"{}",
        b'{"elements":null}',
        b'{"elements":{}}',
        b'{"elements":[1]',
        b'{"elements":[1]}}',
        b'{"elements":[1]} x',
        b'["elements",[1]]',
        b'{"value":{"elements":[1]}}',
        b'{"elements":[1],"elements":[2]}',
        b'{"elements":[NaN],"elements":[2]}',
        b'{"elements":[1],"metadata":[]}',
        b'{"elements":[1],"metadata":{"nextPageToken":5}}',
        b'{"elements":[NaN],"metadata":{"nextPageToken":5}}',
        b'{"elements":[1],"metadata":{"nextPageToken":"\\ud800"}}',
        b'{"elements":[1],"metadata":{"nextPageToken":"\\q"}}',
        b'{"elements":[1],"metadata":{"nextPageToken":"\xff"}}',
        b'{"elements":[1],"metadata":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b'{"message":"Internal error","status":500}',
        b"<!doctype html><html><head><title>LinkedIn</title></head><body>[{}]</body></html>",
        b"\x1f\x8b\x08\x00",
        b"\xef\xbb\xbf",
    ],
)
def test_what_is_no_whole_collection_is_no_answer(body: bytes) -> None:
    with pytest.raises(DataFetchError, match="cannot be read"):
        split(body)


WHOLE = b'{"metadata":{"nextPageToken":"t"},"elements":[%s,{"a":NaN},{"b":"\\""},%s]}' % (ELEMENT, ELEMENT)


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_cut_answer_is_never_taken_for_a_whole_one(length: int) -> None:
    with pytest.raises(DataFetchError):
        split(WHOLE[:length])


@given(st.binary() | JSON.map(write) | st.lists(WILD).map(lambda wild: b'{"elements":' + write(wild) + b"}"))
def test_no_body_does_more_harm_than_an_error_of_ours(body: bytes) -> None:
    try:
        page = split(body)
    except DataFetchError:
        return
    assert all(isinstance(verdict, Accepted | Rejected) for verdict in check(page.elements, models.CAMPAIGN))
    for token in [page.next_page_token] if page.next_page_token else []:
        assert token.encode()


def test_a_long_string_without_an_end_costs_no_more_than_its_length() -> None:
    with pytest.raises(DataFetchError):
        split(b'{"elements":["' + b'\\"' * 2_000_000)
