-- What did one sync do, account by account and resource by resource? Of a sync long ago, only what was not done.
--
-- Params:  $sync_id (text)
-- Returns: one row per account (0: where there is none) and resource
-- Columns: account_id (bigint), account_name (text), resource (text),
--          status (text, pending, running, done, partial or failed), api_calls (bigint), fetched (bigint),
--          rejected (bigint), inserted (bigint), updated (bigint), deleted (bigint), unchanged (bigint),
--          complete_through (date), started_at (timestamptz), finished_at (timestamptz), error_what (text),
--          error_why (text), error_next (text)
select
    l.account_id,
    a.name as account_name,
    l.resource,
    l.status,
    l.api_calls,
    l.fetched,
    l.rejected,
    l.inserted,
    l.updated,
    l.deleted,
    l.unchanged,
    l.complete_through,
    l.started_at,
    l.finished_at,
    l.error ->> 'what' as error_what,
    l.error ->> 'why' as error_why,
    l.error ->> 'next' as error_next
from sync_steps as l
left join ad_accounts as a using (account_id)
where l.sync_id = cast($sync_id as text)
order by l.account_id, l.started_at nulls last, l.resource collate "C"
