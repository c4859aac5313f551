-- Which facets do ad sets aim at, and which do they exclude?
with facets as (
    select
        account_id,
        campaign_id,
        unnest(regexp_extract_all(targeting_criteria, '"(urn:li:adTargetingFacet:\w+)"', 1)) as facet
    from campaigns
    where listed
)
select
    replace(facet, 'urn:li:adTargetingFacet:', '') as facet,
    count(distinct (account_id, campaign_id)) as ad_sets
from facets
group by all
order by ad_sets desc
