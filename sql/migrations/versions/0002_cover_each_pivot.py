"""Let `coverage` name a pivot: what demographics hold completely is said pivot by pivot."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "alter table coverage add column pivot text",
    "alter table coverage drop constraint coverage_key",
    """
    alter table coverage add constraint coverage_key
        unique nulls not distinct (account_id, resource, window_start, window_end, snapshot, pivot)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
