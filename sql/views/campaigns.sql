-- Campaigns as last seen (LinkedIn's website calls them ad sets).
select
    r.account_id,
    urn_id(r.element.id) as campaign_id,
    urn_id(r.element.campaignGroup) as campaign_group_id,
    r.element.name as name,
    r.element.status as status,
    r.element.servingStatuses as serving_statuses,
    r.element.type as type,
    r.element.format as format,
    r.element.objectiveType as objective_type,
    r.element.costType as cost_type,
    money(r.element.unitCost.amount) as unit_cost,
    money(r.element.dailyBudget.amount) as daily_budget,
    money(r.element.totalBudget.amount) as total_budget,
    coalesce(
        r.element.dailyBudget.currencyCode, r.element.totalBudget.currencyCode, r.element.unitCost.currencyCode
    ) as currency,
    r.element.optimizationTargetType as optimization_target_type,
    r.element.creativeSelection as creative_selection,
    r.element.pacingStrategy as pacing_strategy,
    r.element.offsiteDeliveryEnabled as offsite_delivery_enabled,
    r.element.audienceExpansionEnabled as audience_expansion_enabled,
    moment(r.element.runSchedule."start") as run_schedule_start,
    moment(r.element.runSchedule."end") as run_schedule_end,
    r.element.targetingCriteria as targeting_criteria,
    r.element.test as test,
    moment(r.element.changeAuditStamps.created.time) as created_at,
    moment(r.element.changeAuditStamps.lastModified.time) as last_modified_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot
from read_json(
    getvariable('campaigns'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        element: 'STRUCT(
            id VARCHAR, campaignGroup VARCHAR, name VARCHAR, status VARCHAR, servingStatuses VARCHAR[],
            type VARCHAR, format VARCHAR, objectiveType VARCHAR, costType VARCHAR,
            unitCost STRUCT(amount VARCHAR, currencyCode VARCHAR),
            dailyBudget STRUCT(amount VARCHAR, currencyCode VARCHAR),
            totalBudget STRUCT(amount VARCHAR, currencyCode VARCHAR),
            optimizationTargetType VARCHAR, creativeSelection VARCHAR, pacingStrategy VARCHAR,
            offsiteDeliveryEnabled BOOLEAN, audienceExpansionEnabled BOOLEAN,
            runSchedule STRUCT("start" BIGINT, "end" BIGINT), targetingCriteria JSON, test BOOLEAN,
            changeAuditStamps STRUCT(created STRUCT(time BIGINT), lastModified STRUCT(time BIGINT)))'
    }
) as r
join parts as p using (path)
qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
