-- What each snapshot covers completely; both ends null: a complete and unfiltered listing.
select
    account_id,
    resource,
    window_start,
    window_end,
    snapshot
from covered
