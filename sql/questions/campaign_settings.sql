-- How are ad sets set up?
--
-- Params:  $account_ids (bigint[], null: every account), $account_id (bigint, null: every one of these),
--          $campaign_id (bigint, null: every campaign)
-- Returns: one row per campaign that any listing had
-- Columns: account_id (bigint), campaign_id (bigint), currency (text), campaign_group_id (bigint),
--          campaign_group_name (text), campaign_group_status (text), name (text), status (text),
--          serving_statuses (text[]), listed (boolean), type (text), format (text), objective_type (text),
--          cost_type (text), unit_cost (numeric, bid in account currency), daily_budget (numeric, account currency),
--          total_budget (numeric, account currency), optimization_target_type (text), creative_selection (text),
--          pacing_strategy (text), offsite_delivery_enabled (boolean, LinkedIn Audience Network),
--          audience_expansion_enabled (boolean), run_schedule_start (timestamptz), run_schedule_end (timestamptz),
--          targeting_criteria (json), test (boolean), created_at (timestamptz), last_modified_at (timestamptz)
select
    c.account_id,
    c.campaign_id,
    coalesce(c.currency, a.currency) as currency,
    c.campaign_group_id,
    g.name as campaign_group_name,
    g.status as campaign_group_status,
    c.name,
    c.status,
    c.serving_statuses,
    c.listed,
    c.type,
    c.format,
    c.objective_type,
    c.cost_type,
    c.unit_cost,
    c.daily_budget,
    c.total_budget,
    c.optimization_target_type,
    c.creative_selection,
    c.pacing_strategy,
    c.offsite_delivery_enabled,
    c.audience_expansion_enabled,
    c.run_schedule_start,
    c.run_schedule_end,
    c.targeting_criteria,
    c.test,
    c.created_at,
    c.last_modified_at
from campaigns as c
left join campaign_groups as g on g.account_id = c.account_id and g.campaign_group_id = c.campaign_group_id
left join ad_accounts as a on a.account_id = c.account_id
where (cast($account_ids as bigint[]) is null or c.account_id = any(cast($account_ids as bigint[])))
  and (cast($account_id as bigint) is null or c.account_id = cast($account_id as bigint))
  and (cast($campaign_id as bigint) is null or c.campaign_id = cast($campaign_id as bigint))
order by c.account_id, c.campaign_id
