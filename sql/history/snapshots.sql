-- Which snapshots are there, and how complete is each?
--
-- Returns: one row per finished snapshot, newest first
-- Columns: snapshot (text), status (text, done or partial), trigger (text), linkedin_version (text),
--          workbench_version (text), started_at (timestamptz), finished_at (timestamptz), window_start (date),
--          window_end (date, inclusive), api_calls (bigint), accounts (bigint), elements (bigint),
--          rejected (bigint), bytes (bigint, compressed), incomplete_parts (bigint)
with part_sums as (
    select
        p.snapshot,
        cast(count(distinct nullif(p.account_id, 0)) as bigint) as accounts,
        cast(sum(p.elements) as bigint) as elements,
        cast(sum(p.rejected) as bigint) as rejected,
        cast(sum(p.bytes) as bigint) as bytes,
        cast(sum(case when p.complete then 0 else 1 end) as bigint) as incomplete_parts
    from snapshot_parts as p
    group by p.snapshot
)
select
    s.snapshot,
    s.status,
    s.trigger,
    s.linkedin_version,
    s.workbench_version,
    s.started_at,
    s.finished_at,
    s.window_start,
    s.window_end,
    s.api_calls,
    coalesce(t.accounts, 0) as accounts,
    coalesce(t.elements, 0) as elements,
    coalesce(t.rejected, 0) as rejected,
    coalesce(t.bytes, 0) as bytes,
    coalesce(t.incomplete_parts, 0) as incomplete_parts
from snapshots as s
left join part_sums as t on t.snapshot = s.snapshot
order by s.snapshot collate "C" desc
