"""PostgreSQL: connections, upserts, the write lock, migrations, the reader role and the embedded server."""
