-- Conversion rules as last seen: what counts as a conversion, and for how many days after a click or a view.
select
    r.account_id,
    urn_id(r.element.id) as conversion_id,
    r.element.name as name,
    r.element.type as type,
    r.element.enabled as enabled,
    r.element.conversionMethod as conversion_method,
    r.element.attributionType as attribution_type,
    r.element.postClickAttributionWindowSize as post_click_attribution_window_size,
    r.element.viewThroughAttributionWindowSize as view_through_attribution_window_size,
    r.element.valueType as value_type,
    money(r.element.value.amount) as value,
    r.element.value.currencyCode as currency,
    moment(r.element.created) as created_at,
    moment(r.element.lastModified) as last_modified_at,
    coalesce(p.snapshot >= p.listing, true) as listed,
    p.snapshot as snapshot
from read_json(
    getvariable('conversions'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        element: 'STRUCT(
            id VARCHAR, name VARCHAR, type VARCHAR, enabled BOOLEAN, conversionMethod VARCHAR, attributionType VARCHAR,
            postClickAttributionWindowSize BIGINT, viewThroughAttributionWindowSize BIGINT, valueType VARCHAR,
            value STRUCT(amount VARCHAR, currencyCode VARCHAR), created BIGINT, lastModified BIGINT)'
    }
) as r
join parts as p using (path)
qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
