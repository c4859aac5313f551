from __future__ import annotations

import csv
import html
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analytics import formatting
from workbench.errors import several

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (formatting.number(1234567), "1,234,567"),
        (formatting.number(None), "n/a"),
        (formatting.number(float("nan")), "n/a"),
        (formatting.number(float("inf")), "n/a"),
        (formatting.number(-0.2), "0"),
        (formatting.money(Decimal("1234.5"), "EUR"), "€1,234.50"),
        (formatting.money(Decimal("1234.5"), "JPY"), "¥1,234"),
        (formatting.money(Decimal("-3.999"), "USD"), "−$4.00"),
        (formatting.money(Decimal("12"), "CHF"), "CHF 12.00"),
        (formatting.money(Decimal("1.2345"), "KWD"), "KWD 1.234"),
        (formatting.money(Decimal("12"), None), "12.00"),
        (formatting.money(None, "EUR"), "n/a"),
        (formatting.money(Decimal("99999999999999999999.123456789012345678"), "EUR"), "€99,999,999,999,999,999,999.12"),
        (formatting.percent(0.01234), "1.23 %"),
        (formatting.percent(None), "n/a"),
        (formatting.change(0.123), "+12.3 %"),
        (formatting.change(-0.5), "−50.0 %"),
        (formatting.change(0), "0.0 %"),
        (formatting.metric("ctr", 0.01), "1.00 %"),
        (formatting.metric("cost_in_usd", 5, "EUR"), "$5.00"),
        (formatting.metric("roas", 2.345), "2.34"),
        (formatting.day(date(2026, 11, 22)), "22 Nov 2026"),
        (formatting.days(date(2026, 11, 15), date(2026, 11, 21)), "15–21 Nov 2026"),
        (formatting.days(date(2026, 10, 28), date(2026, 11, 3)), "28 Oct – 3 Nov 2026"),
        (formatting.days(date(2025, 12, 20), date(2026, 1, 2)), "20 Dec 2025 – 2 Jan 2026"),
        (formatting.days(date(2026, 1, 2), date(2026, 1, 2)), "2 Jan 2026"),
        (formatting.age(NOW - timedelta(hours=3), NOW), "3 hours ago"),
        (formatting.age(NOW - timedelta(days=1), NOW), "1 day ago"),
        (formatting.age(NOW, NOW), "just now"),
        (formatting.size(1_234_567), "1.2 MB"),
        (formatting.term("campaign", api=True), "Ad set (API: campaign)"),
        (formatting.term("campaign_group", plural=True), "Campaigns"),
        (formatting.objective_words("WEBSITE_VISITS"), "Website visits"),
        (formatting.objective_words("SOMETHING_NEW"), "Something new"),
        (formatting.words("CAMPAIGN_END_DATE_HOLD"), "Campaign end date hold"),
        (formatting.pivot("MEMBER_COUNTRY_V2"), "Country"),
    ],
)
def test_what_people_read(said, expected):
    assert said == expected


@given(st.text())
def test_text_reads_as_itself_and_holds_no_markup(value):
    escaped = formatting.text(value)
    shown = html.unescape(escaped)
    assert not set(escaped) & set("<>\"'`*_[](){}$\\|~:@/!^=+-.\n\r")
    assert [c for c in shown if not c.isspace()] == [
        c for c in value if not c.isspace() and not (ord(c) < 32 or 127 <= ord(c) < 160)
    ]


def test_hostile_names_are_only_text():
    hostile = "<img src=x onerror=alert(1)>\n# **b** [a](javascript:x) $x$ https://example.com"
    escaped = formatting.text(hostile)
    assert html.unescape(escaped) == hostile.replace("\n", " ")
    assert escaped.startswith("&#60;img src&#61;x")
    assert formatting.text(None) == "n/a"


HOSTILE = [
    *("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "\n=1", "\u00a0=1", "\u200b=1", "\ufeff=1", '"=1', "\x00=1"),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\ufe661", "\ufe621", "\ufe631", "\ufe6b1"),
]
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_spreadsheet_never_sees_a_formula(value):
    line = formatting.csv(pl.DataFrame({"name": [value]})).decode("utf-8-sig").removeprefix("name\n")
    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("separator", [";", "\t", "\n", "; ", ";\r\n", "\x0b", "\u2028"])
@pytest.mark.parametrize(
    "formula",
    ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '"=1"', '""+1', ' "-1', "\uff1d1", "\u200b=1", '"\u2060=1'],
)
def test_nor_in_the_middle_of_a_name_where_cells_are_separated_otherwise(separator, formula):
    """Germany's spreadsheets separate by semicolons, and quotes that began in the cell before do not hold there."""
    frame = pl.DataFrame({"id": [1], "name": [f"Sale{separator}{formula}"], "holds": [["A", formula]]})

    cells = re.split(r"[;\t\r\n\x0b\u2028]", formatting.csv(frame).decode("utf-8-sig"))

    assert [cell for cell in cells if re.match(rf"[\s\"\u200b\u2060]*[{SIGNS}]", cell)] == []


@pytest.mark.parametrize("head", [*HOSTILE, "Sale;=1", 'Sale\t"=1'])
def test_nor_in_the_name_of_a_column(head):
    """A statement of one's own may pivot, which makes columns of names."""
    line = formatting.csv(pl.DataFrame({head: [1], "other, name": [2]})).decode("utf-8-sig")
    assert re.match(r"\"?'|\"?Sale[;\t]'", line)
    assert line.endswith(',"other, name"\n1,2\n')


def test_a_spreadsheet_that_separates_by_semicolons_reads_no_formula():
    frame = pl.DataFrame({"id": [1], "name": ['Sale;"=cmd"'], "kind": pl.Series(["=1"], dtype=pl.Categorical)})
    for separator in ",;":
        rows = list(csv.reader(formatting.csv(frame).decode("utf-8-sig").splitlines(), delimiter=separator))
        assert [cell for row in rows for cell in row if cell.startswith("=")] == []


def test_a_file_holds_exact_numbers_and_plain_lists():
    frame = pl.DataFrame(
        {"name": ["東京", None], "cost": [Decimal("-12.50"), Decimal("1000")], "holds": [["A", "=B"], None]},
        schema={"name": pl.String, "cost": pl.Decimal(38, 18), "holds": pl.List(pl.String)},
    )
    assert formatting.csv(frame).decode("utf-8-sig") == "name,cost,holds\n東京,-12.5,A; '=B\n,1000,\n"


def test_a_count_stands_with_its_noun() -> None:
    counts = [several(count, "day") for count in (0, 1, 2, 12_345, None)]
    assert counts == ["0 days", "1 day", "2 days", "12,345 days", "an unknown number of days"]


def test_one_entity_is_one_and_the_api_s_name_is_beside_it() -> None:
    assert formatting.counted("campaign", 1) == "1 ad set"
    assert formatting.counted("campaign_group", 1_200, api=True) == "1,200 campaigns (API: campaign groups)"


def test_what_a_terminal_or_a_mail_is_shown_of_a_table_is_one_line_that_steers_nothing():
    hostile = "a\x1b]0;title\x07\x9b31m\u202e\nforged\u2028too"
    frame = pl.DataFrame({"name": [hostile], "holds": [["ACTIVE", hostile]]})

    shown = frame.select(formatting.plain(name, kind) for name, kind in frame.schema.items()).row(0)

    assert [cell for cell in shown if any(sign in cell for sign in "\x1b\x07\x9b\u202e\n\u2028")] == []
    assert shown[1].startswith("ACTIVE; a ")
