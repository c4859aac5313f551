"""Keep the audiences of campaign groups and of campaigns beside those of accounts."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    create table entity_demographics (
        account_id bigint,
        level text,
        entity_id bigint,
        pivot text,
        segment_urn text,
        window_start date,
        window_end date,
        segment_name text,
        impressions bigint not null,
        clicks bigint not null,
        landing_page_clicks bigint not null,
        cost_in_local_currency numeric(38, 18) not null,
        one_click_leads bigint not null,
        external_website_conversions bigint not null,
        synced_at timestamptz not null,
        primary key (account_id, level, entity_id, pivot, segment_urn, window_start, window_end)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
