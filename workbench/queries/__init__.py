"""Ask a question of `sql/` on PostgreSQL or on snapshots and get the same polars frame."""
