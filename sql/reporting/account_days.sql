-- What did each account do on each day?
--
-- Returns: one row per account and UTC day with activity; key results are in days, as objectives do not add up
-- Columns: date (date, LinkedIn's reporting day in UTC), account_id (bigint), account_name (text),
--          currency (text, of the account; never add money of several),
--          provisional (boolean, fetched so early that LinkedIn may still correct it),
--          results_provisional (boolean, the same of leads and conversions),
-- [[[cog cog.outl(sql.ratio_columns()) ]]]
--          ctr (numeric, Clicks ÷ impressions), lp_ctr (numeric, Landing-page clicks ÷ impressions),
--          cpc (numeric, Spend ÷ clicks), cost_per_lp_click (numeric, Spend ÷ landing-page clicks),
--          cpm (numeric, 1000 × spend ÷ impressions), engagement_rate (numeric, Engagements ÷ impressions),
--          cpl (numeric, Spend ÷ leads), form_open_rate (numeric, Form opens ÷ impressions),
--          form_completion_rate (numeric, Leads ÷ form opens), cpa (numeric, Spend ÷ conversions),
--          cvr (numeric, Conversions after a click ÷ landing-page clicks),
--          view_through_share (numeric, Conversions after a view ÷ all conversions),
--          roas (numeric, Conversion value ÷ spend both in the account's currency),
--          message_open_rate (numeric, Opens ÷ sends),
-- [[[end]]]
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
    t.date,
    t.account_id,
    t.account_name,
    t.currency,
    t.provisional,
    t.results_provisional,
    -- [[[cog cog.outl(sql.ratios("t")) ]]]
    round(cast(t.clicks as numeric) / nullif(t.impressions, 0), 9) as ctr,
    round(cast(t.landing_page_clicks as numeric) / nullif(t.impressions, 0), 9) as lp_ctr,
    round(cast(t.cost_in_local_currency as numeric) / nullif(t.clicks, 0), 9) as cpc,
    round(cast(t.cost_in_local_currency as numeric) / nullif(t.landing_page_clicks, 0), 9) as cost_per_lp_click,
    round(1000 * cast(t.cost_in_local_currency as numeric) / nullif(t.impressions, 0), 9) as cpm,
    round(cast(t.total_engagements as numeric) / nullif(t.impressions, 0), 9) as engagement_rate,
    round(cast(t.cost_in_local_currency as numeric) / nullif(t.one_click_leads, 0), 9) as cpl,
    round(cast(t.one_click_lead_form_opens as numeric) / nullif(t.impressions, 0), 9) as form_open_rate,
    round(cast(t.one_click_leads as numeric) / nullif(t.one_click_lead_form_opens, 0), 9) as form_completion_rate,
    round(cast(t.cost_in_local_currency as numeric) / nullif(t.external_website_conversions, 0), 9) as cpa,
    round(cast(t.external_website_post_click_conversions as numeric) / nullif(t.landing_page_clicks, 0), 9) as cvr,
    round(cast(t.external_website_post_view_conversions as numeric) / nullif(t.external_website_conversions, 0), 9) as view_through_share,
    round(cast(t.conversion_value_in_local_currency as numeric) / nullif(t.cost_in_local_currency, 0), 9) as roas,
    round(cast(t.opens as numeric) / nullif(t.sends, 0), 9) as message_open_rate,
    -- [[[end]]]
    -- [[[cog cog.outl(sql.names("t")) ]]]
    t.impressions,
    t.clicks,
    t.cost_in_local_currency,
    t.cost_in_usd,
    t.landing_page_clicks,
    t.total_engagements,
    t.likes,
    t.comments,
    t.shares,
    t.follows,
    t.one_click_leads,
    t.one_click_lead_form_opens,
    t.external_website_conversions,
    t.external_website_post_click_conversions,
    t.external_website_post_view_conversions,
    t.conversion_value_in_local_currency,
    t.opens,
    t.sends,
    t.video_views,
    t.company_page_clicks,
    t.qualified_leads
    -- [[[end]]]
from (
    select
        d.date,
        d.account_id,
        d.account_name,
        d.currency,
        bool_or(d.provisional) as provisional,
        bool_or(d.results_provisional) as results_provisional,
        -- [[[cog cog.outl(sql.sums("d")) ]]]
        cast(sum(d.impressions) as bigint) as impressions,
        cast(sum(d.clicks) as bigint) as clicks,
        cast(sum(d.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
        cast(sum(d.cost_in_usd) as numeric(38, 18)) as cost_in_usd,
        cast(sum(d.landing_page_clicks) as bigint) as landing_page_clicks,
        cast(sum(d.total_engagements) as bigint) as total_engagements,
        cast(sum(d.likes) as bigint) as likes,
        cast(sum(d.comments) as bigint) as comments,
        cast(sum(d.shares) as bigint) as shares,
        cast(sum(d.follows) as bigint) as follows,
        cast(sum(d.one_click_leads) as bigint) as one_click_leads,
        cast(sum(d.one_click_lead_form_opens) as bigint) as one_click_lead_form_opens,
        cast(sum(d.external_website_conversions) as bigint) as external_website_conversions,
        cast(sum(d.external_website_post_click_conversions) as bigint) as external_website_post_click_conversions,
        cast(sum(d.external_website_post_view_conversions) as bigint) as external_website_post_view_conversions,
        cast(sum(d.conversion_value_in_local_currency) as numeric(38, 18)) as conversion_value_in_local_currency,
        cast(sum(d.opens) as bigint) as opens,
        cast(sum(d.sends) as bigint) as sends,
        cast(sum(d.video_views) as bigint) as video_views,
        cast(sum(d.company_page_clicks) as bigint) as company_page_clicks,
        cast(sum(d.qualified_leads) as bigint) as qualified_leads
        -- [[[end]]]
    from days as d
    group by d.date, d.account_id, d.account_name, d.currency
) as t
