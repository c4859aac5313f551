-- Which data is this? Answers that were made from it hold until one of these changes.
--
-- Returns: one row
-- Columns: loads (bigint, of all accounts; each load of an account counts one, in its transaction; null: nothing yet),
--          finished_at (timestamptz, newest end of a sync)
select
    cast((select sum(loads) from account_loads) as bigint) as loads,
    (select max(finished_at) from sync_log) as finished_at
