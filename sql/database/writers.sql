-- Is somebody writing to the database right now, and who: which sync or load holds its lock?
--
-- Returns: one row
-- Columns: held (boolean), holder (text, such as workbench sync by anna@laptop pid 4711; null: nobody, or a role that
--          we may not see), since (timestamptz)
select
    count(*) > 0 as held,
    max(a.application_name) as holder,
    min(a.backend_start) as since
from pg_locks as l
join pg_stat_activity as a on a.pid = l.pid
where l.locktype = 'advisory'
  and l.classid = 20030505
  and l.objid = 1
  and l.granted
  and l.database = (select d.oid from pg_database as d where d.datname = current_database())
