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
    """
    delete from coverage as c using coverage_summary as n
    where n.account_id = c.account_id and n.resource = c.resource and c.account_id <> 0
      and c.resource in (
          'campaign_groups', 'campaigns', 'creatives', 'conversions', 'lead_forms', 'audience_demographics'
      )
      and c.snapshot < to_char(to_date(left(n.newest_snapshot, 8), 'YYYYMMDD') - 100, 'YYYYMMDD')
      and exists (
          select from coverage as s
          where s.account_id = c.account_id and s.resource = c.resource and s.pivot is not distinct from c.pivot
            and s.snapshot > c.snapshot and (s.window_end >= c.window_end or c.window_end is null)
      )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
