"""Every resource of the catalogue has its table, its view, its finder and its windows; nothing else has."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.linkedin import models
from workbench.paths import shipped
from workbench.pipeline.fetch.listings import LISTED
from workbench.pipeline.sync_windows import SyncWindows
from workbench.queries.sql_files import catalogue
from workbench.schema import resources, tables
from workbench.schema.resources import RESOURCES, TABLES


@pytest.mark.parametrize("resource", TABLES, ids=lambda resource: resource.name)
def test_a_resource_that_is_loaded_has_a_table_and_a_view(resource: resources.Resource) -> None:
    table = tables.metadata.tables[resource.name]
    assert table in tables.LOADED
    assert shipped("sql", "views", f"{resource.name}.sql").is_file()
    assert ("listed" in table.columns) == (resource.kind == "entities")
    assert ("date" in table.columns) == (resource.kind == "daily")
    assert ("window_start" in table.columns) == (resource.kind in ("window", "reach"))


def test_every_view_belongs_to_a_resource() -> None:
    views = {file.stem for file in shipped("sql", "views").glob("*.sql")}
    assert views == {*(resource.name for resource in TABLES), "coverage"}


def test_every_listing_has_a_record_and_a_finder() -> None:
    assert tuple(LISTED) == resources.LISTINGS
    assert set(models.ENTITIES) == set(resources.of_kind("entities"))


def test_every_resource_with_figures_has_days_to_ask_for() -> None:
    windows = SyncWindows(date(2026, 11, 22), 90, 30).windows(1)
    assert tuple(windows.by_resource) == (*resources.DAILY, *resources.WINDOWED)


def test_parents_are_listed_and_come_first() -> None:
    for resource in RESOURCES:
        if resource.parent:
            assert resources.NAMES.index(resource.parent[1]) < resources.NAMES.index(resource.name)


def test_what_belongs_to_an_account_has_a_label_of_its_own() -> None:
    shown = [resource for resource in RESOURCES if resource.scope == "account"]
    labels = [one.label for one in shown]
    assert all(labels)
    assert len(set(labels)) == len(shown)


def test_a_complete_sync_has_ended_all_that_every_sync_asks_for() -> None:
    sql = catalogue()["fresh_accounts"].sql
    everywhere = [one.name for one in resources.OF_ACCOUNT if not (one.group or one.permission or one.optional)]
    assert {"campaigns", "creatives", *resources.CORE_DAYS} <= set(everywhere)
    assert f"t.resource in ({', '.join(map(repr, everywhere))})" in sql
    assert "t.account_id = 0 and t.resource in ('names')" in sql
    assert f"and {len(everywhere) + 1} = (" in sql
    assert f"and {len(resources.CORE_DAYS)} = (" in sql
