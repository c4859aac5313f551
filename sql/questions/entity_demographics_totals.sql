-- How much of a campaign or an ad set do its segments show? Privacy thresholds hide the rest.
--
-- Params:  $account_ids (bigint[], null: every account), $level (text, null: both; else CAMPAIGN_GROUP or CAMPAIGN),
--          $entity_id (bigint, null: every campaign and ad set)
-- Returns: one row per entity and pivot
-- Columns: account_id (bigint), level (text), entity_id (bigint), pivot (text), window_start (date),
--          window_end (date, inclusive), segments (bigint),
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC, prefix="shown_") + ",") ]]]
--          shown_impressions (bigint), shown_clicks (bigint), shown_landing_page_clicks (bigint),
--          shown_cost_in_local_currency (numeric, account currency), shown_one_click_leads (bigint),
--          shown_external_website_conversions (bigint),
-- [[[end]]]
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC, prefix="entity_", null="no figure of its ad sets, one that no listing names, or days not asked for")) ]]]
--          entity_impressions (bigint, null: no figure of its ad sets, one that no listing names, or days not asked for),
--          entity_clicks (bigint, null: no figure of its ad sets, one that no listing names, or days not asked for),
--          entity_landing_page_clicks (bigint, null: no figure of its ad sets, one that no listing names, or days not asked for),
--          entity_cost_in_local_currency (numeric, account currency; null: no figure of its ad sets, one that no listing names, or days not asked for),
--          entity_one_click_leads (bigint, null: no figure of its ad sets, one that no listing names, or days not asked for),
--          entity_external_website_conversions (bigint, null: no figure of its ad sets, one that no listing names, or days not asked for)
-- [[[end]]]
with shown as (
    select
        d.account_id,
        d.level,
        d.entity_id,
        d."pivot",
        d.window_start,
        d.window_end,
        cast(count(*) as bigint) as segments,
        -- [[[cog cog.outl(sql.sums("d", sql.BY_DEMOGRAPHIC)) ]]]
        cast(sum(d.impressions) as bigint) as impressions,
        cast(sum(d.clicks) as bigint) as clicks,
        cast(sum(d.landing_page_clicks) as bigint) as landing_page_clicks,
        cast(sum(d.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
        cast(sum(d.one_click_leads) as bigint) as one_click_leads,
        cast(sum(d.external_website_conversions) as bigint) as external_website_conversions
        -- [[[end]]]
    from entity_demographics as d
    where (cast($account_ids as bigint[]) is null or d.account_id = any(cast($account_ids as bigint[])))
      and (cast($level as text) is null or d.level = cast($level as text))
      and (cast($entity_id as bigint) is null or d.entity_id = cast($entity_id as bigint))
    group by d.account_id, d.level, d.entity_id, d."pivot", d.window_start, d.window_end
),
members as (
    select
        c.account_id,
        'CAMPAIGN' as level,
        c.campaign_id as entity_id,
        c.campaign_id
    from campaigns as c
    union all
    select
        c.account_id,
        'CAMPAIGN_GROUP' as level,
        c.campaign_group_id as entity_id,
        c.campaign_id
    from campaigns as c
),
windows as (
    select distinct s.account_id, s.level, s.entity_id, s.window_start, s.window_end
    from shown as s
),
asked as (
    select
        v.account_id,
        min(v.window_start) as first_day,
        max(v.window_end) as last_day
    from coverage as v
    where v.resource = 'campaign_daily_metrics'
    group by v.account_id
),
entity as (
    select
        w.account_id,
        w.level,
        w.entity_id,
        w.window_start,
        w.window_end,
        -- [[[cog cog.outl(sql.sums("m", sql.BY_DEMOGRAPHIC)) ]]]
        cast(sum(m.impressions) as bigint) as impressions,
        cast(sum(m.clicks) as bigint) as clicks,
        cast(sum(m.landing_page_clicks) as bigint) as landing_page_clicks,
        cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
        cast(sum(m.one_click_leads) as bigint) as one_click_leads,
        cast(sum(m.external_website_conversions) as bigint) as external_website_conversions
        -- [[[end]]]
    from windows as w
    join asked as k
        on k.account_id = w.account_id and k.first_day <= w.window_start and k.last_day >= w.window_end
    join members as c on c.account_id = w.account_id and c.level = w.level and c.entity_id = w.entity_id
    join campaign_daily_metrics as m
        on m.account_id = w.account_id and m.campaign_id = c.campaign_id
        and m.date between w.window_start and w.window_end
    where w.level = 'CAMPAIGN' or not exists (  -- whose ad sets these are, no listing says
        select 1
        from campaign_daily_metrics as u
        left join campaigns as o on o.account_id = u.account_id and o.campaign_id = u.campaign_id
        where u.account_id = w.account_id and u.date between w.window_start and w.window_end
            and o.campaign_id is null
    )
    group by w.account_id, w.level, w.entity_id, w.window_start, w.window_end
)
select
    s.account_id,
    s.level,
    s.entity_id,
    s."pivot",
    s.window_start,
    s.window_end,
    s.segments,
    -- [[[cog cog.outl(sql.names("s", sql.BY_DEMOGRAPHIC, prefix="shown_") + ",") ]]]
    s.impressions as shown_impressions,
    s.clicks as shown_clicks,
    s.landing_page_clicks as shown_landing_page_clicks,
    s.cost_in_local_currency as shown_cost_in_local_currency,
    s.one_click_leads as shown_one_click_leads,
    s.external_website_conversions as shown_external_website_conversions,
    -- [[[end]]]
    -- [[[cog cog.outl(sql.names("t", sql.BY_DEMOGRAPHIC, prefix="entity_")) ]]]
    t.impressions as entity_impressions,
    t.clicks as entity_clicks,
    t.landing_page_clicks as entity_landing_page_clicks,
    t.cost_in_local_currency as entity_cost_in_local_currency,
    t.one_click_leads as entity_one_click_leads,
    t.external_website_conversions as entity_external_website_conversions
    -- [[[end]]]
from shown as s
left join entity as t
    on t.account_id = s.account_id and t.level = s.level and t.entity_id = s.entity_id
    and t.window_start = s.window_start and t.window_end = s.window_end
order by s.account_id, s.level collate "C", s.entity_id, s."pivot" collate "C", s.window_start, s.window_end
