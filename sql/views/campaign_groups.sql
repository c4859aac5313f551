-- Campaign groups as last seen (LinkedIn's website calls them campaigns).
select
    r.account_id,
    urn_id(r.element.id) as campaign_group_id,
    r.element.name as name,
    r.element.status as status,
    money(r.element.totalBudget.amount) as total_budget,
    money(r.element.dailyBudget.amount) as daily_budget,
    moment(r.element.runSchedule."start") as run_schedule_start,
    moment(r.element.runSchedule."end") as run_schedule_end,
    r.element.objectiveType as objective_type,
    moment(r.element.changeAuditStamps.created.time) as created_at,
    moment(r.element.changeAuditStamps.lastModified.time) as last_modified_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot
from read_json(
    getvariable('campaign_groups'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        element: 'STRUCT(
            id VARCHAR, name VARCHAR, status VARCHAR, objectiveType VARCHAR,
            totalBudget STRUCT(amount VARCHAR), dailyBudget STRUCT(amount VARCHAR),
            runSchedule STRUCT("start" BIGINT, "end" BIGINT),
            changeAuditStamps STRUCT(created STRUCT(time BIGINT), lastModified STRUCT(time BIGINT)))'
    }
) as r
join parts as p using (path)
qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
