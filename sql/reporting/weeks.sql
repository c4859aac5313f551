-- What did each ad set do in each week?
--
-- Returns: one row per ad set and ISO week with activity
-- Columns: week (date, its Monday in UTC), active_days (bigint), account_id (bigint), account_name (text),
--          currency (text, of the account; never add money of several),
--          campaign_group_id (bigint, the campaign on LinkedIn's website), campaign_group_name (text),
--          ad_set_id (bigint, the campaign in LinkedIn's API), ad_set_name (text), objective_type (text),
--          provisional (boolean, fetched so early that LinkedIn may still correct it),
--          results_provisional (boolean, the same of leads and conversions),
--          key_result (text, what the objective is after),
--          key_results (bigint, how many; compare within one objective),
--          cost_per_key_result (numeric, account currency; per 1000 for impressions),
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
    t.week,
    t.active_days,
    t.account_id,
    t.account_name,
    t.currency,
    t.campaign_group_id,
    t.campaign_group_name,
    t.ad_set_id,
    t.ad_set_name,
    t.objective_type,
    t.provisional,
    t.results_provisional,
    t.key_result,
    t.key_results,
    -- [[[cog cog.outl(sql.cost_per_key_result("t")) ]]]
    round(case when t.key_result in ('Impressions') then 1000 else 1 end
        * cast(t.cost_in_local_currency as numeric) / nullif(t.key_results, 0), 9) as cost_per_key_result,
    -- [[[end]]]
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
        cast(date_trunc('week', d.date) as date) as week,
        count(*) as active_days,
        d.account_id,
        d.account_name,
        d.currency,
        d.campaign_group_id,
        d.campaign_group_name,
        d.ad_set_id,
        d.ad_set_name,
        d.objective_type,
        bool_or(d.provisional) as provisional,
        bool_or(d.results_provisional) as results_provisional,
        d.key_result,
        cast(sum(d.key_results) as bigint) as key_results,
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
    group by
        cast(date_trunc('week', d.date) as date), d.account_id, d.account_name, d.currency, d.campaign_group_id,
        d.campaign_group_name, d.ad_set_id, d.ad_set_name, d.objective_type, d.key_result
) as t
