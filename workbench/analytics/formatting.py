"""Numbers, money, dates and LinkedIn's terms as people read them, the same in every locale.

Pure. `text` is the one door through which a string from LinkedIn enters HTML or markdown; `csv` the one to a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import polars as pl

from workbench.analytics.metrics import METRICS, objective
from workbench.schema.pivots import BY_NAME
from workbench.schema.resources import RESOURCES

NOT_AVAILABLE = "n/a"
_PRECISE = Context(prec=400)  # the largest float has 309 digits
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_NO_DECIMALS = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Source: ISO 4217, minor units."""

Number = int | float | Decimal

TERMS: Mapping[str, tuple[str, str]] = {
    one.entity: (one.singular, one.label) for one in RESOURCES if one.kind == "entities"
}
"""The API's name → what LinkedIn's website says, singular and plural."""

_SEPARATORS = r";\t\r\n\x0b\x0c\x{85}\x{2028}\x{2029}"
_IGNORED = r"""[\s"'\p{Cc}\p{Cf}]"""  # before a formula: blanks, quotes, and what cannot be seen
_SIGNS = r"[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}\x{FE66}\x{FE62}\x{FE63}\x{FE6B}]"
"""What begins a formula; East Asian spreadsheets take the wide and the small forms for the plain signs."""

_OBJECTIVES = {
    "BRAND_AWARENESS": "Brand awareness",
    "WEBSITE_VISIT": "Website visits",
    "ENGAGEMENT": "Engagement",
    "VIDEO_VIEW": "Video views",
    "LEAD_GENERATION": "Lead generation",
    "WEBSITE_CONVERSION": "Website conversions",
    "JOB_APPLICANT": "Job applicants",
    "COMMUNITY_GROWTH": "Community growth",
    "TALENT_LEADS": "Talent leads",
}
_ACRONYMS = {"Cpm": "CPM", "Cpc": "CPC", "Cpv": "CPV", "Url": "URL", "Id": "ID"}
FINDINGS: Mapping[str, tuple[str, str]] = {
    "audience_network": ("Audience Network on", "Part of the money is spent outside LinkedIn."),
    "audience_expansion": (
        "Audience Expansion on",
        "LinkedIn also shows the ads to people outside the audience.",
    ),
    "maximum_delivery": ("Maximum delivery", "LinkedIn sets every bid and spends the whole budget."),
    "serving_hold": ("Not serving", "The ad set is active but LinkedIn holds it back."),
    "creative_hold": ("Ad not serving", "The ad is active but LinkedIn holds it back."),
    "no_end_date": ("No end date", "There is a total budget but no day on which it should be spent."),
    "no_result": ("Spend without result", "Money was spent and the objective's key result is zero."),
}
"""The audit's codes → title and one neutral sentence."""


def number(value: Number | None, decimals: int = 0) -> str:
    """`12,345`, or `n/a` for what is not known."""
    return NOT_AVAILABLE if _unknown(value) else f"{_rounded(value, decimals):,}"


def money(value: Number | None, currency: str | None, *, decimals: int | None = None) -> str:
    """`€1,234.50`, `¥1,235`, `CHF 12.00`, with the currency's own decimals unless others are asked for."""
    if _unknown(value):
        return NOT_AVAILABLE
    places = currency_decimals(currency) if decimals is None else decimals
    amount = _rounded(value, places)
    sign = "−" if amount < 0 else ""
    mark = _SYMBOLS.get(currency or "") or (f"{currency} " if currency else "")
    return f"{sign}{mark}{abs(amount):,}"


def currency_decimals(currency: str | None) -> int:
    """How many decimals a currency has."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def percent(share: Number | None, decimals: int = 2) -> str:
    """`0.0123` as `1.23 %`."""
    return NOT_AVAILABLE if _unknown(share) else f"{_rounded(Decimal(str(share)) * 100, decimals):,} %"


def change(share: Number | None) -> str:
    """`0.123` as `+12.3 %`, `-0.5` as `−50.0 %`."""
    if _unknown(share):
        return NOT_AVAILABLE
    points = _rounded(Decimal(str(share)) * 100, 1)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points):,} %"


def metric(name: str, value: Number | None, currency: str | None = None) -> str:
    """A metric's value in its unit."""
    unit = METRICS[name].unit if name in METRICS else "count"
    if unit in ("money", "usd"):
        return money(value, "USD" if unit == "usd" else currency)
    if unit == "share":
        return percent(value)
    return number(value, 2 if unit == "factor" else 0)


def day(value: date | None) -> str:
    """`22 Nov 2026`."""
    return NOT_AVAILABLE if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def days(first: date | None, last: date | None) -> str:
    """`15–21 Nov 2026`, `28 Oct – 3 Nov 2026`, `20 Dec 2025 – 2 Jan 2026`."""
    if first is None or last is None:
        return NOT_AVAILABLE
    if first == last:
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    start = day(first) if first.year != last.year else f"{first.day} {_MONTHS[first.month - 1]}"
    return f"{start} – {day(last)}"


