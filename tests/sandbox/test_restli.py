"""The Rest.li parser against the rules it enforces, and against whatever text there is."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sandbox.api.restli import Malformed, Query, parse_value, split_projection
from workbench.sandbox.refusals import Refusal


def spelled(value):
    """The wire form, by the rules of the vendor's documentation."""
    if isinstance(value, list):
        return "List(" + ",".join(map(spelled, value)) + ")"
    if isinstance(value, dict):
        return "(" + ",".join(f"{spelled(key)}:{spelled(item)}" for key, item in value.items()) + ")"
    return quote(value, safe="") if value else "''"


texts = st.text(st.characters(codec="utf-8"), max_size=30)
values = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_what_is_spelled_by_the_rules_is_read_back(value):
    assert parse_value(spelled(value)) == value


@given(st.text("Lit()(),,::'%2Cab'", max_size=40))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(Malformed):
        parse_value(text)


@given(texts, st.sampled_from("(),:"), texts)
def test_reserved_characters_must_be_encoded_inside_a_value(before, mark, after):
    text = before + mark + after
    raw = quote(text, safe="(),:")
    with contextlib.suppress(Malformed):
        assert parse_value(raw) != text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("List()", []),
        ("List(1,2,3)", ["1", "2", "3"]),
        ("''", ""),
        ("a+b", "a+b"),
        ("(k2:urn%3Ali%3Aapp%3A123,k3:List(1,2))", {"k2": "urn:li:app:123", "k3": ["1", "2"]}),
        ("%20t%3F%27%3A%2C%2A%21", " t?':,*!"),
        ("urn%3Ali%3AstaffCountRange%3A%2811%2C50%29", "urn:li:staffCountRange:(11,50)"),
        (
            "(status:(values:List(ACTIVE)),test:false)",
            {"status": {"values": ["ACTIVE"]}, "test": "false"},
        ),
    ],
)
def test_the_documented_forms_are_read(text, value):
    assert parse_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "List(",
        "List(,)",
        "List(a,)",
        "(a)",
        "(a:1,a:2)",
        "(a:1",
        "urn:li:app:1",
        "a%2",
        "%ff",
        "it's",
        "a)",
        "List(a)b",
        "(" * 40,
    ],
)
def test_malformed_text_is_refused(text):
    with pytest.raises(Malformed):
        parse_value(text)


def refused(query: str, read, **options):
    with pytest.raises(Refusal) as caught:
        read(Query(query, allowed=("a", "fields"), **options))
    return caught.value.status, caught.value.body


def test_a_double_encoded_list_is_a_scalar_where_a_list_is_expected():
    status, body = refused("a=List%28urn%253Ali%253AsponsoredAccount%253A1%29", lambda query: query.urns("a"))
    assert status == 400
    assert body["errorDetails"]["inputErrors"] == [
        {
            "code": "FIELD_INVALID",
            "description": "ERROR :: /value :: array type is not backed by a DataList",
            "input": {"inputPath": {"fieldPath": "a/value"}},
        }
    ]


def test_a_double_encoded_urn_is_no_urn():
    status, body = refused("a=List(urn%253Ali%253AsponsoredAccount%253A1)", lambda query: query.urns("a"))
    assert (status, body["errorDetails"]["inputErrors"][0]["code"]) == (400, "FIELD_INVALID")


def test_a_urn_of_another_kind_is_refused():
    status, _ = refused("a=List(urn%3Ali%3Ashare%3A1)", lambda query: query.urns("a", "sponsoredAccount"))
    assert status == 400


def test_protocol_one_knows_no_lists():
    status, _ = refused("a=List(urn%3Ali%3Ashare%3A1)", lambda query: query.urns("a"), protocol="1.0.0")
    assert status == 400


@pytest.mark.parametrize("name", ["accounts[0]", "dateRange.start.year", "pivotValue"])
def test_parameters_the_endpoint_does_not_have_are_refused(name):
    status, body = refused(f"{name}=1", lambda query: None)
    assert status == 400
    assert body["errorDetails"]["inputErrors"] == [
        {"code": "QUERY_PARAM_NOT_ALLOWED", "input": {"inputPath": {"fieldPath": name}}}
    ]


def test_a_repeated_parameter_is_refused():
    status, body = refused("a=1&a=2", lambda query: None)
    assert (status, body["errorDetails"]["inputErrors"][0]["code"]) == (400, "ILLEGAL_ARGUMENT")


def test_an_encoded_comma_in_fields_names_the_field_that_is_not_there():
    status, body = refused("fields=a%2Cb", lambda query: query.fields("com.example.Schema"))
    message = "Projected field 'a%2Cb' not present in schema 'com.example.Schema'"
    assert (status, body) == (400, {"message": message, "status": 400})


def test_enums_are_read_plain_and_wrapped():
    for text in ("a=DAILY", "a=(value:DAILY)"):
        assert Query(text, allowed=("a",)).enum("a", ("DAILY",)) == "DAILY"


def test_projections_split_at_outer_commas_only():
    assert split_projection("id,form:(name,id),x") == ["id", "form:(name,id)", "x"]
