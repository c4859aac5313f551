-- Words that the views share. LinkedIn's three formats (URN, epoch milliseconds, decimal string) are read here only.

-- The number at the end of a URN, or of a plain id.
create macro urn_id(text) as cast(nullif(regexp_extract(text, '[0-9]+$'), '') as bigint);

-- Epoch milliseconds as a moment in UTC.
create macro moment(milliseconds) as make_timestamptz(milliseconds * 1000);

-- A decimal string in the account's currency, rounded to 9 decimals: LinkedIn's binary residue behind them changes with
-- the request and would make unchanged rows look restated. Rounded once, straight from the text: by way of 18 decimals
-- 0.00000000049999999995 would become 0.000000001.
-- Almost all fit into 64 bits, which is twenty times as fast. Not with an exponent: there DuckDB rounds in two steps.
create macro money(text) as cast(
    coalesce(
        case when not contains(text, 'e') and not contains(text, 'E') then try_cast(text as decimal(18, 9)) end,
        cast(text as decimal(38, 9))
    ) as decimal(38, 18)
);

-- A day of a `dateRange`.
create macro calendar_day(day) as make_date(day.year, day.month, day.day);

-- The first text at a path of a JSON document; a path may match several values.
create macro first_text(document, path) as list_extract(
    list_filter(json_extract(document, path), lambda found: json_type(found) = 'VARCHAR'), 1
) ->> '$';

-- A parameter of an address, its name in any case, decoded; as it is written where that gives no text.
create macro url_tag(address, tag) as nullif(replace(coalesce(
    try(url_decode(replace(replace(
        regexp_extract(address, '^[^#?]*[?]([^#]*&)?(?i:' || tag || ')=([^&#]*)', 2), '%00', ''
    ), '+', ' '))),
    regexp_extract(address, '^[^#?]*[?]([^#]*&)?(?i:' || tag || ')=([^&#]*)', 2)
), chr(0), ''), '');
