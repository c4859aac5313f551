"""Add conversion rules, and the conversions of each ad set by rule and day."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    create table conversions (
        account_id bigint,
        conversion_id bigint,
        name text,
        type text,
        enabled boolean,
        conversion_method text,
        attribution_type text,
        post_click_attribution_window_size bigint,
        view_through_attribution_window_size bigint,
        value_type text,
        value numeric(38, 18),
        currency text,
        created_at timestamptz,
        last_modified_at timestamptz,
        listed boolean not null,
        snapshot text not null,
        synced_at timestamptz not null,
        primary key (account_id, conversion_id)
    )
    """,
    """
    create table conversion_daily_metrics (
        account_id bigint,
        campaign_id bigint,
        conversion_id bigint,
        date date,
        external_website_conversions bigint not null,
        external_website_post_click_conversions bigint not null,
        external_website_post_view_conversions bigint not null,
        conversion_value_in_local_currency numeric(38, 18) not null,
        synced_at timestamptz not null,
        primary key (account_id, campaign_id, conversion_id, date)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
