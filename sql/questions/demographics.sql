-- Who sees the ads, and who answers? Approximate figures of one window; never add them up over windows or accounts.
--
-- Params:  $account_ids (bigint[], null: every account), $pivot (text, null: every pivot)
-- Returns: one row per account, pivot and segment that LinkedIn shows, most impressions first
-- Columns: account_id (bigint), account_name (text), currency (text), pivot (text), segment_urn (text),
--          segment_name (text, null: not resolved), window_start (date), window_end (date, inclusive),
-- [[[cog cog.outl(sql.columns(sql.BY_DEMOGRAPHIC)) ]]]
--          impressions (bigint), clicks (bigint), landing_page_clicks (bigint),
--          cost_in_local_currency (numeric, account currency), one_click_leads (bigint),
--          external_website_conversions (bigint)
-- [[[end]]]
select
    d.account_id,
    a.name as account_name,
    a.currency,
    d."pivot",
    d.segment_urn,
    d.segment_name,
    d.window_start,
    d.window_end,
    -- [[[cog cog.outl(sql.names("d", sql.BY_DEMOGRAPHIC)) ]]]
    d.impressions,
    d.clicks,
    d.landing_page_clicks,
    d.cost_in_local_currency,
    d.one_click_leads,
    d.external_website_conversions
    -- [[[end]]]
from audience_demographics as d
left join ad_accounts as a on a.account_id = d.account_id
where (cast($account_ids as bigint[]) is null or d.account_id = any(cast($account_ids as bigint[])))
  and (cast($pivot as text) is null or d."pivot" = cast($pivot as text))
order by d.account_id, d."pivot" collate "C", d.impressions desc, d.segment_urn collate "C"
