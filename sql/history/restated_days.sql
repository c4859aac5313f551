-- Which figures did LinkedIn restate?
--
-- Params:  $account_ids (bigint[], null: every account)
-- States:  before and after, two snapshots: what was known when each was made
-- Returns: one row per campaign, UTC day and metric that differs on days that both cover, with figures or without;
--          null where a row came or went; money that differs by under half a cent is LinkedIn's rounding
-- Columns: account_id (bigint), account_name (text), currency (text), campaign_id (bigint), campaign_name (text),
--          date (date), metric (text), before_value (numeric, count or account currency),
--          after_value (numeric, count or account currency)
with known_days as (
    select b.account_id, b.window_start + cast(n.day as integer) as date
    from before.coverage as b
    join generate_series(0, 9999) as n(day) on n.day <= b.window_end - b.window_start
    where b.resource = 'campaign_daily_metrics'
    intersect
    select a.account_id, a.window_start + cast(n.day as integer) as date
    from after.coverage as a
    join generate_series(0, 9999) as n(day) on n.day <= a.window_end - a.window_start
    where a.resource = 'campaign_daily_metrics'
),
earlier as (
    select m.account_id, m.campaign_id, m.date, unnest([
        -- [[[cog cog.outl(sql.values("m", sql.CORE)) ]]]
        {metric: 'impressions', value: cast(m.impressions as numeric(38, 18))},
        {metric: 'clicks', value: cast(m.clicks as numeric(38, 18))},
        {metric: 'cost_in_local_currency', value: cast(m.cost_in_local_currency as numeric(38, 18))},
        {metric: 'cost_in_usd', value: cast(m.cost_in_usd as numeric(38, 18))},
        {metric: 'landing_page_clicks', value: cast(m.landing_page_clicks as numeric(38, 18))},
        {metric: 'total_engagements', value: cast(m.total_engagements as numeric(38, 18))},
        {metric: 'likes', value: cast(m.likes as numeric(38, 18))},
        {metric: 'comments', value: cast(m.comments as numeric(38, 18))},
        {metric: 'shares', value: cast(m.shares as numeric(38, 18))},
        {metric: 'follows', value: cast(m.follows as numeric(38, 18))},
        {metric: 'one_click_leads', value: cast(m.one_click_leads as numeric(38, 18))},
        {metric: 'one_click_lead_form_opens', value: cast(m.one_click_lead_form_opens as numeric(38, 18))},
        {metric: 'external_website_conversions', value: cast(m.external_website_conversions as numeric(38, 18))},
        {metric: 'external_website_post_click_conversions', value: cast(m.external_website_post_click_conversions as numeric(38, 18))},
        {metric: 'external_website_post_view_conversions', value: cast(m.external_website_post_view_conversions as numeric(38, 18))},
        {metric: 'conversion_value_in_local_currency', value: cast(m.conversion_value_in_local_currency as numeric(38, 18))},
        {metric: 'opens', value: cast(m.opens as numeric(38, 18))},
        {metric: 'sends', value: cast(m.sends as numeric(38, 18))}
        -- [[[end]]]
    ], recursive := true)
    from before.campaign_daily_metrics as m
    semi join known_days as k on k.account_id = m.account_id and k.date = m.date
),
later as (
    select m.account_id, m.campaign_id, m.date, unnest([
        -- [[[cog cog.outl(sql.values("m", sql.CORE)) ]]]
        {metric: 'impressions', value: cast(m.impressions as numeric(38, 18))},
        {metric: 'clicks', value: cast(m.clicks as numeric(38, 18))},
        {metric: 'cost_in_local_currency', value: cast(m.cost_in_local_currency as numeric(38, 18))},
        {metric: 'cost_in_usd', value: cast(m.cost_in_usd as numeric(38, 18))},
        {metric: 'landing_page_clicks', value: cast(m.landing_page_clicks as numeric(38, 18))},
        {metric: 'total_engagements', value: cast(m.total_engagements as numeric(38, 18))},
        {metric: 'likes', value: cast(m.likes as numeric(38, 18))},
        {metric: 'comments', value: cast(m.comments as numeric(38, 18))},
        {metric: 'shares', value: cast(m.shares as numeric(38, 18))},
        {metric: 'follows', value: cast(m.follows as numeric(38, 18))},
        {metric: 'one_click_leads', value: cast(m.one_click_leads as numeric(38, 18))},
        {metric: 'one_click_lead_form_opens', value: cast(m.one_click_lead_form_opens as numeric(38, 18))},
        {metric: 'external_website_conversions', value: cast(m.external_website_conversions as numeric(38, 18))},
        {metric: 'external_website_post_click_conversions', value: cast(m.external_website_post_click_conversions as numeric(38, 18))},
        {metric: 'external_website_post_view_conversions', value: cast(m.external_website_post_view_conversions as numeric(38, 18))},
        {metric: 'conversion_value_in_local_currency', value: cast(m.conversion_value_in_local_currency as numeric(38, 18))},
        {metric: 'opens', value: cast(m.opens as numeric(38, 18))},
        {metric: 'sends', value: cast(m.sends as numeric(38, 18))}
        -- [[[end]]]
    ], recursive := true)
    from after.campaign_daily_metrics as m
    semi join known_days as k on k.account_id = m.account_id and k.date = m.date
)
select
    coalesce(l.account_id, e.account_id) as account_id,
    a.name as account_name,
    a.currency,
    coalesce(l.campaign_id, e.campaign_id) as campaign_id,
    c.name as campaign_name,
    coalesce(l.date, e.date) as date,
    coalesce(l.metric, e.metric) as metric,
    e.value as before_value,
    l.value as after_value
from earlier as e
full join later as l
    on l.account_id = e.account_id and l.campaign_id = e.campaign_id and l.date = e.date and l.metric = e.metric
left join after.ad_accounts as a on a.account_id = coalesce(l.account_id, e.account_id)
left join after.campaigns as c
    on c.account_id = coalesce(l.account_id, e.account_id) and c.campaign_id = coalesce(l.campaign_id, e.campaign_id)
where abs(coalesce(l.value, 0) - coalesce(e.value, 0)) >= 0.005
  and not (e.metric is not null and e.value is null)  -- a snapshot that did not ask for the metric
  and not (l.metric is not null and l.value is null)
  and (
    cast($account_ids as bigint[]) is null
    or coalesce(l.account_id, e.account_id) = any(cast($account_ids as bigint[]))
  )
order by account_id, date, campaign_id, metric collate "C"
