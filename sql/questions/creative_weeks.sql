-- How did each ad do, week by week?
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per creative and ISO week with activity
-- Columns: account_id (bigint), creative_id (bigint), name (text), campaign_id (bigint), campaign_name (text),
--          objective_type (text), week (date, its Monday), active_days (bigint),
-- [[[cog cog.outl(sql.columns(sql.BRIEF)) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          landing_page_clicks (bigint), total_engagements (bigint), one_click_leads (bigint),
--          external_website_conversions (bigint), opens (bigint), sends (bigint)
-- [[[end]]]
select
    m.account_id,
    m.creative_id,
    r.name,
    r.campaign_id,
    c.name as campaign_name,
    c.objective_type,
    cast(date_trunc('week', m.date) as date) as week,
    cast(count(*) as bigint) as active_days,
    -- [[[cog cog.outl(sql.sums("m", sql.BRIEF)) ]]]
    cast(sum(m.impressions) as bigint) as impressions,
    cast(sum(m.clicks) as bigint) as clicks,
    cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
    cast(sum(m.landing_page_clicks) as bigint) as landing_page_clicks,
    cast(sum(m.total_engagements) as bigint) as total_engagements,
    cast(sum(m.one_click_leads) as bigint) as one_click_leads,
    cast(sum(m.external_website_conversions) as bigint) as external_website_conversions,
    cast(sum(m.opens) as bigint) as opens,
    cast(sum(m.sends) as bigint) as sends
    -- [[[end]]]
from creative_daily_metrics as m
left join creatives as r on r.account_id = m.account_id and r.creative_id = m.creative_id
left join campaigns as c on c.account_id = r.account_id and c.campaign_id = r.campaign_id
where m.date between cast($first_day as date) and cast($last_day as date)
  and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
  -- [[[cog cog.outl(sql.campaign_filter()) ]]]
  and (
      cast($objective_type as text) is null
      or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
  )
  and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
  -- [[[end]]]
group by m.account_id, m.creative_id, r.name, r.campaign_id, c.name, c.objective_type, week
order by m.account_id, m.creative_id, week
