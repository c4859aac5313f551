-- How far is each account complete, resource by resource, and audiences pivot by pivot?
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per account (0: the list of accounts) and resource, of demographics per pivot if not all are covered
-- Columns: account_id (bigint), account_name (text), resource (text), first_day (date, null: a listing),
--          last_day (date, inclusive; null: a listing),
--          last_complete_day (date, last covered UTC day that was over when it was fetched), newest_snapshot (text),
--          pivot (text, of demographics; null: every pivot)
with covered as (
    select
        c.account_id,
        c.resource,
        c.window_start,
        c.window_end,
        c.snapshot,
        c."pivot",
        substr(c.snapshot, 1, 4) || '-' || substr(c.snapshot, 5, 2) || '-' || substr(c.snapshot, 7, 2) as snapshot_day
    from coverage as c
)
select
    v.account_id,
    a.name as account_name,
    v.resource,
    min(v.window_start) as first_day,
    max(v.window_end) as last_day,
    max(case
        when v.window_end is null then null
        else least(
            v.window_end,
            cast(v.snapshot_day as date) - 1
        )
    end) as last_complete_day,
    max(v.snapshot) as newest_snapshot,
    v."pivot"
from covered as v
left join ad_accounts as a on a.account_id = v.account_id
where (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
group by v.account_id, a.name, v.resource, v."pivot"
order by v.account_id, v.resource collate "C", v."pivot" collate "C" nulls first
