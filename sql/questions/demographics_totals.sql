-- How much of an account do its segments show? Privacy thresholds hide the rest.
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per account and pivot
-- Columns: account_id (bigint), pivot (text), window_start (date), window_end (date, inclusive), segments (bigint),
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC, prefix="shown_") + ",") ]]]
--          shown_impressions (bigint), shown_clicks (bigint), shown_landing_page_clicks (bigint),
--          shown_cost_in_local_currency (numeric, account currency), shown_one_click_leads (bigint),
--          shown_external_website_conversions (bigint),
-- [[[end]]]
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC, prefix="account_", null="no campaign figure, or days not asked for")) ]]]
--          account_impressions (bigint, null: no campaign figure, or days not asked for),
--          account_clicks (bigint, null: no campaign figure, or days not asked for),
--          account_landing_page_clicks (bigint, null: no campaign figure, or days not asked for),
--          account_cost_in_local_currency (numeric, account currency; null: no campaign figure, or days not asked for),
--          account_one_click_leads (bigint, null: no campaign figure, or days not asked for),
--          account_external_website_conversions (bigint, null: no campaign figure, or days not asked for)
-- [[[end]]]
with shown as (
    select
        d.account_id,
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
    from audience_demographics as d
    where (cast($account_ids as bigint[]) is null or d.account_id = any(cast($account_ids as bigint[])))
    group by d.account_id, d."pivot", d.window_start, d.window_end
),
windows as (
    select distinct s.account_id, s.window_start, s.window_end
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
account as (
    select
        w.account_id,
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
    join campaign_daily_metrics as m on m.account_id = w.account_id and m.date between w.window_start and w.window_end
    group by w.account_id, w.window_start, w.window_end
)
select
    s.account_id,
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
    -- [[[cog cog.outl(sql.names("t", sql.BY_DEMOGRAPHIC, prefix="account_")) ]]]
    t.impressions as account_impressions,
    t.clicks as account_clicks,
    t.landing_page_clicks as account_landing_page_clicks,
    t.cost_in_local_currency as account_cost_in_local_currency,
    t.one_click_leads as account_one_click_leads,
    t.external_website_conversions as account_external_website_conversions
    -- [[[end]]]
from shown as s
left join account as t
    on t.account_id = s.account_id and t.window_start = s.window_start and t.window_end = s.window_end
order by s.account_id, s."pivot" collate "C", s.window_start, s.window_end
