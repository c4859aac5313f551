-- Who sees and who answers the ads of one campaign or ad set? So that an audience is compared within one objective.
-- Approximate figures of one window, of what the setting DEMOGRAPHICS_BY names; never add them up over anything.
--
-- Params:  $account_ids (bigint[], null: every account), $pivot (text, null: every pivot),
--          $level (text, null: both; else CAMPAIGN_GROUP or CAMPAIGN),
--          $entity_id (bigint, null: every campaign and ad set), $objective_type (text, null: every objective)
-- Returns: one row per entity, pivot and segment that LinkedIn shows, most impressions first
-- Columns: account_id (bigint), currency (text), level (text), entity_id (bigint),
--          entity_name (text, null: not listed), objective_type (text, null: of several objectives, or not known),
--          pivot (text), segment_urn (text), segment_name (text, null: not resolved), window_start (date),
--          window_end (date, inclusive),
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC)) ]]]
--          impressions (bigint), clicks (bigint), landing_page_clicks (bigint),
--          cost_in_local_currency (numeric, account currency), one_click_leads (bigint),
--          external_website_conversions (bigint)
-- [[[end]]]
with entities as (
    select
        c.account_id,
        'CAMPAIGN' as level,
        c.campaign_id as entity_id,
        c.name as entity_name,
        c.objective_type
    from campaigns as c
    union all
    select
        g.account_id,
        'CAMPAIGN_GROUP' as level,
        g.campaign_group_id as entity_id,
        g.name as entity_name,
        case when min(c.objective_type) = max(c.objective_type) and count(*) = count(c.objective_type)
            then min(c.objective_type) end as objective_type
    from campaign_groups as g
    left join campaigns as c on c.account_id = g.account_id and c.campaign_group_id = g.campaign_group_id
    group by g.account_id, g.campaign_group_id, g.name
)
select
    d.account_id,
    a.currency,
    d.level,
    d.entity_id,
    e.entity_name,
    e.objective_type,
    d."pivot",
    d.segment_urn,
    d.segment_name,
    d.window_start,
    d.window_end,
    -- [[[cog cog.outl(sql.names("d", sql.BY_DEMOGRAPHIC)) ]]]
    d.impressions,
    d.clicks,
    d.landing_page_clicks,
    d.cost_in_local_currency,
    d.one_click_leads,
    d.external_website_conversions
    -- [[[end]]]
from entity_demographics as d
left join ad_accounts as a on a.account_id = d.account_id
left join entities as e on e.account_id = d.account_id and e.level = d.level and e.entity_id = d.entity_id
where (cast($account_ids as bigint[]) is null or d.account_id = any(cast($account_ids as bigint[])))
  and (cast($pivot as text) is null or d."pivot" = cast($pivot as text))
  and (cast($level as text) is null or d.level = cast($level as text))
  and (cast($entity_id as bigint) is null or d.entity_id = cast($entity_id as bigint))
  and (
      cast($objective_type as text) is null
      or rtrim(e.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
  )
order by
    d.account_id, d.level collate "C", d.entity_id, d."pivot" collate "C", d.impressions desc,
    d.segment_urn collate "C"
