-- What do formats and objectives cost, and how often are they clicked?
select
    a.name as account,
    a.currency,
    c.format,
    c.objective_type,
    sum(m.cost_in_local_currency) as spend,
    sum(m.impressions) as impressions,
    round(100.0 * sum(m.clicks) / nullif(sum(m.impressions), 0), 3) as ctr_percent
from campaign_daily_metrics as m
join campaigns as c using (account_id, campaign_id)
join ad_accounts as a using (account_id)
group by all
order by account, spend desc
