"""How answers come over from PostgreSQL: in the order of the question, whatever its values and the session's habits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import URL

from workbench.database.connection import Database
from workbench.queries.engines import _copy_statement, ask_postgresql
from workbench.queries.sql_files import catalogue, parse

SHARED = sorted(name for name, question in catalogue().items() if question.folder != "history")
TEXTS = [
    "",
    "NULL",
    "null",
    "a,b",
    'say "x"',
    "back\\slash",
    "{curly}",
    " ",
    "line\nbreak",
    "tab\t",
    "’😀",
    "t",
    "%",
    "\\",
]
ODD = """-- Odd values?
--
-- Params: $texts (text[])
-- Returns: three rows, the last one first
-- Columns: n (bigint), words (text[]), flag (boolean), at (timestamptz), word (text), json (json)
select n, words, flag, at, word, json
from (
    values
        (1, cast($texts as text[]), true, timestamptz '2026-03-29 01:30:00.000001+00', '',
         '{"b": 1, "a": "\\""}'::jsonb),
        (2, '{}'::text[], false, timestamptz '1999-12-31 23:59:59.5+00', 'x%y', '[]'::jsonb),
        (3, null, null, null, null, null)
) as v (n, words, flag, at, word, json)
order by n desc
"""


@pytest.mark.parametrize("name", SHARED)
def test_the_whole_statement_is_the_question_so_that_its_order_is_the_answers(name: str) -> None:
    statement = _copy_statement(catalogue()[name])
    assert statement.startswith(f"copy ({catalogue()[name].sql[:40]}")
    assert statement.endswith(") to stdout (format csv, header)")


@pytest.mark.parametrize("habit", ["", "set datestyle = 'German'; set timezone = 'Asia/Kathmandu'"])
def test_values_arrive_as_they_are(empty_database_url: URL, habit: str) -> None:
    with Database(empty_database_url).connect() as connection:
        connection.execute(habit)
        with connection.transaction():
            answer = ask_postgresql(connection, parse("odd", "questions", ODD), {"texts": [*TEXTS, None]})
    assert answer.rows() == [
        (3, None, None, None, None, None),
        (2, [], False, datetime(1999, 12, 31, 23, 59, 59, 500_000, UTC), "x%y", "[]"),
        (1, [*TEXTS, None], True, datetime(2026, 3, 29, 1, 30, 0, 1, UTC), "", '{"a": "\\"", "b": 1}'),
    ]
    assert answer.schema == parse("odd", "questions", ODD).schema
