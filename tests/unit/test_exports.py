"""Tables as files: what stands in them beside the rows, and how the same is written in each format."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

from workbench.pages.components.exports import NOWHERE, Origin, encode

ORIGIN = Origin(date(2026, 11, 1), date(2026, 11, 28), lambda: "20261129T060000Z", lambda: {"Window": "1–28 Nov"})
COLUMNS = {"name": "Ad set", "cost_in_local_currency": "Spend", "ctr": "CTR", "trend": "Spend by day"}
ROWS = pl.DataFrame(
    {
        "account_id": [508310000],
        "campaign_id": [186410000],
        "name": ["=1+1"],
        "cost_in_local_currency": [Decimal("12.345678")],
        "ctr": [1 / 3],
        "trend": ["1 2"],
        "hidden": ["no"],
    }
)


def encoded(form: str, currency: str = "EUR") -> bytes:
    return encode(form, ROWS, COLUMNS, name="ad_sets", currency=currency, origin=ORIGIN)


def test_a_file_has_ids_currency_days_and_snapshot_under_the_pages_headings() -> None:
    (row,) = csv.DictReader(io.StringIO(encoded("csv").decode("utf-8-sig")))
    assert row == {
        "Account id": "508310000",
        "Ad set id (API: campaign)": "186410000",
        "Ad set": "'=1+1",
        "Spend": "12.35",
        "CTR": "0.333333",
        "Currency": "EUR",
        "First day": "2026-11-01",
        "Last day": "2026-11-28",
        "Snapshot": "20261129T060000Z",
    }


@pytest.mark.parametrize(("currency", "spend"), [("EUR", "12.35"), ("JPY", "12"), ("KWD", "12.346"), ("CLF", "12.35")])
def test_money_has_the_decimals_of_its_currency(currency: str, spend: str) -> None:
    (row,) = csv.DictReader(io.StringIO(encoded("csv", currency).decode("utf-8-sig")))
    assert row["Spend"] == spend


def test_excel_explains_its_columns_and_holds_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(encoded("xlsx")))
    assert book.sheetnames == ["Ad sets", "Columns", "About"]
    names = {row[0].value: row[1].value for row in book["Columns"].iter_rows(min_row=2)}
    assert names["Spend"] == "cost_in_local_currency"
    assert names["Ad set id (API: campaign)"] == "campaign_id"
    assert [cell.value for cell in book["About"][2]] == ["Window", "1–28 Nov"]
    cells = {cell.value: cell.data_type for cell in book["Ad sets"][2]}
    assert cells["=1+1"] == "s"
    assert cells["186410000"] == "s"


def test_parquet_keeps_names_of_columns_and_exact_money() -> None:
    stored = pl.read_parquet(io.BytesIO(encoded("parquet"))).row(0, named=True)
    assert stored["cost_in_local_currency"] == Decimal("12.345678")
    assert (stored["campaign_id"], stored["last_day"], stored["currency"]) == (186410000, date(2026, 11, 28), "EUR")


def test_a_files_name_says_what_it_is() -> None:
    assert ORIGIN.file_name("ad_sets", "EUR") == "ad_sets_EUR_2026-11-01_2026-11-28"
    assert NOWHERE.file_name("new_days", None) == "new_days"
