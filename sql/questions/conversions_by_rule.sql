-- Which conversion rules did the conversions of each ad set come from, and how many may still change?
-- A day's conversions may change until the rule's own windows have passed: the longer of its windows after a click and
-- after a view; 30 days where the rule or its windows are not known.
--
-- Params:  $first_day (date), $last_day (date, inclusive), $account_ids (bigint[], null: every account)
-- Returns: one row per ad set and rule with conversions, those with most conversions first
-- Columns: account_id (bigint), currency (text, of the account), campaign_id (bigint), campaign_name (text),
--          conversion_id (bigint), conversion_name (text, null: the rule is not known), conversion_type (text),
--          enabled (boolean), attribution_type (text, LAST_TOUCH_BY_CAMPAIGN: ad sets may count the same conversion),
--          post_click_attribution_window_size (bigint, days), view_through_attribution_window_size (bigint, days),
-- [[[cog cog.outl(sql.columns(sql.BY_CONVERSION) + ",") ]]]
--          external_website_conversions (bigint), external_website_post_click_conversions (bigint),
--          external_website_post_view_conversions (bigint),
--          conversion_value_in_local_currency (numeric, account currency),
-- [[[end]]]
--          provisional_conversions (bigint, of days that may still change),
--          provisional_from (date, first of these days; null: no figure can change any more)
with days as (
    select
        m.account_id,
        m.campaign_id,
        m.conversion_id,
        m.date,
        -- [[[cog cog.outl(sql.names("m", sql.BY_CONVERSION)) ]]]
        m.external_website_conversions,
        m.external_website_post_click_conversions,
        m.external_website_post_view_conversions,
        m.conversion_value_in_local_currency
        -- [[[end]]]
    from conversion_daily_metrics as m
    where m.date between cast($first_day as date) and cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
),
fetched as (
    select
        d.account_id,
        d.date,
        substr(max(c.snapshot), 1, 4) || '-' || substr(max(c.snapshot), 5, 2) || '-' || substr(max(c.snapshot), 7, 2)
            as snapshot_day
    from (select distinct account_id, date from days) as d
    join coverage as c
        on c.account_id = d.account_id
        and c.resource = 'conversion_daily_metrics'
        and d.date between c.window_start and c.window_end
    group by d.account_id, d.date
),
judged as (
    select
        d.*,
        r.name,
        r.type,
        r.enabled,
        r.attribution_type,
        r.post_click_attribution_window_size,
        r.view_through_attribution_window_size,
        coalesce(
            cast(f.snapshot_day as date) - d.date
            <= coalesce(greatest(r.post_click_attribution_window_size, r.view_through_attribution_window_size), 30),
            true
        ) as provisional
    from days as d
    left join fetched as f on f.account_id = d.account_id and f.date = d.date
    left join conversions as r on r.account_id = d.account_id and r.conversion_id = d.conversion_id
)
select
    d.account_id,
    a.currency,
    d.campaign_id,
    c.name as campaign_name,
    d.conversion_id,
    d.name as conversion_name,
    d.type as conversion_type,
    d.enabled,
    d.attribution_type,
    d.post_click_attribution_window_size,
    d.view_through_attribution_window_size,
    -- [[[cog cog.outl(sql.sums("d", sql.BY_CONVERSION) + ",") ]]]
    cast(sum(d.external_website_conversions) as bigint) as external_website_conversions,
    cast(sum(d.external_website_post_click_conversions) as bigint) as external_website_post_click_conversions,
    cast(sum(d.external_website_post_view_conversions) as bigint) as external_website_post_view_conversions,
    cast(sum(d.conversion_value_in_local_currency) as numeric(38, 18)) as conversion_value_in_local_currency,
    -- [[[end]]]
    cast(sum(case when d.provisional then d.external_website_conversions else 0 end) as bigint)
        as provisional_conversions,
    min(case when d.provisional then d.date end) as provisional_from
from judged as d
left join campaigns as c on c.account_id = d.account_id and c.campaign_id = d.campaign_id
left join ad_accounts as a on a.account_id = d.account_id
group by
    d.account_id, a.currency, d.campaign_id, c.name, d.conversion_id, d.name, d.type, d.enabled, d.attribution_type,
    d.post_click_attribution_window_size, d.view_through_attribution_window_size
order by d.account_id, external_website_conversions desc, d.campaign_id, d.conversion_id
