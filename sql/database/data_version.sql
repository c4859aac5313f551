-- Which data is this? Answers that were made from it hold until one of these changes.
--
-- Returns: one row
-- Columns: accounts (bigint), coverage_rows (bigint), newest_snapshot (text),
--          changed_at (timestamptz, newest change of an entity), finished_at (timestamptz, newest end of a sync)
select
    cast((select count(*) from ad_accounts) as bigint) as accounts,
    cast((select count(*) from coverage) as bigint) as coverage_rows,
    (select max(snapshot) from coverage) as newest_snapshot,
    -- [[[cog cog.outl(sql.newest_changes()) ]]]
    greatest(
        (select max(synced_at) from ad_accounts),
        (select max(synced_at) from campaign_groups),
        (select max(synced_at) from campaigns),
        (select max(synced_at) from creatives)
    ) as changed_at,
    -- [[[end]]]
    (select max(finished_at) from sync_log) as finished_at
