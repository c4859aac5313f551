-- How did one ad set do, day by day?
--
-- Params:  $account_id (bigint), $campaign_id (bigint), $first_day (date), $last_day (date, inclusive)
-- Returns: one row per UTC day with activity, oldest first
-- Columns: date (date),
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
    m.date,
    -- [[[cog cog.outl(sql.names("m")) ]]]
    m.impressions,
    m.clicks,
    m.cost_in_local_currency,
    m.cost_in_usd,
    m.landing_page_clicks,
    m.total_engagements,
    m.likes,
    m.comments,
    m.shares,
    m.follows,
    m.one_click_leads,
    m.one_click_lead_form_opens,
    m.external_website_conversions,
    m.external_website_post_click_conversions,
    m.external_website_post_view_conversions,
    m.conversion_value_in_local_currency,
    m.opens,
    m.sends,
    m.video_views,
    m.company_page_clicks,
    m.qualified_leads
    -- [[[end]]]
from campaign_daily_metrics as m
where m.account_id = cast($account_id as bigint)
  and m.campaign_id = cast($campaign_id as bigint)
  and m.date between cast($first_day as date) and cast($last_day as date)
order by m.date
