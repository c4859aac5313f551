"""Open DuckDB in memory: in UTC, within bounds, and spilling to this process's private folder alone.

By itself DuckDB takes most of the machine's memory and disk, and spills to `.tmp` in the working directory, which
another account may have prepared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.temporary_folder import fresh_name

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
DISK = "20GB"  # of spilled data, for each connection


def open_bounded(*, memory: str = MEMORY, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A connection to a new database without a file.

    Args:
        memory: beyond it, DuckDB spills to disk, up to `DISK`, and refuses what needs more.
        threads: how many cores it uses.
    """
    import duckdb  # late: a sync asks LinkedIn meanwhile

    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "max_temp_directory_size": DISK,
            "temp_directory": fresh_name(),
            "threads": threads,
        },
    )
    connection.execute("set global timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # in `python -c` it would stand among what is printed
    return connection
