-- What ad sets are there, and what did each do in all?
--
-- Returns: one row per ad set, with everything it ever did that was fetched; without activity the figures are null
-- Columns: account_id (bigint), account_name (text), currency (text, of the account; never add money of several),
--          campaign_group_id (bigint, the campaign on LinkedIn's website), campaign_group_name (text),
--          ad_set_id (bigint, the campaign in LinkedIn's API), ad_set_name (text),
--          ad_set_status (text, that people set),
--          listed (boolean, still listed by LinkedIn; null: never seen in a listing), objective_type (text),
--          daily_budget (numeric, account currency), total_budget (numeric, account currency),
--          run_schedule_start (timestamptz), run_schedule_end (timestamptz), first_day (date, with activity),
--          last_day (date), active_days (bigint),
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
    t.account_id,
    a.name as account_name,
    a.currency,
    t.campaign_group_id,
    g.name as campaign_group_name,
    t.ad_set_id,
    t.ad_set_name,
    t.ad_set_status,
    t.listed,
    t.objective_type,
    t.daily_budget,
    t.total_budget,
    t.run_schedule_start,
    t.run_schedule_end,
    t.first_day,
    t.last_day,
    t.active_days,
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
        coalesce(c.account_id, s.account_id) as account_id,
        coalesce(c.campaign_id, s.ad_set_id) as ad_set_id,
        c.campaign_group_id,
        c.name as ad_set_name,
        c.status as ad_set_status,
        c.listed,
        c.objective_type,
        c.daily_budget,
        c.total_budget,
        c.run_schedule_start,
        c.run_schedule_end,
        s.first_day,
        s.last_day,
        s.active_days,
        s.provisional,
        s.results_provisional,
        -- [[[cog cog.outl(sql.key_result("c.objective_type")) ]]]
        case
            when c.objective_type in ('BRAND_AWARENESS', 'BRAND_AWARENESSS') then 'Impressions'
            when c.objective_type in ('WEBSITE_VISIT', 'WEBSITE_VISITS') then 'Landing-page clicks'
            when c.objective_type in ('ENGAGEMENT', 'ENGAGEMENTS') then 'Engagements'
            when c.objective_type in ('VIDEO_VIEW', 'VIDEO_VIEWS') then 'Video views'
            when c.objective_type in ('COMMUNITY_GROWTH', 'COMMUNITY_GROWTHS') then 'Follows'
            when c.objective_type in ('LEAD_GENERATION', 'LEAD_GENERATIONS') then 'Leads'
            when c.objective_type in ('WEBSITE_CONVERSION', 'WEBSITE_CONVERSIONS') then 'Conversions'
            when c.objective_type in ('JOB_APPLICANT', 'JOB_APPLICANTS') then 'Landing-page clicks'
        end as key_result,
        -- [[[end]]]
        s.key_results,
        -- [[[cog cog.outl(sql.names("s")) ]]]
        s.impressions,
        s.clicks,
        s.cost_in_local_currency,
        s.cost_in_usd,
        s.landing_page_clicks,
        s.total_engagements,
        s.likes,
        s.comments,
        s.shares,
        s.follows,
        s.one_click_leads,
        s.one_click_lead_form_opens,
        s.external_website_conversions,
        s.external_website_post_click_conversions,
        s.external_website_post_view_conversions,
        s.conversion_value_in_local_currency,
        s.opens,
        s.sends,
        s.video_views,
        s.company_page_clicks,
        s.qualified_leads
        -- [[[end]]]
    from campaigns as c
    full join (
        select
            d.account_id,
            d.ad_set_id,
            min(d.date) as first_day,
            max(d.date) as last_day,
            count(*) as active_days,
            bool_or(d.provisional) as provisional,
            bool_or(d.results_provisional) as results_provisional,
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
        group by d.account_id, d.ad_set_id
    ) as s on s.account_id = c.account_id and s.ad_set_id = c.campaign_id
) as t
left join campaign_groups as g on g.account_id = t.account_id and g.campaign_group_id = t.campaign_group_id
left join ad_accounts as a on a.account_id = t.account_id
