"""Snapshot folders: write them so that a crash loses nothing, and read them as DuckDB views."""
