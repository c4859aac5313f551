"""What figures mean: pure functions over polars frames. No marimo, no database, no network."""
