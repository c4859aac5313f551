"""Keep reach of windows, and campaigns' days by serving location."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    create table placement_daily_metrics (
        account_id bigint,
        campaign_id bigint,
        serving_location text,
        date date,
        impressions bigint not null,
        clicks bigint not null,
        cost_in_local_currency numeric(38, 18) not null,
        cost_in_usd numeric(38, 18) not null,
        landing_page_clicks bigint not null,
        total_engagements bigint not null,
        likes bigint not null,
        comments bigint not null,
        shares bigint not null,
        follows bigint not null,
        one_click_leads bigint not null,
        one_click_lead_form_opens bigint not null,
        external_website_conversions bigint not null,
        external_website_post_click_conversions bigint not null,
        external_website_post_view_conversions bigint not null,
        conversion_value_in_local_currency numeric(38, 18) not null,
        opens bigint not null,
        sends bigint not null,
        synced_at timestamptz not null,
        primary key (account_id, campaign_id, serving_location, date)
    )
    """,
    """
    create table reach_windows (
        account_id bigint,
        level text,
        entity_id bigint,
        window_start date,
        window_end date,
        impressions bigint not null,
        cost_in_local_currency numeric(38, 18) not null,
        approximate_member_reach bigint,
        audience_penetration numeric(38, 18),
        average_dwell_time numeric(38, 18),
        average_video_watch_time numeric(38, 18),
        cost_per_qualified_lead numeric(38, 18),
        synced_at timestamptz not null,
        primary key (account_id, level, entity_id, window_start, window_end)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
