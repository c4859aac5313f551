-- How are ad sets spelled? The first part of each name, and what was spent under it.
select
    a.name as account,
    a.currency,
    trim(regexp_extract(c.name, '^[^|–:_]+')) as first_part,
    count(distinct c.campaign_id) as ad_sets,
    coalesce(sum(m.cost_in_local_currency), 0) as spend
from campaigns as c
join ad_accounts as a using (account_id)
left join campaign_daily_metrics as m using (account_id, campaign_id)
group by all
order by account, spend desc
