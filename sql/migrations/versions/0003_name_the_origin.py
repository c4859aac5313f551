"""Say whose data a database holds: what was loaded before this was asked counts as LinkedIn's own."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "create table data_origin (origin text constraint data_origin_pkey primary key)",
    "insert into data_origin select 'linkedin' where exists (select from coverage)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
