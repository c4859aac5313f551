"""Find coverage by its snapshot, and count the loads of each account, so that looking for changes reads little."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    "create index coverage_snapshot on coverage (snapshot)",
    """
    create table account_loads (
        account_id bigint constraint account_loads_pkey primary key,
        loads bigint not null
    )
    """,
    "insert into account_loads select 0, 1 where exists (select from coverage)",
    "insert into account_loads select account_id, 1 from ad_accounts on conflict do nothing",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
