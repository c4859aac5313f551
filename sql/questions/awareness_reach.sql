-- How many different people did each ad set for brand awareness reach, and for how much money?
-- Reach is approximate and of a whole window: never add it up, over anything. Frequency is impressions ÷ reach.
--
-- Params:  $account_ids (bigint[], null: every account),
--          $objective_type (text, null: BRAND_AWARENESS; singular and plural are one)
-- Returns: one row per ad set of the objective and window that was fetched, newest and longest windows first
-- Columns: account_id (bigint), currency (text), campaign_id (bigint), campaign_name (text), objective_type (text),
--          window_start (date), window_end (date, inclusive), impressions (bigint),
--          cost_in_local_currency (numeric, account currency),
--          approximate_member_reach (bigint, null: LinkedIn does not tell)
select
    r.account_id,
    a.currency,
    r.entity_id as campaign_id,
    c.name as campaign_name,
    c.objective_type,
    r.window_start,
    r.window_end,
    r.impressions,
    r.cost_in_local_currency,
    r.approximate_member_reach
from reach_windows as r
join campaigns as c on c.account_id = r.account_id and c.campaign_id = r.entity_id
left join ad_accounts as a on a.account_id = r.account_id
where r.level = 'CAMPAIGN'
  and rtrim(c.objective_type, 'S') = rtrim(coalesce(cast($objective_type as text), 'BRAND_AWARENESS'), 'S')
  and (cast($account_ids as bigint[]) is null or r.account_id = any(cast($account_ids as bigint[])))
order by r.account_id, r.window_end desc, r.window_start, r.entity_id
