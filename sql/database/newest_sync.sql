-- Is a sync under way, and when did one last end? Every open page asks this again and again, so it reads little.
--
-- Returns: one row, even if there never was a sync
-- Columns: status (text, as in syncs; of the newest sync that runs, else of the newest), started_at (timestamptz),
--          heartbeat_at (timestamptz), finished_at (timestamptz, newest end of any sync),
--          held (boolean, a session holds the lock for writing),
--          holder (text, such as workbench sync by anna@laptop pid 4711; null: no session, or a role that we may not see)
select
    n.status,
    n.started_at,
    n.heartbeat_at,
    (select max(finished_at) from sync_log) as finished_at,
    w.held,
    w.holder
from (
    select
        count(*) > 0 as held,
        max(a.application_name) as holder
    from pg_locks as l
    join pg_stat_activity as a on a.pid = l.pid
    where l.locktype = 'advisory'
      and l.classid = 20030505
      and l.objid = case
          when current_schema() = 'linkedin_ads' then 1
          else 1 + 16 * cast(cast(
              'x' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 6) as bit(24)
          ) as integer)
      end
      and l.granted
      and l.database = (select d.oid from pg_database as d where d.datname = current_database())
) as w
left join (
    select s.status, s.started_at, s.heartbeat_at
    from sync_log as s
    order by coalesce(s.status = 'running' and s.heartbeat_at > now() - interval '2 minutes', false) desc,
        s.started_at desc, s.sync_id desc
    limit 1
) as n on true
