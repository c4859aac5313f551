-- How did one ad set do, week by week?
--
-- Params:  $account_id (bigint), $campaign_id (bigint), $first_day (date), $last_day (date, inclusive)
-- Returns: one row per ISO week with activity, oldest first
-- Columns: week (date, its Monday), active_days (bigint),
-- [[[cog cog.outl(sql.columns()) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          cost_in_usd (numeric, USD), landing_page_clicks (bigint), total_engagements (bigint), likes (bigint),
--          comments (bigint), shares (bigint), follows (bigint), one_click_leads (bigint),
--          one_click_lead_form_opens (bigint), external_website_conversions (bigint),
--          external_website_post_click_conversions (bigint), external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency), opens (bigint), sends (bigint),
--          video_views (bigint), company_page_clicks (bigint), qualified_leads (bigint)
-- [[[end]]]
select
    cast(date_trunc('week', m.date) as date) as week,
    cast(count(*) as bigint) as active_days,
    -- [[[cog cog.outl(sql.sums("m")) ]]]
    cast(sum(m.impressions) as bigint) as impressions,
    cast(sum(m.clicks) as bigint) as clicks,
    cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
    cast(sum(m.cost_in_usd) as numeric(38, 18)) as cost_in_usd,
    cast(sum(m.landing_page_clicks) as bigint) as landing_page_clicks,
    cast(sum(m.total_engagements) as bigint) as total_engagements,
    cast(sum(m.likes) as bigint) as likes,
    cast(sum(m.comments) as bigint) as comments,
    cast(sum(m.shares) as bigint) as shares,
    cast(sum(m.follows) as bigint) as follows,
    cast(sum(m.one_click_leads) as bigint) as one_click_leads,
    cast(sum(m.one_click_lead_form_opens) as bigint) as one_click_lead_form_opens,
    cast(sum(m.external_website_conversions) as bigint) as external_website_conversions,
    cast(sum(m.external_website_post_click_conversions) as bigint) as external_website_post_click_conversions,
    cast(sum(m.external_website_post_view_conversions) as bigint) as external_website_post_view_conversions,
    cast(sum(m.conversion_value_in_local_currency) as numeric(38, 18)) as conversion_value_in_local_currency,
    cast(sum(m.opens) as bigint) as opens,
    cast(sum(m.sends) as bigint) as sends,
    cast(sum(m.video_views) as bigint) as video_views,
    cast(sum(m.company_page_clicks) as bigint) as company_page_clicks,
    cast(sum(m.qualified_leads) as bigint) as qualified_leads
    -- [[[end]]]
from campaign_daily_metrics as m
where m.account_id = cast($account_id as bigint)
  and m.campaign_id = cast($campaign_id as bigint)
  and m.date between cast($first_day as date) and cast($last_day as date)
group by week
order by week
