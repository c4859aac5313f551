-- What is in a snapshot, part by part, and why is something missing?
--
-- Params:  $snapshot (text, null: every snapshot)
-- Returns: one row per part
-- Columns: snapshot (text), account_id (bigint, 0: the list of accounts), resource (text), pivot (text),
--          status (text), why (text), elements (bigint), rejected (bigint), bytes (bigint, compressed)
select
    p.snapshot,
    p.account_id,
    p.resource,
    p."pivot",
    p.status,
    p.why,
    p.elements,
    p.rejected,
    p.bytes
from snapshot_parts as p
where cast($snapshot as text) is null or p.snapshot = cast($snapshot as text)
order by
    p.snapshot collate "C" desc,
    p.account_id,
    p.resource collate "C",
    p."pivot" collate "C" nulls first,
    p.elements,
    p.bytes
