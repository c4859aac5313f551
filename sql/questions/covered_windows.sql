-- Which days does which snapshot cover completely? What no window holds was never fetched whole.
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per account, resource, window, snapshot and pivot
-- Columns: account_id (bigint), resource (text), window_start (date, null: a complete listing),
--          window_end (date, inclusive), snapshot (text), pivot (text, of demographics; null: every pivot)
select
    v.account_id,
    v.resource,
    v.window_start,
    v.window_end,
    v.snapshot,
    v."pivot"
from coverage as v
where (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
order by
    v.account_id,
    v.resource collate "C",
    v.window_start nulls first,
    v.window_end nulls first,
    v.snapshot collate "C",
    v."pivot" collate "C" nulls first
