"""One shape, written twice: the views' columns are the tables' columns; and every SQL file keeps its header's word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Boolean, Date, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from workbench.paths import shipped
from workbench.schema.tables import LOADED, coverage, view_columns
from workbench.snapshots.views import Views

SQL = shipped("sql")
TABLES = (*LOADED, coverage)
ASKED = sorted(file for folder in ("questions", "database", "history") for file in (SQL / folder).glob("*.sql"))


def in_duckdb(kind: TypeEngine[object]) -> str:
    """The DuckDB type that holds the same values as a PostgreSQL type."""
    if isinstance(kind, ARRAY):
        return f"{in_duckdb(kind.item_type)}[]"
    if isinstance(kind, Numeric):
        return f"DECIMAL({kind.precision},{kind.scale})"
    names = {
        BigInteger: "BIGINT",
        Boolean: "BOOLEAN",
        Date: "DATE",
        Text: "VARCHAR",
        JSONB: "JSON",
        TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    }
    return names[type(kind)]  # type: ignore[index]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_view_has_its_tables_columns_in_order_and_type(table: object) -> None:
    with Views([]) as views:
        described = views.connection.execute(f"describe {table.name}").fetchall()  # type: ignore[attr-defined]
    expected = [(name, in_duckdb(table.columns[name].type)) for name in view_columns(table)]  # type: ignore[arg-type,attr-defined]
    assert [(name, kind) for name, kind, *_ in described] == expected


@pytest.mark.parametrize("materialized", [False, True])
def test_without_any_snapshot_every_view_is_empty_and_works(materialized: bool) -> None:
    with Views([], in_memory=materialized) as views:
        assert {table.name: views.frame(f"from {table.name}").height for table in TABLES} == {
            table.name: 0 for table in TABLES
        }


def header_and_body(file: Path) -> tuple[str, str]:
    lines = file.read_text("utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(line.removeprefix("--").strip() for line in lines[:first]), "\n".join(lines[first:])


@pytest.mark.parametrize("file", ASKED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_header_names_every_parameter_with_the_type_it_is_cast_to(file: Path) -> None:
    header, body = header_and_body(file)
    declared = dict(re.findall(r"\$(\w+) \((\w+(?:\[\])?)", header))
    body = "\n".join(line.partition("--")[0] for line in body.splitlines())
    cast_to = dict(re.findall(r"cast\(\$(\w+) as (\w+(?:\[\])?)\)", body))
    assert cast_to == declared
    assert len(re.findall(r"\$\w+", body)) == len(re.findall(r"cast\(\$\w+ as [\w\[\]]+\)", body)), "a bare parameter"


@pytest.mark.parametrize("file", ASKED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_header_says_what_is_asked_and_what_comes_back(file: Path) -> None:
    header, body = header_and_body(file)
    assert "?" in header.splitlines()[0]
    assert re.search(r"^Returns: .+", header, re.MULTILINE)
    assert re.search(r"^Columns: .+\(\w+", header, re.MULTILINE)
    assert ";" not in body
    assert "\t" not in body
