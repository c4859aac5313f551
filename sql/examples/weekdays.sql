-- On which weekday does a click cost least?
select
    a.name as account,
    a.currency,
    dayname(m.date) as weekday,
    sum(m.clicks) as clicks,
    round(sum(m.cost_in_local_currency) / nullif(sum(m.clicks), 0), 2) as cost_per_click
from campaign_daily_metrics as m
join ad_accounts as a using (account_id)
group by all
order by account, cost_per_click nulls last