def age(moment: datetime | None, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`."""
    if moment is None:
        return NOT_AVAILABLE
    seconds = (now - moment).total_seconds()
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def size(count: int | None) -> str:
    """Bytes as `1.2 MB`."""
    if count is None:
        return NOT_AVAILABLE
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def term(entity: str, *, plural: bool = False, api: bool = False) -> str:
    """What LinkedIn's website calls an entity; with `api`, what its API calls it too: `Ad set (API: campaign)`."""
    word = TERMS[entity][plural]
    return f"{word} (API: {entity.replace('_', ' ')}{'s' if plural else ''})" if api else word


def counted(entity: str, count: int, *, api: bool = False) -> str:
    """How many there are: `1 ad set`, `43 ad sets`; with `api` also as the API calls them: `… (API: campaigns)`."""
    words = term(entity, plural=count != 1, api=api)
    return f"{number(count)} {words[:1].lower()}{words[1:]}"


def account(name: str | None, account_id: int) -> str:
    """An account, distinct from others of its name: `Northwind EMEA (512345678)`."""
    return f"{name or 'Unnamed account'} ({account_id})"


def objective_words(name: str | None) -> str:
    """`Website visits` for either spelling of an objective; words for one we do not know."""
    known = objective(name)
    return NOT_AVAILABLE if known is None else _OBJECTIVES.get(known, words(known))


def words(value: str | None) -> str:
    """An enum of LinkedIn's as words: `CAMPAIGN_END_DATE_HOLD` → `Campaign end date hold`."""
    if not value:
        return NOT_AVAILABLE
    sentence = value.replace("_", " ").strip().capitalize()
    return _ACRONYMS.get(sentence, sentence)


def pivot(name: str) -> str:
    """`MEMBER_JOB_TITLE` → `Job title`."""
    known = BY_NAME.get(name)
    return known.label if known else words(re.sub(r"^MEMBER_|_V2$", "", name))


def text(value: Any) -> str:
    """A value as text inside HTML or markdown: nothing in it is markup, a link, a formula or a new line.

    Every ASCII character that is neither letter, digit nor blank becomes a numeric entity, which both languages show
    as the character itself.
    """
    if value is None:
        return NOT_AVAILABLE
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", str(value)).split())
    return re.sub(r"[!-/:-@\[-`{-~]", lambda found: f"&#{ord(found.group())};", line)


def days_ago(moment: date, now: datetime) -> str:
    """`today`, `yesterday`, `5 days ago`."""
    age = (now.date() - moment).days
    return {0: "today", 1: "yesterday"}.get(age, f"{age} days ago")


def csv(frame: pl.DataFrame) -> bytes:
    """A frame as CSV that a spreadsheet opens as text and numbers, never as formulas: UTF-8 with a byte order mark."""
    columns = [_cell(name, kind) for name, kind in frame.schema.items()]
    heads = pl.DataFrame({str(number): name for number, name in enumerate(frame.columns)})  # a name may be LinkedIn's
    head = heads.select(_cell(number, pl.String()) for number in heads.columns).write_csv(include_header=False)
    return b"\xef\xbb\xbf" + (head + frame.select(columns).write_csv(include_header=False)).encode()


def plain(name: str, kind: pl.DataType) -> pl.Expr:
    """A column as people read it in a terminal: lists joined, money without trailing zeros, no control characters."""
    column = pl.col(name)
    if isinstance(kind, pl.List):
        column, kind = column.cast(pl.List(pl.String)).list.join("; ").alias(name), pl.String()
    if isinstance(kind, pl.Decimal):
        return column.cast(pl.String).str.replace(r"\.?0+$", "") if kind.scale else column
    return column.str.replace_all(r"[\p{C}\x{2028}\x{2029}]", " ") if kind == pl.String else column


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.List):
        column, kind = column.list.join("; "), pl.String()
    if isinstance(kind, pl.Decimal):
        return column.cast(pl.String).str.replace(r"\.?0+$", "") if kind.scale else column
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ") if kind.time_zone else column
    if isinstance(kind, pl.Categorical | pl.Enum):
        column, kind = column.cast(pl.String), pl.String()
    if kind != pl.String:
        return column
    # Where a comma separates, quotes hold; a spreadsheet that separates by semicolons or tabs begins cells inside them,
    # and takes a quote that follows for the beginning of one of its own.
    column = column.str.replace_all(rf"([{_SEPARATORS}]\s*)({_IGNORED}*{_SIGNS})", "$1'$2")
    risky = column.str.contains(rf"^{_IGNORED}*{_SIGNS}|^[\t\r\n]")
    return pl.when(risky).then(pl.lit("'") + column).otherwise(column).alias(name)


def _unknown(value: Number | None) -> bool:
    return value is None or not Decimal(str(value)).is_finite()


def _rounded(value: Number | None, decimals: int) -> Decimal:
    exact = Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, _PRECISE)
    return abs(rounded) if rounded.is_zero() else rounded  # no −0
