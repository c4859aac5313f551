-- Lead forms as last seen: never what people filled in.
select
    r.account_id,
    urn_id(r.element.id) as lead_form_id,
    r.element.name as name,
    r.element.state as status,
    moment(r.element.created) as created_at,
    moment(r.element.lastModified) as last_modified_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot
from read_json(
    getvariable('lead_forms'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        element: 'STRUCT(id VARCHAR, name VARCHAR, state VARCHAR, created BIGINT, lastModified BIGINT)'
    }
) as r
join parts as p using (path)
qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
