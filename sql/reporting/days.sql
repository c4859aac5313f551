-- What did each ad set do on each day?
--
-- Returns: one row per ad set and UTC day with activity. Add days up as you like, and make ratios of the sums
-- Columns: date (date, LinkedIn's reporting day in UTC), account_id (bigint), account_name (text),
--          currency (text, of the account; never add money of several),
--          campaign_group_id (bigint, the campaign on LinkedIn's website), campaign_group_name (text),
--          ad_set_id (bigint, the campaign in LinkedIn's API), ad_set_name (text), objective_type (text),
--          fetched_on (date, UTC day on which it was last fetched; null: never completely),
--          provisional (boolean, fetched so early that LinkedIn may still correct it),
--          results_provisional (boolean, the same of leads and conversions),
--          key_result (text, what the objective is after),
--          key_results (bigint, how many; compare within one objective),
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
    m.account_id,
    a.name as account_name,
    a.currency,
    c.campaign_group_id,
    g.name as campaign_group_name,
    m.campaign_id as ad_set_id,
    c.name as ad_set_name,
    c.objective_type,
    to_date(left(f.snapshot, 8), 'YYYYMMDD') as fetched_on,
    -- [[[cog cog.outl(sql.provisional("to_date(left(f.snapshot, 8), 'YYYYMMDD') - m.date")) ]]]
    coalesce(to_date(left(f.snapshot, 8), 'YYYYMMDD') - m.date <= 2, true) as provisional,
    coalesce(to_date(left(f.snapshot, 8), 'YYYYMMDD') - m.date <= 29, true) as results_provisional,
    -- [[[end]]]
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
    -- [[[cog cog.outl(sql.key_results("c.objective_type", "m")) ]]]
    case
        when c.objective_type in ('BRAND_AWARENESS', 'BRAND_AWARENESSS') then m.impressions
        when c.objective_type in ('WEBSITE_VISIT', 'WEBSITE_VISITS') then m.landing_page_clicks
        when c.objective_type in ('ENGAGEMENT', 'ENGAGEMENTS') then m.total_engagements
        when c.objective_type in ('VIDEO_VIEW', 'VIDEO_VIEWS') then m.video_views
        when c.objective_type in ('COMMUNITY_GROWTH', 'COMMUNITY_GROWTHS') then m.follows
        when c.objective_type in ('LEAD_GENERATION', 'LEAD_GENERATIONS') then m.one_click_leads
        when c.objective_type in ('WEBSITE_CONVERSION', 'WEBSITE_CONVERSIONS') then m.external_website_conversions
        when c.objective_type in ('JOB_APPLICANT', 'JOB_APPLICANTS') then m.landing_page_clicks
    end as key_results,
    -- [[[end]]]
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
left join campaigns as c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
left join campaign_groups as g on g.account_id = m.account_id and g.campaign_group_id = c.campaign_group_id
left join ad_accounts as a on a.account_id = m.account_id
left join (
    select d.account_id, d.date, max(v.snapshot) as snapshot
    from (select distinct account_id, date from campaign_daily_metrics) as d
    join coverage as v
        on v.account_id = d.account_id
        and v.resource = 'campaign_daily_metrics'
        and d.date between v.window_start and v.window_end
    group by d.account_id, d.date
) as f on f.account_id = m.account_id and f.date = m.date
