"""What newer snapshots decide costs an older one nothing in the database."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from workbench.database.upsert import Counts
from workbench.pipeline.load import account_loader
from workbench.schema import tables


@pytest.mark.parametrize("table", [*tables.METRICS, tables.MONTHLY], ids=lambda table: table.name)
def test_a_table_of_which_no_day_is_decided_runs_no_statement(table: object) -> None:
    cursor, views = Mock(), Mock()
    views.decided_days.return_value = []
    assert account_loader._load_metrics(cursor, views, table, 7) == Counts()  # type: ignore[arg-type]
    assert cursor.mock_calls == []
