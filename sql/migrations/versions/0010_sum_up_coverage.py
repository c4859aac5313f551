"""Sum up coverage by account and resource, so that a status of thousands of accounts and many years reads little."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """
    create table coverage_summary (
        account_id bigint,
        resource text,
        days datemultirange,
        complete_through date,
        newest_snapshot text not null,
        constraint coverage_summary_pkey primary key (account_id, resource)
    )
    """,
    """
    insert into coverage_summary
    select account_id, resource,
           range_agg(daterange(window_start, window_end, '[]')) filter (where is_daily),
           max(least(window_end, to_date(left(snapshot, 8), 'YYYYMMDD') - 1)) filter (where is_daily),
           max(snapshot)
    from coverage cross join lateral (
        select window_start is not null and resource in (
            'campaign_daily_metrics', 'creative_daily_metrics', 'placement_daily_metrics', 'conversion_daily_metrics'
        ) as is_daily
    ) as d
    group by account_id, resource
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
