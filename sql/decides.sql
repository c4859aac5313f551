-- Which file decides which days (or which window) of which account: the newest snapshot that covers them completely.
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
    where resource in ('campaign_daily_metrics', 'creative_daily_metrics') and first_day is not null
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
newest_window as (
    select account_id, first_day, last_day, snapshot
    from (
        select account_id, window_start as first_day, window_end as last_day, snapshot
        from covered
        where resource = 'audience_demographics'
        union
        select account_id, first_day, last_day, snapshot
        from part_covers
        where resource = 'audience_demographics' and path is null
    )
    qualify row_number() over (partition by account_id order by last_day desc, snapshot desc) = 1
)
select path, resource, account_id, min(day) as first_day, max(day) as last_day
from runs
group by path, resource, account_id, run
union all
select p.path, p.resource, p.account_id, p.first_day, p.last_day
from part_covers as p
join newest_window as w using (account_id, first_day, last_day, snapshot)
where p.resource = 'audience_demographics' and p.path is not null
