"""Sum up in `sync_log` what old syncs did, whose steps are dropped."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    alter table sync_log
        add column steps_pruned boolean not null default false,
        add column accounts bigint,
        add column fetched bigint,
        add column rejected bigint,
        add column inserted bigint,
        add column updated bigint,
        add column deleted bigint
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
