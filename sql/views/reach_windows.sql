-- How many different members an account, a campaign group or a campaign reached in a window, and averages that LinkedIn
-- returns ready-made. None of them may be added up, over entities or over windows. Each window is kept, as the newest
-- snapshot that has it says. A figure that LinkedIn leaves out is null, because it is not known.
select
    r.account_id,
    r."pivot" as level,
    urn_id(r.element.pivotValues[1]) as entity_id,
    r.window_start,
    r.window_end,
    -- [[[cog cog.outl(sql.fields(sql.REACHED)) ]]]
    coalesce(r.element.impressions, 0) as impressions,
    coalesce(money(r.element.costInLocalCurrency), 0) as cost_in_local_currency,
    r.element.approximateMemberReach as approximate_member_reach,
    money(r.element.audiencePenetration) as audience_penetration,
    money(r.element.averageDwellTime) as average_dwell_time,
    money(r.element.averageVideoWatchTime) as average_video_watch_time,
    money(r.element.costPerQualifiedLead) as cost_per_qualified_lead
    -- [[[end]]]
from read_json(
    getvariable('reach_windows'), format = 'newline_delimited', filename = 'path', maximum_object_size = 2097152,
    hive_partitioning = false, compression = 'gzip',
    columns = {
        account_id: 'BIGINT', 'pivot': 'VARCHAR', window_start: 'DATE', window_end: 'DATE',
        -- [[[cog cog.outl(sql.element(*sql.SEGMENT_KEY, metrics=sql.REACHED)) ]]]
        element: 'STRUCT(
            pivotValues VARCHAR[],
            impressions BIGINT, costInLocalCurrency VARCHAR, approximateMemberReach BIGINT, audiencePenetration VARCHAR,
            averageDwellTime VARCHAR, averageVideoWatchTime VARCHAR, costPerQualifiedLead VARCHAR)'
        -- [[[end]]]
    }
) as r
join decides as d
    on d.path = r.path and d."pivot" = r."pivot" and d.first_day = r.window_start and d.last_day = r.window_end
