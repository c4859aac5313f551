-- On LinkedIn or off it: where were the ads of each ad set shown, day by day?
-- What the places lack of an ad set's own figures is a row UNREPORTED (negative where the places have more), on days of
-- which places are fetched whole.
--
-- Params:  $first_day (date), $last_day (date, inclusive), $account_ids (bigint[], null: every account)
-- Returns: one row per ad set, UTC day and serving location with activity, oldest first
-- Columns: account_id (bigint), currency (text), campaign_id (bigint), date (date),
--          serving_location (text, ON_SITE or another place such as OFF_SITE; UNREPORTED: no place has it),
-- [[[cog cog.outl(sql.columns(sql.CORE)) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          cost_in_usd (numeric, USD), landing_page_clicks (bigint), total_engagements (bigint), likes (bigint),
--          comments (bigint), shares (bigint), follows (bigint), one_click_leads (bigint),
--          one_click_lead_form_opens (bigint), external_website_conversions (bigint),
--          external_website_post_click_conversions (bigint), external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency), opens (bigint), sends (bigint)
-- [[[end]]]
with places as (
    select
        p.account_id,
        p.campaign_id,
        p.date,
        p.serving_location,
        -- [[[cog cog.outl(sql.names("p", sql.CORE)) ]]]
        p.impressions,
        p.clicks,
        p.cost_in_local_currency,
        p.cost_in_usd,
        p.landing_page_clicks,
        p.total_engagements,
        p.likes,
        p.comments,
        p.shares,
        p.follows,
        p.one_click_leads,
        p.one_click_lead_form_opens,
        p.external_website_conversions,
        p.external_website_post_click_conversions,
        p.external_website_post_view_conversions,
        p.conversion_value_in_local_currency,
        p.opens,
        p.sends
        -- [[[end]]]
    from placement_daily_metrics as p
    where p.date between cast($first_day as date) and cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or p.account_id = any(cast($account_ids as bigint[])))
),
together as (
    select
        p.account_id,
        p.campaign_id,
        p.date,
        -- [[[cog cog.outl(sql.sums("p", sql.CORE)) ]]]
        cast(sum(p.impressions) as bigint) as impressions,
        cast(sum(p.clicks) as bigint) as clicks,
        cast(sum(p.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
        cast(sum(p.cost_in_usd) as numeric(38, 18)) as cost_in_usd,
        cast(sum(p.landing_page_clicks) as bigint) as landing_page_clicks,
        cast(sum(p.total_engagements) as bigint) as total_engagements,
        cast(sum(p.likes) as bigint) as likes,
        cast(sum(p.comments) as bigint) as comments,
        cast(sum(p.shares) as bigint) as shares,
        cast(sum(p.follows) as bigint) as follows,
        cast(sum(p.one_click_leads) as bigint) as one_click_leads,
        cast(sum(p.one_click_lead_form_opens) as bigint) as one_click_lead_form_opens,
        cast(sum(p.external_website_conversions) as bigint) as external_website_conversions,
        cast(sum(p.external_website_post_click_conversions) as bigint) as external_website_post_click_conversions,
        cast(sum(p.external_website_post_view_conversions) as bigint) as external_website_post_view_conversions,
        cast(sum(p.conversion_value_in_local_currency) as numeric(38, 18)) as conversion_value_in_local_currency,
        cast(sum(p.opens) as bigint) as opens,
        cast(sum(p.sends) as bigint) as sends
        -- [[[end]]]
    from places as p
    group by p.account_id, p.campaign_id, p.date
),
unreported as (
    select
        m.account_id,
        m.campaign_id,
        m.date,
        'UNREPORTED' as serving_location,
        -- [[[cog cog.outl(sql.differences("m", "t", sql.CORE)) ]]]
        cast(m.impressions - coalesce(t.impressions, 0) as bigint) as impressions,
        cast(m.clicks - coalesce(t.clicks, 0) as bigint) as clicks,
        cast(m.cost_in_local_currency - coalesce(t.cost_in_local_currency, 0) as numeric(38, 18)) as cost_in_local_currency,
        cast(m.cost_in_usd - coalesce(t.cost_in_usd, 0) as numeric(38, 18)) as cost_in_usd,
        cast(m.landing_page_clicks - coalesce(t.landing_page_clicks, 0) as bigint) as landing_page_clicks,
        cast(m.total_engagements - coalesce(t.total_engagements, 0) as bigint) as total_engagements,
        cast(m.likes - coalesce(t.likes, 0) as bigint) as likes,
        cast(m.comments - coalesce(t.comments, 0) as bigint) as comments,
        cast(m.shares - coalesce(t.shares, 0) as bigint) as shares,
        cast(m.follows - coalesce(t.follows, 0) as bigint) as follows,
        cast(m.one_click_leads - coalesce(t.one_click_leads, 0) as bigint) as one_click_leads,
        cast(m.one_click_lead_form_opens - coalesce(t.one_click_lead_form_opens, 0) as bigint) as one_click_lead_form_opens,
        cast(m.external_website_conversions - coalesce(t.external_website_conversions, 0) as bigint) as external_website_conversions,
        cast(m.external_website_post_click_conversions - coalesce(t.external_website_post_click_conversions, 0) as bigint) as external_website_post_click_conversions,
        cast(m.external_website_post_view_conversions - coalesce(t.external_website_post_view_conversions, 0) as bigint) as external_website_post_view_conversions,
        cast(m.conversion_value_in_local_currency - coalesce(t.conversion_value_in_local_currency, 0) as numeric(38, 18)) as conversion_value_in_local_currency,
        cast(m.opens - coalesce(t.opens, 0) as bigint) as opens,
        cast(m.sends - coalesce(t.sends, 0) as bigint) as sends
        -- [[[end]]]
    from campaign_daily_metrics as m
    left join together as t
        on t.account_id = m.account_id and t.campaign_id = m.campaign_id and t.date = m.date
    where m.date between cast($first_day as date) and cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
      and exists (
          select 1 from coverage as c
          where c.account_id = m.account_id
            and c.resource = 'placement_daily_metrics'
            and m.date between c.window_start and c.window_end
      )
      -- [[[cog cog.outl(sql.differ("m", "t", sql.CORE)) ]]]
      and (
          m.impressions <> coalesce(t.impressions, 0)
          or m.clicks <> coalesce(t.clicks, 0)
          or m.cost_in_local_currency <> coalesce(t.cost_in_local_currency, 0)
          or m.cost_in_usd <> coalesce(t.cost_in_usd, 0)
          or m.landing_page_clicks <> coalesce(t.landing_page_clicks, 0)
          or m.total_engagements <> coalesce(t.total_engagements, 0)
          or m.likes <> coalesce(t.likes, 0)
          or m.comments <> coalesce(t.comments, 0)
          or m.shares <> coalesce(t.shares, 0)
          or m.follows <> coalesce(t.follows, 0)
          or m.one_click_leads <> coalesce(t.one_click_leads, 0)
          or m.one_click_lead_form_opens <> coalesce(t.one_click_lead_form_opens, 0)
          or m.external_website_conversions <> coalesce(t.external_website_conversions, 0)
          or m.external_website_post_click_conversions <> coalesce(t.external_website_post_click_conversions, 0)
          or m.external_website_post_view_conversions <> coalesce(t.external_website_post_view_conversions, 0)
          or m.conversion_value_in_local_currency <> coalesce(t.conversion_value_in_local_currency, 0)
          or m.opens <> coalesce(t.opens, 0)
          or m.sends <> coalesce(t.sends, 0)
      )
      -- [[[end]]]
)
select
    f.account_id,
    a.currency,
    f.campaign_id,
    f.date,
    f.serving_location,
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
    select * from places
    union all
    select * from unreported
) as f
left join ad_accounts as a on a.account_id = f.account_id
order by f.account_id, f.date, f.campaign_id, f.serving_location collate "C"
