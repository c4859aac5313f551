-- What does each ad show, and where does it lead? Texts of posts need the permission to read them.
--
-- Params:  $account_ids (bigint[], null: every account)
-- Returns: one row per creative that any listing had
-- Columns: account_id (bigint), creative_id (bigint), campaign_id (bigint), name (text), intended_status (text),
--          listed (boolean), format (text, of the ad set where the ad's own is not known),
--          introductory_text (text, first 200 characters), headline (text), landing_page (text, an address),
--          utm_source (text), utm_medium (text), utm_campaign (text), utm_term (text), utm_content (text),
--          lead_form_id (bigint, null: it opens none), lead_form_name (text)
select
    r.account_id,
    r.creative_id,
    r.campaign_id,
    r.name,
    r.intended_status,
    r.listed,
    coalesce(r.format, c.format) as format,
    r.introductory_text,
    r.headline,
    r.landing_page,
    r.utm_source,
    r.utm_medium,
    r.utm_campaign,
    r.utm_term,
    r.utm_content,
    r.lead_form_id,
    f.name as lead_form_name
from creatives as r
left join campaigns as c on c.account_id = r.account_id and c.campaign_id = r.campaign_id
left join lead_forms as f on f.account_id = r.account_id and f.lead_form_id = r.lead_form_id
where (cast($account_ids as bigint[]) is null or r.account_id = any(cast($account_ids as bigint[])))
order by r.account_id, r.creative_id
