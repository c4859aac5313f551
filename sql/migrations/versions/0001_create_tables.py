"""Create the tables of accounts, campaign groups, campaigns, creatives, metrics, demographics, coverage and syncs."""

from alembic import op

revision = "0001"
down_revision = None

METRICS = """
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
    synced_at timestamptz not null
"""
ENTITY = """
    created_at timestamptz,
    last_modified_at timestamptz,
    listed boolean not null,
    snapshot text not null,
    synced_at timestamptz not null
"""

STATEMENTS = (
    f"""
    create table ad_accounts (
        account_id bigint primary key,
        name text,
        currency text,
        type text,
        status text,
        serving_statuses text[],
        reference text,
        test boolean,
        {ENTITY}
    )
    """,
    f"""
    create table campaign_groups (
        account_id bigint,
        campaign_group_id bigint,
        name text,
        status text,
        total_budget numeric(38, 18),
        daily_budget numeric(38, 18),
        run_schedule_start timestamptz,
        run_schedule_end timestamptz,
        objective_type text,
        {ENTITY},
        primary key (account_id, campaign_group_id)
    )
    """,
    f"""
    create table campaigns (
        account_id bigint,
        campaign_id bigint,
        campaign_group_id bigint,
        name text,
        status text,
        serving_statuses text[],
        type text,
        format text,
        objective_type text,
        cost_type text,
        unit_cost numeric(38, 18),
        daily_budget numeric(38, 18),
        total_budget numeric(38, 18),
        currency text,
        optimization_target_type text,
        creative_selection text,
        pacing_strategy text,
        offsite_delivery_enabled boolean,
        audience_expansion_enabled boolean,
        run_schedule_start timestamptz,
        run_schedule_end timestamptz,
        targeting_criteria jsonb,
        test boolean,
        {ENTITY},
        primary key (account_id, campaign_id)
    )
    """,
    f"""
    create table creatives (
        account_id bigint,
        creative_id bigint,
        campaign_id bigint,
        name text,
        name_source text,
        intended_status text,
        is_serving boolean,
        serving_hold_reasons text[],
        review_status text,
        content_reference text,
        content_type text,
        {ENTITY},
        primary key (account_id, creative_id)
    )
    """,
    f"""
    create table campaign_daily_metrics (
        account_id bigint,
        campaign_id bigint,
        date date,
        {METRICS},
        primary key (account_id, campaign_id, date)
    )
    """,
    f"""
    create table creative_daily_metrics (
        account_id bigint,
        creative_id bigint,
        date date,
        {METRICS},
        primary key (account_id, creative_id, date)
    )
    """,
    """
    create table audience_demographics (
        account_id bigint,
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
        primary key (account_id, pivot, segment_urn, window_start, window_end)
    )
    """,
    # A complete listing has no window: both ends are null, and count as equal.
    """
    create table coverage (
        account_id bigint not null,
        resource text not null,
        window_start date,
        window_end date,
        snapshot text not null,
        constraint coverage_key
            unique nulls not distinct (account_id, resource, window_start, window_end, snapshot)
    )
    """,
    """
    create table sync_log (
        sync_id text primary key,
        trigger text not null,
        status text not null,
        started_at timestamptz not null,
        heartbeat_at timestamptz,
        finished_at timestamptz,
        window_start date,
        window_end date,
        snapshot text,
        api_calls bigint not null default 0,
        error jsonb
    )
    """,
    """
    create table sync_steps (
        sync_id text,
        account_id bigint,
        resource text,
        status text not null,
        api_calls bigint not null default 0,
        fetched bigint not null default 0,
        rejected bigint not null default 0,
        inserted bigint not null default 0,
        updated bigint not null default 0,
        deleted bigint not null default 0,
        unchanged bigint not null default 0,
        complete_through date,
        error jsonb,
        started_at timestamptz,
        finished_at timestamptz,
        primary key (sync_id, account_id, resource)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
