-- How many results of the period before were known when its days were as old as those of the period are now?
--
-- Params:  $account_ids (bigint[], null: every account),
--          $first_day (date), $last_day (date, inclusive), $previous_first_day (date, of as many days before),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Reads:   campaign_versions, what every snapshot said, not only what is decided now
-- Returns: one row per campaign that any listing or any figure of these days has. A day is known if its partner, the day
--          as long before it, was seen at the same age, or at two ages around it at most 7 days apart, between which
--          results are taken to have arrived evenly; from 30 days on, all ages are one
-- Columns: account_id (bigint), currency (text), campaign_id (bigint), objective_type (text),
--          days (bigint, of the period), known_days (bigint),
-- [[[cog cog.outl(sql.fractions(sql.LATE, prefix="previous_", null="not every day is known")) ]]]
--          previous_one_click_leads (numeric, null: not every day is known),
--          previous_external_website_conversions (numeric, null: not every day is known),
--          previous_external_website_post_click_conversions (numeric, null: not every day is known),
--          previous_external_website_post_view_conversions (numeric, null: not every day is known),
--          previous_conversion_value_in_local_currency (numeric, account currency; null: not every day is known)
-- [[[end]]]
with chosen as (
    select
        cast($first_day as date) as first_day,
        cast($last_day as date) as last_day,
        cast(cast($first_day as date) - cast($previous_first_day as date) as integer) as back,
        cast(cast($last_day as date) - cast($first_day as date) as bigint) + 1 as days
),
seen as (
    select
        v.account_id,
        v.window_start + cast(n.day as integer) as date,
        max(v.snapshot) as snapshot,
        cast(
            substr(v.snapshot, 1, 4) || '-' || substr(v.snapshot, 5, 2) || '-' || substr(v.snapshot, 7, 2) as date
        ) - (v.window_start + cast(n.day as integer)) as age
    from coverage as v
    join generate_series(0, 9999) as n(day) on n.day <= v.window_end - v.window_start
    where v.resource = 'campaign_daily_metrics'
      and v.window_start + cast(n.day as integer)
          between cast($previous_first_day as date) and cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or v.account_id = any(cast($account_ids as bigint[])))
    group by v.account_id, v.window_start + cast(n.day as integer), substr(v.snapshot, 1, 8), age
),
aged as (
    select s.account_id, s.date, s.snapshot, s.age
    from seen as s
    where s.age >= 1
),
present as (
    select a.account_id, a.date, max(a.age) as age
    from aged as a
    join chosen as o on a.date between o.first_day and o.last_day
    group by a.account_id, a.date
),
around as (
    select
        p.account_id,
        p.date - o.back as date,
        p.age,
        case
            when p.age >= 30 then max(case when a.age >= 30 then a.age end)
            else max(case when a.age <= p.age then a.age end)
        end as low,
        case
            when p.age >= 30 then max(case when a.age >= 30 then a.age end)
            else min(case when a.age >= p.age then a.age end)
        end as high
    from present as p
    join chosen as o on true
    left join aged as a on a.account_id = p.account_id and a.date = p.date - o.back
    group by p.account_id, p.date, p.age, o.back
),
partners as (
    select r.account_id, r.date, r.age, r.low, r.high
    from around as r
    where r.high - r.low <= 7
),
weights as (
    select
        p.account_id,
        p.date,
        p.low as age,
        case when p.high = p.low then 1 else cast(p.high - p.age as double precision) / (p.high - p.low) end as weight
    from partners as p
    union all
    select p.account_id, p.date, p.high as age, cast(p.age - p.low as double precision) / (p.high - p.low) as weight
    from partners as p
    where p.high > p.low
),
known as (
    select p.account_id, cast(count(*) as bigint) as known_days, count(*) = o.days as whole
    from partners as p
    join chosen as o on true
    group by p.account_id, o.days
),
said as (
    select
        v.account_id,
        v.campaign_id,
        -- [[[cog cog.outl(sql.weighted_sums("v", "w.weight", sql.LATE)) ]]]
        sum(w.weight * v.one_click_leads) as one_click_leads,
        sum(w.weight * v.external_website_conversions) as external_website_conversions,
        sum(w.weight * v.external_website_post_click_conversions) as external_website_post_click_conversions,
        sum(w.weight * v.external_website_post_view_conversions) as external_website_post_view_conversions,
        sum(w.weight * v.conversion_value_in_local_currency) as conversion_value_in_local_currency
        -- [[[end]]]
    from weights as w
    join aged as a on a.account_id = w.account_id and a.date = w.date and a.age = w.age
    join campaign_versions as v on v.snapshot = a.snapshot and v.account_id = a.account_id and v.date = a.date
    group by v.account_id, v.campaign_id
),
listed as (
    select c.account_id, c.campaign_id
    from campaigns as c
    union
    select s.account_id, s.campaign_id
    from said as s
)
select
    l.account_id,
    a.currency,
    l.campaign_id,
    c.objective_type,
    o.days,
    coalesce(k.known_days, 0) as known_days,
    -- [[[cog cog.outl(sql.sums_if_known("s", "k.whole", sql.LATE, prefix="previous_")) ]]]
    cast(case when k.whole then coalesce(s.one_click_leads, 0) end as numeric(38, 18))
        as previous_one_click_leads,
    cast(case when k.whole then coalesce(s.external_website_conversions, 0) end as numeric(38, 18))
        as previous_external_website_conversions,
    cast(case when k.whole then coalesce(s.external_website_post_click_conversions, 0) end as numeric(38, 18))
        as previous_external_website_post_click_conversions,
    cast(case when k.whole then coalesce(s.external_website_post_view_conversions, 0) end as numeric(38, 18))
        as previous_external_website_post_view_conversions,
    cast(case when k.whole then coalesce(s.conversion_value_in_local_currency, 0) end as numeric(38, 18))
        as previous_conversion_value_in_local_currency
    -- [[[end]]]
from listed as l
join chosen as o on true
left join campaigns as c on c.account_id = l.account_id and c.campaign_id = l.campaign_id
left join ad_accounts as a on a.account_id = l.account_id
left join known as k on k.account_id = l.account_id
left join said as s on s.account_id = l.account_id and s.campaign_id = l.campaign_id
where (cast($account_ids as bigint[]) is null or l.account_id = any(cast($account_ids as bigint[])))
  -- [[[cog cog.outl(sql.campaign_filter()) ]]]
  and (
      cast($objective_type as text) is null
      or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
  )
  and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
  -- [[[end]]]
order by l.account_id, l.campaign_id
