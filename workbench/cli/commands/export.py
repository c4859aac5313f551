"""`workbench export`: the history in a format that other engines read in place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import PLAIN
from workbench.cli.options import choice_option
from workbench.console import tell
from workbench.errors import ConfigurationError
from workbench.paths import is_url
from workbench.queries.api import cache_of
from workbench.queries.parquet_export import export_parquet
from workbench.queries.snapshot_source import folder_of
from workbench.queries.sources import Source
from workbench.settings.fields import ReaderSettings, read_settings

SOURCES = ("snapshots", "sample")
app = typer.Typer(no_args_is_help=True, **PLAIN)


@app.callback()
def export() -> None:
    """Write the history as files that other engines read in place.

    Example: workbench export parquet /srv/ads
    """


@app.command()
def parquet(
    folder: Annotated[str, typer.Argument(help="A folder of this machine; it is made if it is not there.")],
    *,
    versions: Annotated[
        bool, typer.Option("--versions", help="Write what every snapshot said, too, with the age of each figure.")
    ] = False,
    source: Annotated[Source, choice_option(SOURCES, "")] = "snapshots",
) -> None:
    """Write what is current, as hive-partitioned Parquet; a repeated export replaces the files that differ.

    sql/README.md has the statements for DuckDB, Spark, Trino, BigQuery, Snowflake and ClickHouse.

    Example: workbench export parquet /srv/ads --versions
    """
    if is_url(folder):
        raise ConfigurationError(
            f"{folder} cannot be exported to.",
            why="It is a URL, and the files are written to a folder of this machine.",
            next_step="Export to a folder, then copy it there, manifest.json last.",
        )
    os.umask(os.umask(0o022) | 0o022)  # others may read an export, and never write it
    settings = read_settings(ReaderSettings)
    made = export_parquet(folder_of(source, settings), Path(folder), cache_of(settings), versions=versions)
    tell(
        f"{folder}: the state of {made.newest}; {made.written:,} files written, {made.kept:,} unchanged, "
        f"{made.removed:,} removed.",
        err=False,
    )
