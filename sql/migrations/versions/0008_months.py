"""Keep campaigns' months, of which LinkedIn may no longer give the days."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    create table campaign_monthly_metrics (
        account_id bigint,
        campaign_id bigint,
        month_start date,
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
        primary key (account_id, campaign_id, month_start)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
