"""Run a sync: prepare, plan, fetch into a snapshot, load into PostgreSQL, report."""
