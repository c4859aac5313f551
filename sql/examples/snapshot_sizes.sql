-- What does each snapshot hold, and how large is it?
select
    snapshot,
    resource,
    count(*) as parts,
    sum(elements) as elements,
    sum(rejected) as rejected,
    sum(bytes) as bytes,
    count(*) filter (where not complete) as incomplete
from snapshot_parts
group by all
order by snapshot desc, bytes desc
