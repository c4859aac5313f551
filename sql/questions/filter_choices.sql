-- What can one choose from: which objectives and campaigns (API: campaign groups) are there?
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per account, campaign group and objective of listed campaigns
-- Columns: account_id (bigint), campaign_group_id (bigint), campaign_group_name (text), objective_type (text),
--          campaigns (bigint)
select
    c.account_id,
    c.campaign_group_id,
    g.name as campaign_group_name,
    c.objective_type,
    cast(count(*) as bigint) as campaigns
from campaigns as c
left join campaign_groups as g on g.account_id = c.account_id and g.campaign_group_id = c.campaign_group_id
where c.listed
  and (cast($account_ids as bigint[]) is null or c.account_id = any(cast($account_ids as bigint[])))
group by c.account_id, c.campaign_group_id, g.name, c.objective_type
order by c.account_id, c.campaign_group_id nulls last, c.objective_type collate "C" nulls last
