-- Where do spend and results go, by campaign (API: campaign group) and objective? With the period before.
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive),
--          $previous_first_day (date, null: no comparison), $previous_last_day (date, null: no comparison),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per campaign group, objective of its campaigns, and period
-- Columns: account_id (bigint), account_name (text), currency (text),
--          campaign_group_id (bigint, null: of campaigns not listed any more), name (text), status (text),
--          total_budget (numeric, account currency), daily_budget (numeric, account currency),
--          run_schedule_end (timestamptz), objective_type (text), period (text, current or previous),
--          active_campaigns (bigint),
-- [[[cog cog.outl(sql.columns()) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          cost_in_usd (numeric, USD), landing_page_clicks (bigint), total_engagements (bigint), likes (bigint),
--          comments (bigint), shares (bigint), follows (bigint), one_click_leads (bigint),
--          one_click_lead_form_opens (bigint), external_website_conversions (bigint),
--          external_website_post_click_conversions (bigint), external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency), opens (bigint), sends (bigint),
--          video_views (bigint), company_page_clicks (bigint), qualified_leads (bigint)
-- [[[end]]]
with figures as (
    select
        m.account_id,
        c.campaign_group_id,
        c.objective_type,
        case
            when m.date between cast($first_day as date) and cast($last_day as date) then 'current'
            else 'previous'
        end as period,
        cast(count(distinct m.campaign_id) as bigint) as active_campaigns,
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
    left join campaigns as c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
    where (
        m.date between cast($first_day as date) and cast($last_day as date)
        or m.date between cast($previous_first_day as date) and cast($previous_last_day as date)
    )
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
      -- [[[cog cog.outl(sql.campaign_filter()) ]]]
      and (
          cast($objective_type as text) is null
          or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
      )
      and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
      -- [[[end]]]
    group by m.account_id, c.campaign_group_id, c.objective_type, period
)
select
    f.account_id,
    a.name as account_name,
    a.currency,
    f.campaign_group_id,
    g.name,
    g.status,
    g.total_budget,
    g.daily_budget,
    g.run_schedule_end,
    f.objective_type,
    f.period,
    f.active_campaigns,
    -- [[[cog cog.outl(sql.names("f")) ]]]
    f.impressions,
    f.clicks,
    f.cost_in_local_currency,
    f.cost_in_usd,
    f.landing_page_clicks,
    f.total_engagements,
    f.likes,
    f.comments,
    f.shares,
    f.follows,
    f.one_click_leads,
    f.one_click_lead_form_opens,
    f.external_website_conversions,
    f.external_website_post_click_conversions,
    f.external_website_post_view_conversions,
    f.conversion_value_in_local_currency,
    f.opens,
    f.sends,
    f.video_views,
    f.company_page_clicks,
    f.qualified_leads
    -- [[[end]]]
from figures as f
left join campaign_groups as g on g.account_id = f.account_id and g.campaign_group_id = f.campaign_group_id
left join ad_accounts as a on a.account_id = f.account_id
order by f.account_id, f.campaign_group_id nulls last, f.objective_type collate "C" nulls last, f.period
