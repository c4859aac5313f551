-- Which days does the later snapshot add?
--
-- Params:  $account_ids (bigint[], null: every account)
-- States:  before and after, two snapshots: what was known when each was made
-- Returns: one row per account and UTC day with figures now that nothing covered before
-- Columns: account_id (bigint), account_name (text), currency (text), date (date), campaigns (bigint),
-- [[[cog cog.outl(sql.columns(sql.SEGMENT)) ]]]
--          impressions (bigint), clicks (bigint), cost_in_local_currency (numeric, account currency),
--          landing_page_clicks (bigint), one_click_leads (bigint), external_website_conversions (bigint)
-- [[[end]]]
select
    m.account_id,
    a.name as account_name,
    a.currency,
    m.date,
    cast(count(*) as bigint) as campaigns,
    -- [[[cog cog.outl(sql.sums("m", sql.SEGMENT)) ]]]
    cast(sum(m.impressions) as bigint) as impressions,
    cast(sum(m.clicks) as bigint) as clicks,
    cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency,
    cast(sum(m.landing_page_clicks) as bigint) as landing_page_clicks,
    cast(sum(m.one_click_leads) as bigint) as one_click_leads,
    cast(sum(m.external_website_conversions) as bigint) as external_website_conversions
    -- [[[end]]]
from after.campaign_daily_metrics as m
left join after.ad_accounts as a on a.account_id = m.account_id
where (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
  and not exists (
      select 1
      from before.coverage as b
      where b.account_id = m.account_id
        and b.resource = 'campaign_daily_metrics'
        and m.date between b.window_start and b.window_end
  )
group by m.account_id, a.name, a.currency, m.date
order by m.account_id, m.date
