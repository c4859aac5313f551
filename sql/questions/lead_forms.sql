-- Which lead forms are there, and which ad sets open them? Never what people filled in.
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per lead form and ad set whose ads open it; one that no ad opens has one row
-- Columns: account_id (bigint), lead_form_id (bigint),
--          name (text, null: the sign-in may not read lead forms), status (text, PUBLISHED, DRAFT or ARCHIVED),
--          listed (boolean, LinkedIn still lists it), campaign_id (bigint, null: no ad opens it),
--          campaign_name (text), ads (bigint, of the ad set that open it), active_ads (bigint)
with used as (
    select
        r.account_id,
        r.lead_form_id,
        r.campaign_id,
        cast(count(*) as bigint) as ads,
        cast(sum(case when r.listed and r.intended_status = 'ACTIVE' then 1 else 0 end) as bigint) as active_ads
    from creatives as r
    where r.lead_form_id is not null
    group by r.account_id, r.lead_form_id, r.campaign_id
),
forms as (
    select f.account_id, f.lead_form_id from lead_forms as f
    union
    select u.account_id, u.lead_form_id from used as u
)
select
    k.account_id,
    k.lead_form_id,
    f.name,
    f.status,
    f.listed,
    u.campaign_id,
    c.name as campaign_name,
    coalesce(u.ads, 0) as ads,
    coalesce(u.active_ads, 0) as active_ads
from forms as k
left join lead_forms as f on f.account_id = k.account_id and f.lead_form_id = k.lead_form_id
left join used as u on u.account_id = k.account_id and u.lead_form_id = k.lead_form_id
left join campaigns as c on c.account_id = u.account_id and c.campaign_id = u.campaign_id
where (cast($account_ids as bigint[]) is null or k.account_id = any(cast($account_ids as bigint[])))
order by k.account_id, k.lead_form_id, u.campaign_id nulls last
