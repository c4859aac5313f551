-- Which days are known, and how old was each when its deciding fetch saw it?
--
-- Params:  $account_ids (bigint[], null: every account), $resource (text, null: every resource),
--          $first_day (date, null: from the first covered day), $last_day (date, null: to the last one; inclusive)
-- Returns: one row per account, resource and covered UTC day; a day that nothing covers has no row
-- Columns: account_id (bigint), resource (text), date (date), snapshot (text, the newest that covers the day),
--          age (bigint, days from the day to that snapshot; 0 or less: the day was under way),
--          complete (boolean, age of 1 or more)
with days as (
    select
        v.account_id,
        v.resource,
        v.window_start + cast(n.day as integer) as date,
        max(v.snapshot) as snapshot
    from coverage as v
    join generate_series(0, 9999) as n(day) on n.day <= v.window_end - v.window_start
    where (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
      and (cast($resource as text) is null or v.resource = cast($resource as text))
    group by v.account_id, v.resource, v.window_start + cast(n.day as integer)
),
aged as (
    select
        d.account_id,
        d.resource,
        d.date,
        d.snapshot,
        cast(cast(
            substr(d.snapshot, 1, 4) || '-' || substr(d.snapshot, 5, 2) || '-' || substr(d.snapshot, 7, 2) as date
        ) - d.date as bigint) as age
    from days as d
)
select
    a.account_id,
    a.resource,
    a.date,
    a.snapshot,
    a.age,
    a.age >= 1 as complete
from aged as a
where (cast($first_day as date) is null or a.date >= cast($first_day as date))
  and (cast($last_day as date) is null or a.date <= cast($last_day as date))
order by a.account_id, a.resource collate "C", a.date
