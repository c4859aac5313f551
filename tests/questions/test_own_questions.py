"""Questions of one's own: SQL files that are listed and asked like ours, and explained where they are wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workbench import query, questions
from workbench.answers.question_list import unusable_questions
from workbench.cli.app import main
from workbench.errors import ValidationError
from workbench.queries.headers import HeaderError
from workbench.queries.sql_files import parse

DAYS = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31)}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A question that `workbench new` wrote."""
    monkeypatch.setenv("WORKBENCH_QUESTIONS", str(tmp_path / "own"))
    with pytest.raises(SystemExit) as ended:
        main(["new", "question", "spend_by_group"])
    assert ended.value.code == 0
    return tmp_path / "own/spend_by_group.sql"


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_file_that_is_written_is_listed_and_answered(file: Path) -> None:
    answer = query("spend_by_group", source="sample", **DAYS)

    assert (
        answer["cost_in_local_currency"].sum() == query("kpis", source="sample", **DAYS)["cost_in_local_currency"].sum()
    )
    assert [column.name for column in questions()[-1].columns] == answer.columns
    assert unusable_questions() == ()


def test_a_changed_file_is_read_again(file: Path) -> None:
    before = query("spend_by_group", source="sample", **DAYS)

    changed(file, "order by 1, 2, 4", "order by 1, 2, 4 limit 1")

    assert (before.height > 1, query("spend_by_group", source="sample", **DAYS).height) == (True, 1)


@pytest.mark.parametrize("engine", ["sample", "database"])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("week (date)", "week (day)", "Line 5: week has the type day. Use one of bigint,"),
        ("$first_day (date)", "first_day (date)", "Line 3: first_day: a name in Params: begins with $."),
        ("-- Columns: ", "-- Colums: ", "Line 5: There is no part Colums: in a header. Probably Columns: is meant."),
        ("currency (text), ", "currency text, ", "Line 5: Columns: cannot be read from 'currency text,"),
        ("$first_day (date), ", "", "Line 19: The statement uses $first_day, and Params: in the header"),
        ("m.account_id,", "m.acount_id,", "Its statement cannot be run: "),
        (" as clicks,", " as klicks,", "klicks"),
    ],
    ids=["type", "dollar", "label", "item", "parameter", "statement", "column"],
)
def test_a_wrong_file_is_explained_and_stops_no_other(
    file: Path, small: Any, monkeypatch: pytest.MonkeyPatch, engine: str, old: str, new: str, words: str
) -> None:
    small.use(monkeypatch)
    changed(file, old, new)

    with pytest.raises(ValidationError) as caught:
        query("spend_by_group", source=engine, **DAYS)

    assert str(file) in caught.value.what
    assert words in caught.value.why
    assert query("kpis", source=engine, **DAYS).height


def test_a_name_of_ours_is_not_taken_over(file: Path) -> None:
    for name in ("kpis", "pacing"):
        file.with_name(f"{name}.sql").write_text(file.read_text())

    whys = {error.why for error in unusable_questions()}

    assert whys == {"The workbench has a question kpis itself.", "The workbench has an answer pacing itself."}
    assert "period" in query("kpis", source="sample", **DAYS).columns


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("select 1", 1, "must be the question in words"),
        ("-- What?\n-- Columns: a (text)\n", 2, "no statement"),
        ("-- What?\nselect 1", 1, "names no columns"),
        ("-- What?\n-- Columns: a (text)\n-- Columns: b (text)\nselect 1", 3, "stands there twice"),
        ("-- What?\n-- Columns: a (text),\n--          a (text)\nselect 1", 3, "a stands there twice"),
        ("-- What?\n-- Params: $x (text)\n-- Columns: a (text)\nselect 1", 2, "does not use $x"),
    ],
    ids=["title", "statement", "columns", "label twice", "column twice", "unused"],
)
def test_a_wrong_header_is_named_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(HeaderError, match=words.replace("$", r"\$")) as caught:
        parse("own", None, text)

    assert caught.value.line == line


@pytest.mark.parametrize("name", ["kpis", "pacing", "spend_by_group", "Spend", "../x"])
def test_a_name_that_is_taken_or_odd_is_not_written(file: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    before = sorted(file.parent.iterdir())

    with pytest.raises(SystemExit) as ended:
        main(["new", "question", name])

    assert ended.value.code != 0
    assert sorted(file.parent.iterdir()) == before
