-- Which accounts are there, how far do their figures reach, and what did they spend in all?
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per account, by name
-- Columns: account_id (bigint), name (text), currency (text), type (text), status (text), serving_statuses (text[]),
--          test (boolean), listed (boolean, LinkedIn still lists it), campaigns (bigint, listed),
--          active_campaigns (bigint, listed), first_day (date, first covered),
--          last_complete_day (date, last covered UTC day that was over when it was fetched),
--          last_active_day (date, last with any figure),
--          cost_in_local_currency (numeric, account currency; all days),
--          role (text, of the signed-in member, such as VIEWER; null: not known)
with campaign_counts as (
    select
        c.account_id,
        cast(count(*) as bigint) as campaigns,
        cast(sum(case when c.status = 'ACTIVE' then 1 else 0 end) as bigint) as active_campaigns
    from campaigns as c
    where c.listed
    group by c.account_id
),
covered as (
    select
        c.account_id,
        c.resource,
        c.window_start,
        c.window_end,
        c.snapshot,
        substr(c.snapshot, 1, 4) || '-' || substr(c.snapshot, 5, 2) || '-' || substr(c.snapshot, 7, 2) as snapshot_day
    from coverage as c
),
covered_days as (
    select
        v.account_id,
        min(v.window_start) as first_day,
        max(least(
            v.window_end,
            cast(v.snapshot_day as date) - 1
        )) as last_complete_day
    from covered as v
    where v.resource = 'campaign_daily_metrics'
    group by v.account_id
),
totals as (
    select
        m.account_id,
        max(m.date) as last_active_day,
        cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency
    from campaign_daily_metrics as m
    group by m.account_id
)
select
    a.account_id,
    a.name,
    a.currency,
    a.type,
    a.status,
    a.serving_statuses,
    a.test,
    a.listed,
    coalesce(n.campaigns, 0) as campaigns,
    coalesce(n.active_campaigns, 0) as active_campaigns,
    d.first_day,
    d.last_complete_day,
    t.last_active_day,
    t.cost_in_local_currency,
    a.role
from ad_accounts as a
left join campaign_counts as n on n.account_id = a.account_id
left join covered_days as d on d.account_id = a.account_id
left join totals as t on t.account_id = a.account_id
where (cast($account_ids as bigint[]) is null or a.account_id = any(cast($account_ids as bigint[])))
order by a.name collate "C" nulls last, a.account_id
