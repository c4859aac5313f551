-- Who saw and who answered, per campaign group or campaign that was asked for, pivot and segment, over one window:
-- approximate figures that never add up over windows or entities. Names are those of the same snapshot; company sizes are bare enums that nothing resolves.
with segment_names as (
    select
        p.snapshot,
        r.urn,
        any_value(r.element.name) as name
    from read_json(
        getvariable('names'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
        hive_partitioning = false, compression = 'gzip',
        columns = {urn: 'VARCHAR', element: 'STRUCT(name VARCHAR)'}
    ) as r
    join parts as p using (path)
    group by all
),
company_sizes(urn, name) as (
    values
        ('SIZE_1', '1'), ('SIZE_2_TO_10', '2–10'), ('SIZE_11_TO_50', '11–50'), ('SIZE_51_TO_200', '51–200'),
        ('SIZE_201_TO_500', '201–500'), ('SIZE_501_TO_1000', '501–1,000'), ('SIZE_1001_TO_5000', '1,001–5,000'),
        ('SIZE_5001_TO_10000', '5,001–10,000'), ('SIZE_10001_OR_MORE', '10,001+')
)
select
    r.account_id,
    r.level,
    r.entity_id,
    r."pivot",
    r.element.pivotValues[1] as segment_urn,
    r.window_start,
    r.window_end,
    coalesce(n.name, s.name) as segment_name,
    -- [[[cog cog.outl(sql.fields(sql.BY_DEMOGRAPHIC)) ]]]
    coalesce(r.element.impressions, 0) as impressions,
    coalesce(r.element.clicks, 0) as clicks,
    coalesce(r.element.landingPageClicks, 0) as landing_page_clicks,
    coalesce(money(r.element.costInLocalCurrency), 0) as cost_in_local_currency,
    coalesce(r.element.oneClickLeads, 0) as one_click_leads,
    coalesce(r.element.externalWebsiteConversions, 0) as external_website_conversions
    -- [[[end]]]
from read_json(
    getvariable('entity_demographics'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT', level: 'VARCHAR', entity_id: 'BIGINT', 'pivot': 'VARCHAR', window_start: 'DATE', window_end: 'DATE',
        -- [[[cog cog.outl(sql.element(*sql.SEGMENT_KEY, metrics=sql.BY_DEMOGRAPHIC)) ]]]
        element: 'STRUCT(
            pivotValues VARCHAR[],
            impressions BIGINT, clicks BIGINT, landingPageClicks BIGINT, costInLocalCurrency VARCHAR,
            oneClickLeads BIGINT, externalWebsiteConversions BIGINT)'
        -- [[[end]]]
    }
) as r
join decides as d
    on d.path = r.path and d."pivot" = r."pivot" and d.first_day = r.window_start and d.last_day = r.window_end
join parts as p on p.path = r.path
left join segment_names as n on n.snapshot = p.snapshot and n.urn = r.element.pivotValues[1]
left join company_sizes as s on s.urn = r.element.pivotValues[1]
