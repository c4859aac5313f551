-- Ad accounts as last seen; `listed` says whether the newest complete listing still has them, and `role` which role the
-- signed-in member had then.
with roles as (
    select p.snapshot, r.account_id, any_value(r.element.role) as role
    from read_json(
        getvariable('account_users'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
        hive_partitioning = false, compression = 'gzip',
        columns = {account_id: 'BIGINT', element: 'STRUCT(role VARCHAR)'}
    ) as r
    join parts as p using (path)
    group by all
)
select
    urn_id(r.element.id) as account_id,
    r.element.name as name,
    r.element.currency as currency,
    r.element.type as type,
    r.element.status as status,
    r.element.servingStatuses as serving_statuses,
    r.element.reference as reference,
    r.element.test as test,
    moment(r.element.changeAuditStamps.created.time) as created_at,
    moment(r.element.changeAuditStamps.lastModified.time) as last_modified_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot,
    o.role
from read_json(
    getvariable('ad_accounts'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',  -- with one column alone DuckDB would look into every file for what a line is
        element: 'STRUCT(
            id VARCHAR, name VARCHAR, currency VARCHAR, type VARCHAR, status VARCHAR, servingStatuses VARCHAR[],
            reference VARCHAR, test BOOLEAN,
            changeAuditStamps STRUCT(created STRUCT(time BIGINT), lastModified STRUCT(time BIGINT)))'
    }
) as r
join parts as p using (path)
left join roles as o on o.snapshot = p.snapshot and o.account_id = urn_id(r.element.id)
qualify rank() over (partition by urn_id(r.element.id) order by p.snapshot desc) = 1
