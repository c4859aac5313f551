-- Which ads are there, and which of them may run?
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per creative that any listing had
-- Columns: account_id (bigint), creative_id (bigint), campaign_id (bigint), name (text), intended_status (text),
--          is_serving (boolean), listed (boolean)
select
    r.account_id,
    r.creative_id,
    r.campaign_id,
    r.name,
    r.intended_status,
    r.is_serving,
    r.listed
from creatives as r
where (cast($account_ids as bigint[]) is null or r.account_id = any(cast($account_ids as bigint[])))
order by r.account_id, r.creative_id
