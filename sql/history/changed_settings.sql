-- Which settings changed?
--
-- Params:  $account_ids (bigint[], null: every account)
-- States:  before and after, two snapshots: what was known when each was made
-- Returns: one row per entity and field that differs; before_value is null for what is new
-- Columns: account_id (bigint), account_name (text), entity (text, such as account or campaign),
--          entity_id (bigint), name (text), field (text), before_value (text), after_value (text),
--          is_new (boolean, the entity was not known before)
with earlier as (
    -- [[[cog cog.outl(resources.settings("before")) ]]]
    select x.account_id, 'account' as entity, x.account_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'currency', value: cast(x.currency as varchar)},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'serving_statuses', value: array_to_string(x.serving_statuses, ', ')},
        {field: 'reference', value: cast(x.reference as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.ad_accounts as x
    union all
    select x.account_id, 'campaign_group' as entity, x.campaign_group_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'total_budget', value: rtrim(rtrim(cast(x.total_budget as varchar), '0'), '.')},
        {field: 'daily_budget', value: rtrim(rtrim(cast(x.daily_budget as varchar), '0'), '.')},
        {field: 'run_schedule_start', value: strftime(x.run_schedule_start, '%Y-%m-%d %H:%M')},
        {field: 'run_schedule_end', value: strftime(x.run_schedule_end, '%Y-%m-%d %H:%M')},
        {field: 'objective_type', value: cast(x.objective_type as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.campaign_groups as x
    union all
    select x.account_id, 'campaign' as entity, x.campaign_id as entity_id, x.name, unnest([
        {field: 'campaign_group_id', value: cast(x.campaign_group_id as varchar)},
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'serving_statuses', value: array_to_string(x.serving_statuses, ', ')},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'format', value: cast(x.format as varchar)},
        {field: 'objective_type', value: cast(x.objective_type as varchar)},
        {field: 'cost_type', value: cast(x.cost_type as varchar)},
        {field: 'unit_cost', value: rtrim(rtrim(cast(x.unit_cost as varchar), '0'), '.')},
        {field: 'daily_budget', value: rtrim(rtrim(cast(x.daily_budget as varchar), '0'), '.')},
        {field: 'total_budget', value: rtrim(rtrim(cast(x.total_budget as varchar), '0'), '.')},
        {field: 'optimization_target_type', value: cast(x.optimization_target_type as varchar)},
        {field: 'creative_selection', value: cast(x.creative_selection as varchar)},
        {field: 'pacing_strategy', value: cast(x.pacing_strategy as varchar)},
        {field: 'offsite_delivery_enabled', value: cast(x.offsite_delivery_enabled as varchar)},
        {field: 'audience_expansion_enabled', value: cast(x.audience_expansion_enabled as varchar)},
        {field: 'run_schedule_start', value: strftime(x.run_schedule_start, '%Y-%m-%d %H:%M')},
        {field: 'run_schedule_end', value: strftime(x.run_schedule_end, '%Y-%m-%d %H:%M')},
        {field: 'targeting_criteria', value: cast(x.targeting_criteria as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.campaigns as x
    union all
    select x.account_id, 'creative' as entity, x.creative_id as entity_id, x.name, unnest([
        {field: 'campaign_id', value: cast(x.campaign_id as varchar)},
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'intended_status', value: cast(x.intended_status as varchar)},
        {field: 'is_serving', value: cast(x.is_serving as varchar)},
        {field: 'serving_hold_reasons', value: array_to_string(x.serving_hold_reasons, ', ')},
        {field: 'review_status', value: cast(x.review_status as varchar)},
        {field: 'content_reference', value: cast(x.content_reference as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.creatives as x
    union all
    select x.account_id, 'conversion' as entity, x.conversion_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'enabled', value: cast(x.enabled as varchar)},
        {field: 'conversion_method', value: cast(x.conversion_method as varchar)},
        {field: 'attribution_type', value: cast(x.attribution_type as varchar)},
        {field: 'post_click_attribution_window_size', value: cast(x.post_click_attribution_window_size as varchar)},
        {field: 'view_through_attribution_window_size', value: cast(x.view_through_attribution_window_size as varchar)},
        {field: 'value_type', value: cast(x.value_type as varchar)},
        {field: 'value', value: rtrim(rtrim(cast(x.value as varchar), '0'), '.')},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.conversions as x
    union all
    select x.account_id, 'lead_form' as entity, x.lead_form_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from before.lead_forms as x
    -- [[[end]]]
),
later as (
    -- [[[cog cog.outl(resources.settings("after")) ]]]
    select x.account_id, 'account' as entity, x.account_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'currency', value: cast(x.currency as varchar)},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'serving_statuses', value: array_to_string(x.serving_statuses, ', ')},
        {field: 'reference', value: cast(x.reference as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.ad_accounts as x
    union all
    select x.account_id, 'campaign_group' as entity, x.campaign_group_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'total_budget', value: rtrim(rtrim(cast(x.total_budget as varchar), '0'), '.')},
        {field: 'daily_budget', value: rtrim(rtrim(cast(x.daily_budget as varchar), '0'), '.')},
        {field: 'run_schedule_start', value: strftime(x.run_schedule_start, '%Y-%m-%d %H:%M')},
        {field: 'run_schedule_end', value: strftime(x.run_schedule_end, '%Y-%m-%d %H:%M')},
        {field: 'objective_type', value: cast(x.objective_type as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.campaign_groups as x
    union all
    select x.account_id, 'campaign' as entity, x.campaign_id as entity_id, x.name, unnest([
        {field: 'campaign_group_id', value: cast(x.campaign_group_id as varchar)},
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'serving_statuses', value: array_to_string(x.serving_statuses, ', ')},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'format', value: cast(x.format as varchar)},
        {field: 'objective_type', value: cast(x.objective_type as varchar)},
        {field: 'cost_type', value: cast(x.cost_type as varchar)},
        {field: 'unit_cost', value: rtrim(rtrim(cast(x.unit_cost as varchar), '0'), '.')},
        {field: 'daily_budget', value: rtrim(rtrim(cast(x.daily_budget as varchar), '0'), '.')},
        {field: 'total_budget', value: rtrim(rtrim(cast(x.total_budget as varchar), '0'), '.')},
        {field: 'optimization_target_type', value: cast(x.optimization_target_type as varchar)},
        {field: 'creative_selection', value: cast(x.creative_selection as varchar)},
        {field: 'pacing_strategy', value: cast(x.pacing_strategy as varchar)},
        {field: 'offsite_delivery_enabled', value: cast(x.offsite_delivery_enabled as varchar)},
        {field: 'audience_expansion_enabled', value: cast(x.audience_expansion_enabled as varchar)},
        {field: 'run_schedule_start', value: strftime(x.run_schedule_start, '%Y-%m-%d %H:%M')},
        {field: 'run_schedule_end', value: strftime(x.run_schedule_end, '%Y-%m-%d %H:%M')},
        {field: 'targeting_criteria', value: cast(x.targeting_criteria as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.campaigns as x
    union all
    select x.account_id, 'creative' as entity, x.creative_id as entity_id, x.name, unnest([
        {field: 'campaign_id', value: cast(x.campaign_id as varchar)},
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'intended_status', value: cast(x.intended_status as varchar)},
        {field: 'is_serving', value: cast(x.is_serving as varchar)},
        {field: 'serving_hold_reasons', value: array_to_string(x.serving_hold_reasons, ', ')},
        {field: 'review_status', value: cast(x.review_status as varchar)},
        {field: 'content_reference', value: cast(x.content_reference as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.creatives as x
    union all
    select x.account_id, 'conversion' as entity, x.conversion_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'type', value: cast(x.type as varchar)},
        {field: 'enabled', value: cast(x.enabled as varchar)},
        {field: 'conversion_method', value: cast(x.conversion_method as varchar)},
        {field: 'attribution_type', value: cast(x.attribution_type as varchar)},
        {field: 'post_click_attribution_window_size', value: cast(x.post_click_attribution_window_size as varchar)},
        {field: 'view_through_attribution_window_size', value: cast(x.view_through_attribution_window_size as varchar)},
        {field: 'value_type', value: cast(x.value_type as varchar)},
        {field: 'value', value: rtrim(rtrim(cast(x.value as varchar), '0'), '.')},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.conversions as x
    union all
    select x.account_id, 'lead_form' as entity, x.lead_form_id as entity_id, x.name, unnest([
        {field: 'name', value: cast(x.name as varchar)},
        {field: 'status', value: cast(x.status as varchar)},
        {field: 'listed', value: cast(x.listed as varchar)}
    ], recursive := true)
    from after.lead_forms as x
    -- [[[end]]]
)
select
    l.account_id,
    a.name as account_name,
    l.entity,
    l.entity_id,
    l.name,
    l.field,
    e.value as before_value,
    l.value as after_value,
    e.field is null as is_new
from later as l
left join earlier as e
    on e.account_id = l.account_id and e.entity = l.entity and e.entity_id = l.entity_id and e.field = l.field
left join after.ad_accounts as a on a.account_id = l.account_id
where l.value is distinct from e.value
  and (cast($account_ids as bigint[]) is null or l.account_id = any(cast($account_ids as bigint[])))
order by l.account_id, l.entity collate "C", l.entity_id, l.field collate "C"
