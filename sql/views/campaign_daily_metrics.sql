-- Campaigns by UTC day: what the newest snapshot that covers the day completely says.
-- A metric that LinkedIn leaves out of a row it returned is 0, and null if the snapshot did not ask for it; a row it did
-- not return is not invented.
select
    r.account_id,
    urn_id(r.element.pivotValues[1]) as campaign_id,
    calendar_day(r.element.dateRange."start") as date,
    -- [[[cog cog.outl(sql.fields()) ]]]
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
    coalesce(r.element.sends, 0) as sends,
    coalesce(r.element.videoStarts, case when k."videoStarts" then 0 end) as video_starts,
    coalesce(r.element.videoViews, case when k."videoViews" then 0 end) as video_views,
    coalesce(r.element.videoFirstQuartileCompletions, case when k."videoFirstQuartileCompletions" then 0 end) as video_first_quartile_completions,
    coalesce(r.element.videoMidpointCompletions, case when k."videoMidpointCompletions" then 0 end) as video_midpoint_completions,
    coalesce(r.element.videoThirdQuartileCompletions, case when k."videoThirdQuartileCompletions" then 0 end) as video_third_quartile_completions,
    coalesce(r.element.videoCompletions, case when k."videoCompletions" then 0 end) as video_completions,
    coalesce(r.element.fullScreenPlays, case when k."fullScreenPlays" then 0 end) as full_screen_plays,
    coalesce(r.element.videoWatchTime, case when k."videoWatchTime" then 0 end) as video_watch_time,
    coalesce(r.element.documentFirstQuartileCompletions, case when k."documentFirstQuartileCompletions" then 0 end) as document_first_quartile_completions,
    coalesce(r.element.documentMidpointCompletions, case when k."documentMidpointCompletions" then 0 end) as document_midpoint_completions,
    coalesce(r.element.documentThirdQuartileCompletions, case when k."documentThirdQuartileCompletions" then 0 end) as document_third_quartile_completions,
    coalesce(r.element.documentCompletions, case when k."documentCompletions" then 0 end) as document_completions,
    coalesce(r.element.downloadClicks, case when k."downloadClicks" then 0 end) as download_clicks,
    coalesce(r.element.reactions, case when k."reactions" then 0 end) as reactions,
    coalesce(r.element.companyPageClicks, case when k."companyPageClicks" then 0 end) as company_page_clicks,
    coalesce(r.element.textUrlClicks, case when k."textUrlClicks" then 0 end) as text_url_clicks,
    coalesce(r.element.actionClicks, case when k."actionClicks" then 0 end) as action_clicks,
    coalesce(r.element.adUnitClicks, case when k."adUnitClicks" then 0 end) as ad_unit_clicks,
    coalesce(r.element.otherEngagements, case when k."otherEngagements" then 0 end) as other_engagements,
    coalesce(r.element.validWorkEmailLeads, case when k."validWorkEmailLeads" then 0 end) as valid_work_email_leads,
    coalesce(r.element.qualifiedLeads, case when k."qualifiedLeads" then 0 end) as qualified_leads,
    coalesce(r.element.leadGenerationMailContactInfoShares, case when k."leadGenerationMailContactInfoShares" then 0 end) as message_lead_shares,
    coalesce(r.element.leadGenerationMailInterestedClicks, case when k."leadGenerationMailInterestedClicks" then 0 end) as message_lead_clicks,
    coalesce(r.element.headlineClicks, case when k."headlineClicks" then 0 end) as headline_clicks,
    coalesce(r.element.subscriptionClicks, case when k."subscriptionClicks" then 0 end) as subscription_clicks,
    coalesce(money(r.element.registrations), case when k."registrations" then 0 end) as registrations,
    coalesce(money(r.element.jobApplications), case when k."jobApplications" then 0 end) as job_applications,
    coalesce(money(r.element.jobApplyClicks), case when k."jobApplyClicks" then 0 end) as job_apply_clicks,
    coalesce(r.element.cardClicks, case when k."cardClicks" then 0 end) as card_clicks,
    coalesce(r.element.viralImpressions, case when k."viralImpressions" then 0 end) as viral_impressions,
    coalesce(r.element.viralClicks, case when k."viralClicks" then 0 end) as viral_clicks,
    coalesce(r.element.viralOneClickLeads, case when k."viralOneClickLeads" then 0 end) as viral_one_click_leads,
    coalesce(r.element.viralTotalEngagements, case when k."viralTotalEngagements" then 0 end) as viral_total_engagements
    -- [[[end]]]
from read_json(
    getvariable('campaign_daily_metrics'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        -- [[[cog cog.outl(sql.element(*sql.DAILY_KEY)) ]]]
        element: 'STRUCT(
            pivotValues VARCHAR[],
            dateRange STRUCT("start" STRUCT(year INTEGER, month INTEGER, day INTEGER)),
            impressions BIGINT, clicks BIGINT, costInLocalCurrency VARCHAR, costInUsd VARCHAR, landingPageClicks BIGINT,
            totalEngagements BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, follows BIGINT, oneClickLeads BIGINT,
            oneClickLeadFormOpens BIGINT, externalWebsiteConversions BIGINT, externalWebsitePostClickConversions BIGINT,
            externalWebsitePostViewConversions BIGINT, conversionValueInLocalCurrency VARCHAR, opens BIGINT,
            sends BIGINT, videoStarts BIGINT, videoViews BIGINT, videoFirstQuartileCompletions BIGINT,
            videoMidpointCompletions BIGINT, videoThirdQuartileCompletions BIGINT, videoCompletions BIGINT,
            fullScreenPlays BIGINT, videoWatchTime BIGINT, documentFirstQuartileCompletions BIGINT,
            documentMidpointCompletions BIGINT, documentThirdQuartileCompletions BIGINT, documentCompletions BIGINT,
            downloadClicks BIGINT, reactions BIGINT, companyPageClicks BIGINT, textUrlClicks BIGINT,
            actionClicks BIGINT, adUnitClicks BIGINT, otherEngagements BIGINT, validWorkEmailLeads BIGINT,
            qualifiedLeads BIGINT, leadGenerationMailContactInfoShares BIGINT,
            leadGenerationMailInterestedClicks BIGINT, headlineClicks BIGINT, subscriptionClicks BIGINT,
            registrations VARCHAR, jobApplications VARCHAR, jobApplyClicks VARCHAR, cardClicks BIGINT,
            viralImpressions BIGINT, viralClicks BIGINT, viralOneClickLeads BIGINT, viralTotalEngagements BIGINT)'
        -- [[[end]]]
    }
) as r
join decides as d
    on d.path = r.path
    and calendar_day(r.element.dateRange."start") between d.first_day and d.last_day
left join asked as k on k.path = r.path
