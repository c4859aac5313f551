-- What each snapshot covers completely; both ends null: a complete and unfiltered listing.
-- Of demographics, a row without a pivot stands for every pivot that was asked for.
select
    account_id,
    resource,
    window_start,
    window_end,
    snapshot,
    "pivot"
from covered
