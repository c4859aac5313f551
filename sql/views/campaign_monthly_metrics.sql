-- Campaigns by calendar month: what the newest snapshot that covers the month says. Months stand apart from days: LinkedIn
-- keeps them for ten years, and days perhaps for half a year. One that LinkedIn leaves out of a row it returned is 0.
select
    r.account_id,
    urn_id(r.element.pivotValues[1]) as campaign_id,
    calendar_day(r.element.dateRange."start") as month_start,
    -- [[[cog cog.outl(sql.fields(sql.CORE)) ]]]
    coalesce(r.element.impressions, 0) as impressions,
    coalesce(r.element.clicks, 0) as clicks,
    coalesce(money(r.element.costInLocalCurrency), 0) as cost_in_local_currency,
    coalesce(money(r.element.costInUsd), 0) as cost_in_usd,
    coalesce(r.element.landingPageClicks, 0) as landing_page_clicks,
    coalesce(r.element.totalEngagements, 0) as total_engagements,
    coalesce(r.element.likes, 0) as likes,
    coalesce(r.element.comments, 0) as comments,
    coalesce(r.element.shares, 0) as shares,
    coalesce(r.element.follows, 0) as follows,
    coalesce(r.element.oneClickLeads, 0) as one_click_leads,
    coalesce(r.element.oneClickLeadFormOpens, 0) as one_click_lead_form_opens,
    coalesce(r.element.externalWebsiteConversions, 0) as external_website_conversions,
    coalesce(r.element.externalWebsitePostClickConversions, 0) as external_website_post_click_conversions,
    coalesce(r.element.externalWebsitePostViewConversions, 0) as external_website_post_view_conversions,
    coalesce(money(r.element.conversionValueInLocalCurrency), 0) as conversion_value_in_local_currency,
    coalesce(r.element.opens, 0) as opens,
    coalesce(r.element.sends, 0) as sends
    -- [[[end]]]
from read_json(
    getvariable('campaign_monthly_metrics'), format = 'newline_delimited', filename = 'path',
    maximum_object_size = 2097152, hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        -- [[[cog cog.outl(sql.element(*sql.DAILY_KEY, metrics=sql.CORE)) ]]]
        element: 'STRUCT(
            pivotValues VARCHAR[],
            dateRange STRUCT("start" STRUCT(year INTEGER, month INTEGER, day INTEGER)),
            impressions BIGINT, clicks BIGINT, costInLocalCurrency VARCHAR, costInUsd VARCHAR, landingPageClicks BIGINT,
            totalEngagements BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, follows BIGINT, oneClickLeads BIGINT,
            oneClickLeadFormOpens BIGINT, externalWebsiteConversions BIGINT, externalWebsitePostClickConversions BIGINT,
            externalWebsitePostViewConversions BIGINT, conversionValueInLocalCurrency VARCHAR, opens BIGINT,
            sends BIGINT)'
        -- [[[end]]]
    }
) as r
join decides as d
    on d.path = r.path
    and calendar_day(r.element.dateRange."start") between d.first_day and d.last_day
