"""Alembic's entry: `workbench.database.migrations` gives the connection; for Alembic's own commands the settings do."""

from alembic import context

from workbench.database.connection import Database
from workbench.schema.tables import metadata
from workbench.settings.fields import ReaderSettings, read_settings


def run(connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with Database.of(read_settings(ReaderSettings)).engine().connect() as connection:
        run(connection)
        connection.commit()
