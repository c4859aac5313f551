-- Which ad sets earn more money, which less? With the period before; active ones without any figure have a row too.
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive),
--          $previous_first_day (date, null: no comparison), $previous_last_day (date, null: no comparison),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per campaign and period; active_days is 0 where a campaign is active but has no figure
-- Columns: account_id (bigint), account_name (text), currency (text), campaign_id (bigint),
--          name (text, null: not listed any more), campaign_group_id (bigint), campaign_group_name (text),
--          status (text), serving_statuses (text[]), listed (boolean), format (text), objective_type (text),
--          cost_type (text), optimization_target_type (text), period (text, current or previous), active_days (bigint),
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
        m.campaign_id,
        case
            when m.date between cast($first_day as date) and cast($last_day as date) then 'current'
            else 'previous'
        end as period,
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
    where (
        m.date between cast($first_day as date) and cast($last_day as date)
        or m.date between cast($previous_first_day as date) and cast($previous_last_day as date)
    )
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
    group by m.account_id, m.campaign_id, period
),
shown as (
    select f.account_id, f.campaign_id, f.period
    from figures as f
    union
    select c.account_id, c.campaign_id, 'current'
    from campaigns as c
    where c.listed
      and c.status = 'ACTIVE'
      and (cast($account_ids as bigint[]) is null or c.account_id = any(cast($account_ids as bigint[])))
)
select
    s.account_id,
    a.name as account_name,
    a.currency,
    s.campaign_id,
    c.name,
    c.campaign_group_id,
    g.name as campaign_group_name,
    c.status,
    c.serving_statuses,
    c.listed,
    c.format,
    c.objective_type,
    c.cost_type,
    c.optimization_target_type,
    s.period,
    coalesce(f.active_days, 0) as active_days,
    -- [[[cog cog.outl(sql.sums_or_zero("f")) ]]]
    cast(coalesce(f.impressions, 0) as bigint) as impressions,
    cast(coalesce(f.clicks, 0) as bigint) as clicks,
    cast(coalesce(f.cost_in_local_currency, 0) as numeric(38, 18)) as cost_in_local_currency,
    cast(coalesce(f.cost_in_usd, 0) as numeric(38, 18)) as cost_in_usd,
    cast(coalesce(f.landing_page_clicks, 0) as bigint) as landing_page_clicks,
    cast(coalesce(f.total_engagements, 0) as bigint) as total_engagements,
    cast(coalesce(f.likes, 0) as bigint) as likes,
    cast(coalesce(f.comments, 0) as bigint) as comments,
    cast(coalesce(f.shares, 0) as bigint) as shares,
    cast(coalesce(f.follows, 0) as bigint) as follows,
    cast(coalesce(f.one_click_leads, 0) as bigint) as one_click_leads,
    cast(coalesce(f.one_click_lead_form_opens, 0) as bigint) as one_click_lead_form_opens,
    cast(coalesce(f.external_website_conversions, 0) as bigint) as external_website_conversions,
    cast(coalesce(f.external_website_post_click_conversions, 0) as bigint) as external_website_post_click_conversions,
    cast(coalesce(f.external_website_post_view_conversions, 0) as bigint) as external_website_post_view_conversions,
    cast(coalesce(f.conversion_value_in_local_currency, 0) as numeric(38, 18)) as conversion_value_in_local_currency,
    cast(coalesce(f.opens, 0) as bigint) as opens,
    cast(coalesce(f.sends, 0) as bigint) as sends,
    cast(case when f.impressions is null then 0 else f.video_views end as bigint) as video_views,
    cast(case when f.impressions is null then 0 else f.company_page_clicks end as bigint) as company_page_clicks,
    cast(case when f.impressions is null then 0 else f.qualified_leads end as bigint) as qualified_leads
    -- [[[end]]]
from shown as s
left join figures as f on f.account_id = s.account_id and f.campaign_id = s.campaign_id and f.period = s.period
left join campaigns as c on c.account_id = s.account_id and c.campaign_id = s.campaign_id
left join campaign_groups as g on g.account_id = c.account_id and g.campaign_group_id = c.campaign_group_id
left join ad_accounts as a on a.account_id = s.account_id
where (
    cast($objective_type as text) is null
    or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
)
  and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
order by s.account_id, s.campaign_id, s.period
