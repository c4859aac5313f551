-- What each snapshot covers completely; both ends null: a complete and unfiltered listing.
-- Of demographics, a row without a pivot stands for every pivot that was asked for.
-- Left out, as in PostgreSQL: listings and windows of demographics that are 100 days older than the newest, where a newer
-- one took their place.
select
    account_id,
    resource,
    window_start,
    window_end,
    snapshot,
    "pivot"
from covered
where account_id = 0 or (window_start is not null and resource <> 'audience_demographics')
union all
select
    account_id,
    resource,
    window_start,
    window_end,
    snapshot,
    "pivot"
from (
    select
        *,
        max(snapshot) over (partition by account_id, resource) as newest,
        max(snapshot) over (partition by account_id, resource, "pivot" order by window_end desc) as replaced_by
    from covered
    where account_id <> 0 and (window_start is null or resource = 'audience_demographics')
)
where replaced_by = snapshot
    or left(snapshot, 8) >= strftime(strptime(left(newest, 8), '%Y%m%d') - interval 100 day, '%Y%m%d')
