-- Which file decides which days (or which window of a pivot) of which account: the newest snapshot that covers them.
-- Rows without a path are what the database has already loaded; where they win, no file decides.
create table decides as
with metric_days as (
    select
        path,
        resource,
        account_id,
        snapshot,
        unnest(generate_series(first_day, last_day, interval 1 day))::date as day
    from part_covers
    -- [[[cog cog.outl(resources.metric_days()) ]]]
    where resource in ('campaign_daily_metrics', 'creative_daily_metrics', 'placement_daily_metrics', 'conversion_daily_metrics', 'campaign_monthly_metrics') and first_day is not null
    -- [[[end]]]
),
deciding_days as (
    select path, resource, account_id, day
    from metric_days
    qualify row_number() over (partition by resource, account_id, day order by snapshot desc, path nulls last) = 1
),
runs as (
    select
        *,
        day - cast(row_number() over (partition by path, resource, account_id order by day) as integer) as run
    from deciding_days
    where path is not null
),
newest_windows as (
    select path, resource, account_id, first_day, last_day, "pivot"
    from part_covers
    -- [[[cog cog.outl(resources.newest_windows()) ]]]
    where resource in ('audience_demographics', 'entity_demographics') and "pivot" is not null
    -- [[[end]]]
    qualify row_number() over (
        partition by resource, account_id, "pivot" order by last_day desc, snapshot desc, first_day, path nulls last
    ) = 1
),
newest_of_each_window as (
    select path, resource, account_id, first_day, last_day, "pivot"
    from part_covers
    where resource = 'reach_windows' and "pivot" is not null
    qualify row_number() over (
        partition by account_id, "pivot", first_day, last_day order by snapshot desc, path nulls last
    ) = 1
)
select path, resource, account_id, min(day) as first_day, max(day) as last_day, cast(null as varchar) as "pivot"
from runs
group by path, resource, account_id, run
union all
select path, resource, account_id, first_day, last_day, "pivot"
from newest_windows
where path is not null
union all
select path, resource, account_id, first_day, last_day, "pivot"
from newest_of_each_window
where path is not null
