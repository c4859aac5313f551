-- How did each ad set do, month by month, also in months whose days LinkedIn no longer gives?
-- Only months that are known whole: from their days where all are fetched, else as LinkedIn gives the month. Never both.
--
-- Params:  $first_day (date), $last_day (date, inclusive), $account_ids (bigint[], null: every account)
-- Returns: one row per ad set and calendar month with activity that has a day among these, oldest first
-- Columns: account_id (bigint), currency (text), campaign_id (bigint), month_start (date), from_days (boolean),
-- [[[cog cog.outl(sql.columns(sql.CORE)) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          cost_in_usd (numeric, USD), landing_page_clicks (bigint), total_engagements (bigint), likes (bigint),
--          comments (bigint), shares (bigint), follows (bigint), one_click_leads (bigint),
--          one_click_lead_form_opens (bigint), external_website_conversions (bigint),
--          external_website_post_click_conversions (bigint), external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency), opens (bigint), sends (bigint)
-- [[[end]]]
with covered as (
    select distinct
        v.account_id,
        v.window_start + cast(n.day as integer) as date
    from coverage as v
    join generate_series(0, 9999) as n(day) on n.day <= v.window_end - v.window_start
    where v.resource = 'campaign_daily_metrics'
      and v.window_end >= cast(date_trunc('month', cast($first_day as date)) as date)
      and (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
),
whole as (
    select
        c.account_id,
        cast(date_trunc('month', c.date) as date) as month_start
    from covered as c
    group by c.account_id, cast(date_trunc('month', c.date) as date)
    having count(*) = max(
        cast(date_trunc('month', c.date) + interval '1 month' as date) - cast(date_trunc('month', c.date) as date)
    )
),
days as (
    select
        m.account_id,
        m.campaign_id,
        w.month_start,
        true as from_days,
        -- [[[cog cog.outl(sql.sums("m", sql.CORE)) ]]]
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
        cast(sum(m.sends) as bigint) as sends
        -- [[[end]]]
    from whole as w
    join campaign_daily_metrics as m
        on m.account_id = w.account_id
        and m.date between w.month_start and cast(w.month_start + interval '1 month' as date) - 1
    where w.month_start between cast(date_trunc('month', cast($first_day as date)) as date) and cast($last_day as date)
    group by m.account_id, m.campaign_id, w.month_start
),
months as (
    select
        m.account_id,
        m.campaign_id,
        m.month_start,
        false as from_days,
        -- [[[cog cog.outl(sql.names("m", sql.CORE)) ]]]
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
        m.sends
        -- [[[end]]]
    from campaign_monthly_metrics as m
    where m.month_start between cast(date_trunc('month', cast($first_day as date)) as date) and cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
      and not exists (
          select 1 from whole as w where w.account_id = m.account_id and w.month_start = m.month_start
      )
)
select
    f.account_id,
    a.currency,
    f.campaign_id,
    f.month_start,
    f.from_days,
    -- [[[cog cog.outl(sql.names("f", sql.CORE)) ]]]
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
    f.sends
    -- [[[end]]]
from (
    select * from days
    union all
    select * from months
) as f
left join ad_accounts as a on a.account_id = f.account_id
order by f.account_id, f.month_start, f.campaign_id
