-- Which budgets, schedules and statuses does each ad set run under?
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per campaign that any listing had
-- Columns: account_id (bigint), account_name (text), currency (text), campaign_group_id (bigint),
--          campaign_group_name (text), campaign_group_status (text),
--          campaign_group_total_budget (numeric, account currency),
--          campaign_group_daily_budget (numeric, account currency), campaign_group_start (timestamptz),
--          campaign_group_end (timestamptz), campaign_id (bigint), name (text), type (text), objective_type (text),
--          status (text), serving_statuses (text[]), listed (boolean), daily_budget (numeric, account currency),
--          total_budget (numeric, account currency), run_schedule_start (timestamptz),
--          run_schedule_end (timestamptz), creative_selection (text)
select
    c.account_id,
    a.name as account_name,
    coalesce(a.currency, c.currency) as currency,
    c.campaign_group_id,
    g.name as campaign_group_name,
    g.status as campaign_group_status,
    g.total_budget as campaign_group_total_budget,
    g.daily_budget as campaign_group_daily_budget,
    g.run_schedule_start as campaign_group_start,
    g.run_schedule_end as campaign_group_end,
    c.campaign_id,
    c.name,
    c.type,
    c.objective_type,
    c.status,
    c.serving_statuses,
    c.listed,
    c.daily_budget,
    c.total_budget,
    c.run_schedule_start,
    c.run_schedule_end,
    c.creative_selection
from campaigns as c
left join campaign_groups as g on g.account_id = c.account_id and g.campaign_group_id = c.campaign_group_id
left join ad_accounts as a on a.account_id = c.account_id
where (cast($account_ids as bigint[]) is null or c.account_id = any(cast($account_ids as bigint[])))
order by c.account_id, c.campaign_id
