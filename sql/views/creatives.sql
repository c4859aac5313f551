-- Creatives as last seen (LinkedIn's website calls them ads), with the best human name the snapshot has:
-- its own name, a headline in its content, the post it refers to; else its number, never a made-up label.
with listed_creatives as (
    select
        r.account_id,
        r.element,
        list_extract(
            list_filter(json_extract(r.element.content, '$.*.headline'), lambda found: json_type(found) = 'VARCHAR'), 1
        ) ->> '$' as headline,
        json_extract_string(r.element.content, '$.reference') as content_reference,
        coalesce(p.snapshot >= p.listing, true) as listed,
        p.snapshot
    from read_json(
        getvariable('creatives'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
        hive_partitioning = false, compression = 'gzip',
        columns = {
            account_id: 'BIGINT',
            element: 'STRUCT(
                id VARCHAR, campaign VARCHAR, name VARCHAR, intendedStatus VARCHAR, isServing BOOLEAN,
                servingHoldReasons VARCHAR[], review STRUCT(status VARCHAR), content JSON,
                createdAt BIGINT, lastModifiedAt BIGINT)'
        }
    ) as r
    join parts as p using (path)
    qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
),
post_names as (
    select
        p.snapshot,
        r.urn,
        any_value(coalesce(
            nullif(r.element.adContext.dscName, ''), nullif(left(r.element.commentary, 80), ''),
            nullif(r.element.content.article.title, ''), nullif(r.element.content.media.title, '')
        )) as name
    from read_json(
        getvariable('posts'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
        hive_partitioning = false, compression = 'gzip',
        columns = {
            urn: 'VARCHAR',
            element: 'STRUCT(
                commentary VARCHAR, adContext STRUCT(dscName VARCHAR),
                content STRUCT(article STRUCT(title VARCHAR), media STRUCT(title VARCHAR)))'
        }
    ) as r
    join parts as p using (path)
    group by all
)
select
    c.account_id,
    urn_id(c.element.id) as creative_id,
    urn_id(c.element.campaign) as campaign_id,
    coalesce(nullif(c.element.name, ''), nullif(c.headline, ''), n.name, 'Creative ' || urn_id(c.element.id)) as name,
    case
        when c.element.name <> '' then 'name'
        when c.headline <> '' then 'headline'
        when n.name is not null then 'post'
        else 'fallback'
    end as name_source,
    c.element.intendedStatus as intended_status,
    c.element.isServing as is_serving,
    c.element.servingHoldReasons as serving_hold_reasons,
    c.element.review.status as review_status,
    c.content_reference,
    list_extract(json_keys(c.element.content), 1) as content_type,
    moment(c.element.createdAt) as created_at,
    moment(c.element.lastModifiedAt) as last_modified_at,
    c.listed,
    c.snapshot
from listed_creatives as c
left join post_names as n on n.snapshot = c.snapshot and n.urn = c.content_reference
