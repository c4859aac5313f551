"""Questions from the shell: the catalogue, and answers as table, CSV, JSON, Parquet and Excel."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from workbench.answers.catalogue import ANSWERS
from workbench.cli.app import main
from workbench.cli.commands import query as asking
from workbench.errors import ValidationError
from workbench.queries.api import query
from workbench.queries.sql_files import catalogue
from workbench.reports.answer_files import FORMATS

PERIOD = ("--first-day", "2026-10-01", "--last-day", "2026-11-21")
HOSTILE = '=HYPERLINK("http://example.com")'


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def daily() -> pl.DataFrame:
    return query("daily_series", source="sample", first_day=date(2026, 10, 1), last_day=date(2026, 11, 21))


def test_the_list_has_a_line_for_every_question(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "questions")

    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [*catalogue(), *ANSWERS]


def test_one_question_is_shown_with_parameters_columns_units_and_sql(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "questions", "campaign_weeks")

    assert code == 0
    assert "campaign_id (bigint)" in said
    assert "cost_in_local_currency (numeric, account currency)" in said
    assert catalogue()["campaign_weeks"].sql in said


def test_an_answer_is_shown_and_asked_like_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "questions", "pacing")

    assert code == 0
    assert "monthly_plan (numeric, null: none" in said
    assert "Columns of pacing_causes:" in said
    code, said, _ = run(capsys, "query", "pacing", "--source", "sample", "--monthly-plan", "1e3", "--format", "json")
    assert code == 0
    assert [row["account_id"] for row in json.loads(said)]
    code, _, errors = run(capsys, "query", "pacing", "--source", "sample", "--monthly-plan", "much")
    assert (code, "'much' is not a number." in errors) == (2, True)


def test_csv_and_json_hold_the_very_rows_with_exact_money(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "query", "daily_series", "--source", "sample", *PERIOD, "--format", "json")
    rows = json.loads(said, parse_float=Decimal)

    assert code == 0
    assert [row["date"] for row in rows] == [day.isoformat() for day in daily()["date"]]
    assert [Decimal(row["cost_in_local_currency"]) for row in rows] == daily()["cost_in_local_currency"].to_list()
    code, said, _ = run(capsys, "query", "daily_series", "--source", "sample", *PERIOD, "--format", "csv")
    assert code == 0
    costs = pl.read_csv(said.encode(), infer_schema=False)["cost_in_local_currency"]
    assert [Decimal(cost) for cost in costs] == daily()["cost_in_local_currency"].to_list()


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_no_name_steers_the_terminal_that_shows_an_answer_and_data_cross_a_pipe_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    hostile = "東京\u3000\x1b[31m\x07\x9b2J\u202e"
    monkeypatch.setattr(asking, "query", lambda name, **values: pl.DataFrame({"name": [hostile]}))

    with pytest.raises(SystemExit):
        main(["query", "accounts", "--source", "sample", "--format", form])
    piped = capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        main(["query", "accounts", "--source", "sample", "--format", form])

    assert "東京\u3000" in (shown := capsys.readouterr().out)
    assert [sign for sign in "\x1b\x07\x9b\u202e" if sign in shown] == []
    if form != "table":
        assert (hostile in piped) or json.loads(piped) == [{"name": hostile}]


def test_an_answer_that_goes_to_a_closed_output_is_asked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python leaves it where the descriptor was closed
    with pytest.raises(SystemExit) as ended:
        main(["query", "accounts", "--source", "sample", "--format", "csv"])
    assert not ended.value.code


def test_a_parquet_file_is_the_frame(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "days.parquet"

    code, _, said = run(capsys, "query", "daily_series", "--source", "sample", *PERIOD, "--output", str(file))

    assert (code, said) == (0, f"{daily().height} rows in {file}\n")
    assert_frame_equal(pl.read_parquet(file), daily())


def test_excel_gets_numbers_lists_as_text_and_no_formula() -> None:
    frame = pl.DataFrame(
        {"campaign_id": [9_007_199_254_740_993], "name": [HOSTILE], "cost": [Decimal("1.50")], "tags": [["a", "b"]]}
    )

    book = FORMATS["xlsx"].encode(frame)

    path = Path("answer.xlsx")
    path.write_bytes(book)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>1.5</v>" in sheet
    assert "9007199254740993" in strings
    assert "a; b" in strings


def test_excel_keeps_every_digit_of_an_id_and_says_what_it_cut(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [512_345_678],
            "count": [2**60],
            "clicks": [12],
            "day": [date(2026, 11, 1)],
            "at": [datetime(2026, 11, 1, 6, 30, tzinfo=UTC)],
            "targeting_criteria": ["x" * 40_000],
        }
    )
    path = tmp_path / "answer.xlsx"
    path.write_bytes(FORMATS["xlsx"].encode(frame))

    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = re.findall(r"<t[^>]*>(.*?)</t>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    assert {"512345678", str(2**60)} <= set(strings)
    assert (max(map(len, strings)), strings[-1][-40:].count("cut: Excel")) == (32_767, 1)
    numbers = re.findall(r"<c r=\"([C-E])2\" s=\"\d+\"><v>([^<]*)</v>", sheet)
    assert numbers == [("C", "12"), ("D", "46327"), ("E", "46327.27083333334")]  # Excel counts days from 1900


def test_more_rows_than_excel_holds_are_refused() -> None:
    with pytest.raises(ValidationError, match="does not fit"):
        FORMATS["xlsx"].encode(pl.DataFrame({"n": pl.arange(0, 2**20, eager=True)}))


def test_csv_writes_days_and_moments_as_iso_8601_and_joins_lists() -> None:
    frame = pl.DataFrame(
        {
            "day": [date(2026, 11, 1)],
            "at": [datetime(2026, 11, 1, 6, 30, tzinfo=UTC)],
            "cost": [Decimal("1.50")],
            "reasons": [["A", "B"]],
        }
    )

    written = FORMATS["csv"].encode(frame).decode("utf-8-sig")

    assert written == "day,at,cost,reasons\n2026-11-01,2026-11-01T06:30:00Z,1.5,A; B\n"


def test_the_question_may_stand_behind_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    days = ("--first-day", "2026-10-01", "--last-day=2026-11-21")
    before = run(capsys, "query", "daily_series", "--source", "sample", "--format", "csv", *days)
    behind = run(capsys, "query", "--source", "sample", "--format", "csv", *days, "daily_series")

    assert (behind, before[0]) == (before, 0)
    assert len(before[1].splitlines()) > 1


@pytest.mark.parametrize(
    ("words", "legal"),
    [
        (("demographics", "--pivot", "x"), "'x' is none of MEMBER_JOB_FUNCTION,"),
        (("daily_series", "--first-day", "x"), "'x' is not a day as YYYY-MM-DD."),
        (("daily_series", "--day", "2026-11-01"), "It takes --account-ids, --first-day,"),
        (("daily_series", "--first-day"), "It needs a value."),
        (("--first-day", "2026-11-01"), "Name a question,"),
        (("--first-day", "2026-11-01", "daily_series", "kpis"), "'kpis' is no parameter of daily_series."),
        (("daily_series", "--source", "cloud"), "database, snapshots, sample"),
        (("accounts", "--format", "pdf"), "table, csv, json, parquet, xlsx"),
        (("accounts", "--format", "xlsx"), "--output answer.xlsx"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_words_end_with_2_and_say_what_is_legal(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], legal: str
) -> None:
    code, _, errors = run(capsys, "query", *words)

    assert code == 2
    assert legal in errors
