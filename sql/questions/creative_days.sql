-- What did LinkedIn report for each ad, day by day? A day without any figure has no row.
--
-- Params:  $account_ids (bigint[], null: every account), $creative_id (bigint, null: every ad),
--          $first_day (date, null: from the first day), $last_day (date, null: to the last day; inclusive)
-- Returns: one row per creative and UTC day with activity, of listed and of unlisted ones
-- Columns: account_id (bigint), creative_id (bigint), date (date),
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
    m.account_id,
    m.creative_id,
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
from creative_daily_metrics as m
where (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
  and (cast($creative_id as bigint) is null or m.creative_id = cast($creative_id as bigint))
  and (cast($first_day as date) is null or m.date >= cast($first_day as date))
  and (cast($last_day as date) is null or m.date <= cast($last_day as date))
order by m.account_id, m.creative_id, m.date
