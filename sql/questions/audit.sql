-- What should one look at in the active ad sets, and how much money is at stake? Spend is that of the given days.
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive),
--          $objective_type (text, null: every objective; singular and plural are one),
--          $campaign_group_id (bigint, null: every campaign group)
-- Returns: one row per finding, per currency most money first
-- Columns: account_id (bigint), account_name (text), currency (text), campaign_id (bigint), campaign_name (text),
--          objective_type (text), creative_id (bigint, null: about the campaign), creative_name (text),
--          finding (text, a code), value (text, what the field says),
--          cost_in_local_currency (numeric, account currency; at stake)
with spend as (
    select
        m.account_id,
        m.campaign_id,
        sum(m.cost_in_local_currency) as cost,
        -- [[[cog cog.outl(sql.sums("m", sql.COUNTED)) ]]]
        cast(sum(m.impressions) as bigint) as impressions,
        cast(sum(m.landing_page_clicks) as bigint) as landing_page_clicks,
        cast(sum(m.total_engagements) as bigint) as total_engagements,
        cast(sum(m.follows) as bigint) as follows,
        cast(sum(m.one_click_leads) as bigint) as one_click_leads,
        cast(sum(m.external_website_conversions) as bigint) as external_website_conversions,
        cast(sum(m.video_views) as bigint) as video_views
        -- [[[end]]]
    from campaign_daily_metrics as m
    where m.date between cast($first_day as date) and cast($last_day as date)
    group by m.account_id, m.campaign_id
),
held_creatives as (
    select
        r.account_id,
        r.campaign_id,
        r.creative_id,
        array_to_string(r.serving_hold_reasons, ', ') as reasons
    from creatives as r
    where r.listed
      and r.intended_status = 'ACTIVE'
      and array_to_string(r.serving_hold_reasons, ', ') <> ''
),
creative_spend as (
    select
        m.account_id,
        m.creative_id,
        sum(m.cost_in_local_currency) as cost
    from creative_daily_metrics as m
    where m.date between cast($first_day as date) and cast($last_day as date)
    group by m.account_id, m.creative_id
),
active as (
    select
        c.account_id,
        c.campaign_id,
        c.offsite_delivery_enabled,
        c.audience_expansion_enabled,
        c.optimization_target_type,
        c.cost_type,
        array_to_string(c.serving_statuses, ', ') as serving,
        c.total_budget,
        cast(cast(c.total_budget as numeric(38, 2)) as text) as budget,
        c.run_schedule_end,
        -- [[[cog cog.outl(sql.key_result_metric("c.objective_type")) ]]]
        case
            when c.objective_type in ('BRAND_AWARENESS', 'BRAND_AWARENESSS') then 'impressions'
            when c.objective_type in ('WEBSITE_VISIT', 'WEBSITE_VISITS') then 'landing_page_clicks'
            when c.objective_type in ('ENGAGEMENT', 'ENGAGEMENTS') then 'total_engagements'
            when c.objective_type in ('VIDEO_VIEW', 'VIDEO_VIEWS') then 'video_views'
            when c.objective_type in ('COMMUNITY_GROWTH', 'COMMUNITY_GROWTHS') then 'follows'
            when c.objective_type in ('LEAD_GENERATION', 'LEAD_GENERATIONS') then 'one_click_leads'
            when c.objective_type in ('WEBSITE_CONVERSION', 'WEBSITE_CONVERSIONS') then 'external_website_conversions'
            when c.objective_type in ('JOB_APPLICANT', 'JOB_APPLICANTS') then 'landing_page_clicks'
        end as key_result_metric,
        -- [[[end]]]
        -- [[[cog cog.outl(sql.key_results("c.objective_type", "s")) ]]]
        case
            when c.objective_type in ('BRAND_AWARENESS', 'BRAND_AWARENESSS') then s.impressions
            when c.objective_type in ('WEBSITE_VISIT', 'WEBSITE_VISITS') then s.landing_page_clicks
            when c.objective_type in ('ENGAGEMENT', 'ENGAGEMENTS') then s.total_engagements
            when c.objective_type in ('VIDEO_VIEW', 'VIDEO_VIEWS') then s.video_views
            when c.objective_type in ('COMMUNITY_GROWTH', 'COMMUNITY_GROWTHS') then s.follows
            when c.objective_type in ('LEAD_GENERATION', 'LEAD_GENERATIONS') then s.one_click_leads
            when c.objective_type in ('WEBSITE_CONVERSION', 'WEBSITE_CONVERSIONS') then s.external_website_conversions
            when c.objective_type in ('JOB_APPLICANT', 'JOB_APPLICANTS') then s.landing_page_clicks
        end as key_results,
        -- [[[end]]]
        coalesce(s.cost, 0) as cost
    from campaigns as c
    left join spend as s on s.account_id = c.account_id and s.campaign_id = c.campaign_id
    where c.listed
      and c.status = 'ACTIVE'
      and (cast($account_ids as bigint[]) is null or c.account_id = any(cast($account_ids as bigint[])))
      -- [[[cog cog.outl(sql.campaign_filter()) ]]]
      and (
          cast($objective_type as text) is null
          or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
      )
      and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))
      -- [[[end]]]
),
findings(account_id, campaign_id, creative_id, finding, value, cost) as (
    select c.account_id, c.campaign_id, cast(null as bigint), 'audience_network', 'true', c.cost
    from active as c
    where c.offsite_delivery_enabled
    union all
    select c.account_id, c.campaign_id, cast(null as bigint), 'audience_expansion', 'true', c.cost
    from active as c
    where c.audience_expansion_enabled
    union all
    select c.account_id, c.campaign_id, cast(null as bigint), 'maximum_delivery', c.optimization_target_type, c.cost
    from active as c
    where substr(c.optimization_target_type, 1, 4) = 'MAX_' and (c.cost_type is null or c.cost_type <> 'CPM')
    union all
    select c.account_id, c.campaign_id, cast(null as bigint), 'serving_hold', c.serving, c.cost
    from active as c
    where c.serving not in ('', 'RUNNABLE')
    union all
    select c.account_id, c.campaign_id, cast(null as bigint), 'no_end_date', c.budget, c.cost
    from active as c
    where c.total_budget is not null and c.run_schedule_end is null
    union all
    select c.account_id, c.campaign_id, cast(null as bigint), 'no_result', c.key_result_metric, c.cost
    from active as c
    where c.cost > 0 and c.key_results = 0
    union all
    select r.account_id, r.campaign_id, r.creative_id, 'creative_hold', r.reasons, coalesce(p.cost, 0)
    from held_creatives as r
    join active as c on c.account_id = r.account_id and c.campaign_id = r.campaign_id
    left join creative_spend as p on p.account_id = r.account_id and p.creative_id = r.creative_id
)
select
    f.account_id,
    a.name as account_name,
    a.currency,
    f.campaign_id,
    c.name as campaign_name,
    c.objective_type,
    f.creative_id,
    r.name as creative_name,
    f.finding,
    f.value,
    cast(f.cost as numeric(38, 18)) as cost_in_local_currency
from findings as f
join campaigns as c on c.account_id = f.account_id and c.campaign_id = f.campaign_id
left join creatives as r on r.account_id = c.account_id and r.creative_id = f.creative_id
left join ad_accounts as a on a.account_id = c.account_id
order by
    a.currency collate "C" nulls last,
    cost_in_local_currency desc,
    f.account_id,
    f.campaign_id,
    f.creative_id nulls first,
    f.finding collate "C"
