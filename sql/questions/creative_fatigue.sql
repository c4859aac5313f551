-- Which ads are tired: how do their last 7 days compare with their own days 1 to 14?
--
-- Params:  $account_ids (bigint[], null: every account), $last_day (date, inclusive: the end of the last 7 days),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per active creative whose two windows do not overlap
-- Columns: account_id (bigint), creative_id (bigint), name (text), campaign_id (bigint), campaign_name (text),
--          objective_type (text), first_day (date, first with any figure that we know),
--          early_impressions (bigint, days 1 to 14), early_clicks (bigint), early_landing_page_clicks (bigint),
--          late_impressions (bigint, last 7 days), late_clicks (bigint), late_landing_page_clicks (bigint),
--          late_cost_in_local_currency (numeric, account currency), currency (text)
with first_days as (
    select
        m.account_id,
        m.creative_id,
        min(m.date) as first_day,
        min(m.date) + 13 as early_until,
        cast($last_day as date) - 7 as late_after
    from creative_daily_metrics as m
    where m.date <= cast($last_day as date)
      and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
    group by m.account_id, m.creative_id
    having min(m.date) + 13 <= cast($last_day as date) - 7
),
figures as (
    select
        f.account_id,
        f.creative_id,
        f.first_day,
        cast(sum(case when m.date <= f.early_until then m.impressions else 0 end) as bigint) as early_impressions,
        cast(sum(case when m.date <= f.early_until then m.clicks else 0 end) as bigint) as early_clicks,
        cast(sum(case when m.date <= f.early_until then m.landing_page_clicks else 0 end) as bigint)
            as early_landing_page_clicks,
        cast(sum(case when m.date > f.late_after then m.impressions else 0 end) as bigint) as late_impressions,
        cast(sum(case when m.date > f.late_after then m.clicks else 0 end) as bigint) as late_clicks,
        cast(sum(case when m.date > f.late_after then m.landing_page_clicks else 0 end) as bigint)
            as late_landing_page_clicks,
        cast(sum(case when m.date > f.late_after then m.cost_in_local_currency else 0 end) as numeric(38, 18))
            as late_cost_in_local_currency
    from first_days as f
    join creative_daily_metrics as m on m.account_id = f.account_id and m.creative_id = f.creative_id
    where m.date <= cast($last_day as date)
    group by f.account_id, f.creative_id, f.first_day
)
select
    f.account_id,
    f.creative_id,
    r.name,
    r.campaign_id,
    c.name as campaign_name,
    c.objective_type,
    f.first_day,
    f.early_impressions,
    f.early_clicks,
    f.early_landing_page_clicks,
    f.late_impressions,
    f.late_clicks,
    f.late_landing_page_clicks,
    f.late_cost_in_local_currency,
    a.currency
from figures as f
join creatives as r on r.account_id = f.account_id and r.creative_id = f.creative_id
left join campaigns as c on c.account_id = r.account_id and c.campaign_id = r.campaign_id
left join ad_accounts as a on a.account_id = f.account_id
where r.listed
  and r.intended_status = 'ACTIVE'
  -- [[[cog cog.outl(sql.campaign_filter()) ]]]
  and (
      cast($objective_type as text) is null
      or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
  )
  and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
  -- [[[end]]]
order by f.account_id, f.creative_id
