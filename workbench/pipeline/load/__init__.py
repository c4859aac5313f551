"""Load snapshots into PostgreSQL. This package never imports `linkedin`."""
