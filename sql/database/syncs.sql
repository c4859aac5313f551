-- Which syncs were there, and how did they end?
-- The steps of old syncs are dropped: their sums are those of all accounts, and null for a viewer of some.
--
-- Params:  $limit (bigint, null: all)
-- Returns: one row per sync, newest first
-- Columns: sync_id (text), trigger (text, cli, notebook, script or demo),
--          status (text, running, done, partial, failed or interrupted), started_at (timestamptz),
--          heartbeat_at (timestamptz), finished_at (timestamptz), window_start (date), window_end (date, inclusive),
--          snapshot (text), api_calls (bigint), accounts (bigint), fetched (bigint), rejected (bigint),
--          inserted (bigint), updated (bigint), deleted (bigint), error_what (text), error_why (text),
--          error_next (text)
with newest as (
    select *
    from sync_log
    order by started_at desc, sync_id desc
    limit cast($limit as bigint)
),
step_sums as (
    select
        s.sync_id,
        count(distinct nullif(s.account_id, 0)) as accounts,
        cast(sum(s.fetched) as bigint) as fetched,
        cast(sum(s.rejected) as bigint) as rejected,
        cast(sum(s.inserted) as bigint) as inserted,
        cast(sum(s.updated) as bigint) as updated,
        cast(sum(s.deleted) as bigint) as deleted
    from sync_steps as s
    where s.sync_id = any(array(select n.sync_id from newest as n))
    group by s.sync_id
)
select
    l.sync_id,
    l.trigger,
    l.status,
    l.started_at,
    l.heartbeat_at,
    l.finished_at,
    l.window_start,
    l.window_end,
    l.snapshot,
    l.api_calls,
    case when l.steps_pruned then l.accounts else coalesce(t.accounts, 0) end as accounts,
    case when l.steps_pruned then l.fetched else coalesce(t.fetched, 0) end as fetched,
    case when l.steps_pruned then l.rejected else coalesce(t.rejected, 0) end as rejected,
    case when l.steps_pruned then l.inserted else coalesce(t.inserted, 0) end as inserted,
    case when l.steps_pruned then l.updated else coalesce(t.updated, 0) end as updated,
    case when l.steps_pruned then l.deleted else coalesce(t.deleted, 0) end as deleted,
    l.error ->> 'what' as error_what,
    l.error ->> 'why' as error_why,
    l.error ->> 'next' as error_next
from newest as l
left join step_sums as t using (sync_id)
order by l.started_at desc, l.sync_id desc
