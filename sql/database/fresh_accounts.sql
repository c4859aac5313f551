-- Which accounts need not be asked again: their last sync was complete, is young, and covers the asked window?
-- What belongs to no account (0: the list of accounts, names) must have been complete too.
--
-- Params:  $youngest (timestamptz, syncs that finished before are old), $first_day (date), $last_day (date, inclusive),
--          $groups (text[], null: none; groups of metrics that its days must have),
--          $resources (text[], null: none; further resources that it must have),
--          $others (text[], null: none; snapshots that do not count, as their syncs asked for less)
-- Returns: one row per account
-- Columns: account_id (bigint), finished_at (timestamptz)
select
    s.account_id,
    max(l.finished_at) as finished_at
from sync_log as l
join sync_steps as s using (sync_id)
where s.account_id <> 0
  and l.status in ('done', 'partial')  -- any other has not loaded all that it fetched
  and l.finished_at > cast($youngest as timestamptz)
  and l.finished_at <= now()  -- else a clock was wrong, then or now
  and (cast($others as text[]) is null or l.snapshot <> all(cast($others as text[])))
  and not exists (
      select from sync_steps as t
      where t.sync_id = s.sync_id and t.account_id in (0, s.account_id) and t.status <> 'done'
  )
  -- Every resource of the account and the names: a sync that was cut short and closed has fewer, all of them done.
  -- [[[cog cog.outl(resources.steps_of_a_complete_sync()) ]]]
  and 7 = (
  -- [[[end]]]
      select count(*)
      from sync_steps as t
      where t.sync_id = s.sync_id and t.status = 'done'
        -- [[[cog cog.outl(resources.steps_of_none()) ]]]
        and ((t.account_id = s.account_id and t.resource in ('campaign_groups', 'campaigns', 'creatives', 'campaign_daily_metrics', 'creative_daily_metrics', 'audience_demographics'))
          or (t.account_id = 0 and t.resource in ('names')))
        -- [[[end]]]
  )
  -- [[[cog cog.outl(resources.covered_resources()) ]]]
  and 2 = (
  -- [[[end]]]
      select count(distinct c.resource)
      from coverage as c
      where c.account_id = s.account_id
        and c.snapshot = l.snapshot
        -- [[[cog cog.outl(resources.daily_resources()) ]]]
        and c.resource in ('campaign_daily_metrics', 'creative_daily_metrics')
        -- [[[end]]]
        and c.window_start <= cast($first_day as date)
        and c.window_end >= cast($last_day as date)
  )
  and not exists (
      select from unnest(cast($groups as text[])) as g(name)
      where not exists (
          select from coverage as c
          where c.account_id = s.account_id
            and c.snapshot = l.snapshot
            and g.name = any(string_to_array(c.pivot, ','))
      )
  )
  and not exists (
      select from unnest(cast($resources as text[])) as r(name)
      where not exists (
          select from coverage as c
          where c.account_id = s.account_id and c.snapshot = l.snapshot and c.resource = r.name
      )
  )
group by s.account_id
order by s.account_id
