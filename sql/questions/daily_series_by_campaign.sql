-- How did the days go in each ad set? What sparklines need; a day without any figure has no row.
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per campaign and UTC day with activity
-- Columns: account_id (bigint), campaign_id (bigint), date (date),
-- [[[cog cog.outl(sql.columns(sql.BRIEF)) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          landing_page_clicks (bigint), total_engagements (bigint), one_click_leads (bigint),
--          external_website_conversions (bigint), opens (bigint), sends (bigint)
-- [[[end]]]
select
    m.account_id,
    m.campaign_id,
    m.date,
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
from campaign_daily_metrics as m
left join campaigns as c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
where m.date between cast($first_day as date) and cast($last_day as date)
  and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
  -- [[[cog cog.outl(sql.campaign_filter()) ]]]
  and (
      cast($objective_type as text) is null
      or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
  )
  and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
  -- [[[end]]]
group by m.account_id, m.campaign_id, m.date
order by m.account_id, m.campaign_id, m.date
