-- How many different people did the ads reach? Approximate, of whole windows of days; never add it up, over anything.
--
-- Params:  $account_ids (bigint[], null: every account),
--          $level (text, null: every level; else ACCOUNT, CAMPAIGN_GROUP or CAMPAIGN)
-- Returns: one row per entity and window that was fetched, newest and longest windows first
-- Columns: account_id (bigint), currency (text), level (text), entity_id (bigint),
--          window_start (date), window_end (date, inclusive), days (bigint, of the window),
--          impressions (bigint), cost_in_local_currency (numeric, account currency),
--          approximate_member_reach (bigint, null: LinkedIn does not tell), audience_penetration (numeric, 0 to 1),
--          average_dwell_time (numeric, seconds), average_video_watch_time (numeric, seconds),
--          cost_per_qualified_lead (numeric, account currency)
select
    r.account_id,
    a.currency,
    r.level,
    r.entity_id,
    r.window_start,
    r.window_end,
    cast(r.window_end - r.window_start as bigint) + 1 as days,
    r.impressions,
    r.cost_in_local_currency,
    r.approximate_member_reach,
    r.audience_penetration,
    r.average_dwell_time,
    r.average_video_watch_time,
    r.cost_per_qualified_lead
from reach_windows as r
left join ad_accounts as a on a.account_id = r.account_id
where (cast($account_ids as bigint[]) is null or r.account_id = any(cast($account_ids as bigint[])))
  and (cast($level as text) is null or r.level = cast($level as text))
order by r.account_id, r.window_end desc, r.window_start, r.level collate "C", r.entity_id
