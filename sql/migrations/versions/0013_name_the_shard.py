"""Say in `sync_log` which shard of the accounts a sync asked for."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = ("alter table sync_log add column shard text",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
