-- Conversions of campaigns by conversion rule and UTC day: what the newest snapshot that covers the day completely says.
-- A metric that LinkedIn leaves out of a row it returned is 0; a row it did not return is not invented.
select
    r.account_id,
    urn_id(r.element.pivotValues[1]) as campaign_id,
    urn_id(r.element.pivotValues[2]) as conversion_id,
    calendar_day(r.element.dateRange."start") as date,
    -- [[[cog cog.outl(sql.fields(sql.BY_CONVERSION)) ]]]
    coalesce(r.element.externalWebsiteConversions, 0) as external_website_conversions,
    coalesce(r.element.externalWebsitePostClickConversions, 0) as external_website_post_click_conversions,
    coalesce(r.element.externalWebsitePostViewConversions, 0) as external_website_post_view_conversions,
    coalesce(money(r.element.conversionValueInLocalCurrency), 0) as conversion_value_in_local_currency
    -- [[[end]]]
from read_json(
    getvariable('conversion_daily_metrics'), format = 'newline_delimited', filename = 'path',
    maximum_object_size = 2097152, hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT',
        -- [[[cog cog.outl(sql.element(*sql.DAILY_KEY, metrics=sql.BY_CONVERSION)) ]]]
        element: 'STRUCT(
            pivotValues VARCHAR[],
            dateRange STRUCT("start" STRUCT(year INTEGER, month INTEGER, day INTEGER)),
            externalWebsiteConversions BIGINT, externalWebsitePostClickConversions BIGINT,
            externalWebsitePostViewConversions BIGINT, conversionValueInLocalCurrency VARCHAR)'
        -- [[[end]]]
    }
) as r
join decides as d
    on d.path = r.path
    and calendar_day(r.element.dateRange."start") between d.first_day and d.last_day
