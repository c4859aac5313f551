-- What was known of each day's results at each snapshot? How late results arrive is seen in it.
--
-- Params:  $account_ids (bigint[], null: every account)
-- Reads:   campaign_versions, what every snapshot said, not only what is decided now
-- Returns: one row per snapshot, account, objective and covered UTC day since the objective's first figure; 0 where
--          nothing was reported; of the snapshots of one UTC day the newest that covers the day
-- Columns: snapshot (text), account_id (bigint), currency (text), objective_type (text), date (date),
-- [[[cog cog.outl(sql.columns(sql.SPEND_AND_LATE)) ]]]
--          cost_in_local_currency (numeric, account currency), one_click_leads (bigint),
--          external_website_conversions (bigint), external_website_post_click_conversions (bigint),
--          external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency)
-- [[[end]]]
with said as (
    select
        v.snapshot,
        v.account_id,
        c.objective_type,
        v.date,
        -- [[[cog cog.outl(sql.sums("v", sql.SPEND_AND_LATE)) ]]]
        cast(sum(v.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
        cast(sum(v.one_click_leads) as bigint) as one_click_leads,
        cast(sum(v.external_website_conversions) as bigint) as external_website_conversions,
        cast(sum(v.external_website_post_click_conversions) as bigint) as external_website_post_click_conversions,
        cast(sum(v.external_website_post_view_conversions) as bigint) as external_website_post_view_conversions,
        cast(sum(v.conversion_value_in_local_currency) as numeric(38, 18)) as conversion_value_in_local_currency
        -- [[[end]]]
    from campaign_versions as v
    join campaigns as c on c.account_id = v.account_id and c.campaign_id = v.campaign_id
    where c.objective_type is not null
    group by v.snapshot, v.account_id, c.objective_type, v.date
),
begun as (
    select s.account_id, s.objective_type, min(s.date) as first_day
    from said as s
    group by s.account_id, s.objective_type
),
covered as (
    select v.account_id, v.window_start + cast(n.day as integer) as date, max(v.snapshot) as snapshot
    from coverage as v
    join generate_series(0, 9999) as n(day) on n.day <= v.window_end - v.window_start
    where v.resource = 'campaign_daily_metrics'
      and (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
    group by v.account_id, v.window_start + cast(n.day as integer), substr(v.snapshot, 1, 8)
)
select
    d.snapshot,
    d.account_id,
    a.currency,
    b.objective_type,
    d.date,
    -- [[[cog cog.outl(sql.sums_or_zero("s", sql.SPEND_AND_LATE)) ]]]
    cast(coalesce(s.cost_in_local_currency, 0) as numeric(38, 18)) as cost_in_local_currency,
    cast(coalesce(s.one_click_leads, 0) as bigint) as one_click_leads,
    cast(coalesce(s.external_website_conversions, 0) as bigint) as external_website_conversions,
    cast(coalesce(s.external_website_post_click_conversions, 0) as bigint) as external_website_post_click_conversions,
    cast(coalesce(s.external_website_post_view_conversions, 0) as bigint) as external_website_post_view_conversions,
    cast(coalesce(s.conversion_value_in_local_currency, 0) as numeric(38, 18)) as conversion_value_in_local_currency
    -- [[[end]]]
from covered as d
join begun as b on b.account_id = d.account_id and b.first_day <= d.date
left join said as s
    on s.snapshot = d.snapshot and s.account_id = d.account_id and s.objective_type = b.objective_type
    and s.date = d.date
left join ad_accounts as a on a.account_id = d.account_id
order by d.account_id, b.objective_type collate "C", d.date, d.snapshot collate "C"
