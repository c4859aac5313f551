-- Creatives as last seen (LinkedIn's website calls them ads), with the best human name the snapshot has:
-- its own name, a headline in its content, the post it refers to; else its number, never a made-up label.
with listed_creatives as (
    select
        r.account_id,
        r.element,
        first_text(r.element.content, '$.*.headline') as headline,
        first_text(r.element.content, '$.*.description') as description,
        first_text(r.element.content, '$.*.landingPage') as landing_page,
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
                leadgenCallToAction STRUCT(destination VARCHAR),
                createdAt BIGINT, lastModifiedAt BIGINT)'
        }
    ) as r
    join parts as p using (path)
    qualify rank() over (partition by r.account_id, urn_id(r.element.id) order by p.snapshot desc) = 1
),
posts_read as (
    select
        p.snapshot,
        r.urn,
        any_value(nullif(r.element.adContext.dscName, '')) as dsc_name,
        any_value(nullif(r.element.commentary, '')) as commentary,
        any_value(coalesce(
            nullif(json_extract_string(r.element.content, '$.article.title'), ''),
            nullif(json_extract_string(r.element.content, '$.media.title'), '')
        )) as title,
        any_value(coalesce(
            nullif(r.element.contentLandingPage, ''),
            nullif(json_extract_string(r.element.content, '$.article.source'), '')
        )) as landing_page,
        any_value(coalesce(
            nullif(regexp_extract(json_extract_string(r.element.content, '$.media.id'), '^urn:li:([a-zA-Z]+):', 1), ''),
            list_extract(json_keys(r.element.content), 1)
        )) as shown
    from read_json(
        getvariable('posts'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
        hive_partitioning = false, compression = 'gzip',
        columns = {
            urn: 'VARCHAR',
            element: 'STRUCT(
                commentary VARCHAR, contentLandingPage VARCHAR, adContext STRUCT(dscName VARCHAR), content JSON)'
        }
    ) as r
    join parts as p using (path)
    group by all
),
described as (
    select
        c.*,
        coalesce(n.dsc_name, left(n.commentary, 80), n.title) as post_name,
        case
            when c.content_reference like 'urn:li:adInMailContent:%' then 'message'
            when c.content_reference is not null then n.shown
            else list_extract(json_keys(c.element.content), 1)
        end as shown,
        left(coalesce(nullif(c.description, ''), n.commentary), 200) as introductory_text,
        coalesce(nullif(c.headline, ''), n.title) as shown_headline,
        coalesce(nullif(c.landing_page, ''), n.landing_page) as leads_to
    from listed_creatives as c
    left join posts_read as n on n.snapshot = c.snapshot and n.urn = c.content_reference
)
select
    c.account_id,
    urn_id(c.element.id) as creative_id,
    urn_id(c.element.campaign) as campaign_id,
    coalesce(nullif(c.element.name, ''), nullif(c.headline, ''), c.post_name, 'Creative ' || urn_id(c.element.id)) as name,
    case
        when c.element.name <> '' then 'name'
        when c.headline <> '' then 'headline'
        when c.post_name is not null then 'post'
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
    c.snapshot,
    urn_id(c.element.leadgenCallToAction.destination) as lead_form_id,
    upper(regexp_replace(c.shown, '([a-z])([A-Z])', '\1_\2', 'g')) as format,
    c.introductory_text,
    c.shown_headline as headline,
    c.leads_to as landing_page,
    url_tag(c.leads_to, 'utm_source') as utm_source,
    url_tag(c.leads_to, 'utm_medium') as utm_medium,
    url_tag(c.leads_to, 'utm_campaign') as utm_campaign,
    url_tag(c.leads_to, 'utm_term') as utm_term,
    url_tag(c.leads_to, 'utm_content') as utm_content
from described as c
