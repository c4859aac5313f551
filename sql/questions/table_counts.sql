-- How many rows does each table hold?
--
-- Returns: one row per table, by name
-- Columns: table_name (text), row_count (bigint)
-- [[[cog cog.outl(resources.table_counts()) ]]]
select 'ad_accounts' as table_name, cast(count(*) as bigint) as row_count from ad_accounts
union all
select 'audience_demographics' as table_name, cast(count(*) as bigint) as row_count from audience_demographics
union all
select 'campaign_daily_metrics' as table_name, cast(count(*) as bigint) as row_count from campaign_daily_metrics
union all
select 'campaign_groups' as table_name, cast(count(*) as bigint) as row_count from campaign_groups
union all
select 'campaign_monthly_metrics' as table_name, cast(count(*) as bigint) as row_count from campaign_monthly_metrics
union all
select 'campaigns' as table_name, cast(count(*) as bigint) as row_count from campaigns
union all
select 'conversion_daily_metrics' as table_name, cast(count(*) as bigint) as row_count from conversion_daily_metrics
union all
select 'conversions' as table_name, cast(count(*) as bigint) as row_count from conversions
union all
select 'coverage' as table_name, cast(count(*) as bigint) as row_count from coverage
union all
select 'creative_daily_metrics' as table_name, cast(count(*) as bigint) as row_count from creative_daily_metrics
union all
select 'creatives' as table_name, cast(count(*) as bigint) as row_count from creatives
union all
select 'entity_demographics' as table_name, cast(count(*) as bigint) as row_count from entity_demographics
union all
select 'lead_forms' as table_name, cast(count(*) as bigint) as row_count from lead_forms
union all
select 'placement_daily_metrics' as table_name, cast(count(*) as bigint) as row_count from placement_daily_metrics
union all
select 'reach_windows' as table_name, cast(count(*) as bigint) as row_count from reach_windows
-- [[[end]]]
order by table_name
