"""Every table and column is described by the catalogue, and no description is left over."""

from __future__ import annotations

import pytest

from workbench.schema import descriptions
from workbench.schema.metrics import STORED
from workbench.schema.tables import metadata

TABLES = metadata.tables.values()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_and_column_is_described(table) -> None:
    assert table.name in descriptions.TABLES
    assert [column.name for column in table.columns if not descriptions.is_described(table.name, column.name)] == []


def test_no_description_is_left_over() -> None:
    columns = {(table.name, column.name) for table in TABLES for column in table.columns}
    assert set(descriptions.TABLES) == {table.name for table in TABLES} | {"alembic_version"}
    assert set(descriptions._OF_TABLE) - columns == {("alembic_version", "version_num")}
    assert set(descriptions._ENTITY) <= {name for _, name in columns}


def test_a_metric_is_described_by_label_formula_unit_and_field() -> None:
    spend = next(metric for metric in STORED if metric.name == "cost_in_local_currency")
    described = descriptions.of_column("campaign_daily_metrics", spend.name)
    assert described.comment == (
        "Spend: Cost in the account's currency. Unit: account currency. LinkedIn: costInLocalCurrency."
    )


@pytest.mark.parametrize("metric", STORED, ids=lambda metric: metric.name)
def test_every_metric_says_label_unit_and_field(metric) -> None:
    comment = descriptions.of_column("creative_daily_metrics", metric.name).comment
    assert metric.label in comment
    assert f"LinkedIn: {metric.field}." in comment
    assert "Unit: " in comment
