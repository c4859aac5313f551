"""How much was spent off LinkedIn (Audience Network), and how its results per money compare with those on LinkedIn.

Shares are of the ad sets' own totals of the same days. What the parts lack, or have too much, is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from workbench.analytics import rate_ratio, wording
from workbench.analytics.currency import money_word, one_currency

ON, OFF, UNREPORTED = "ON_SITE", "OFF_SITE", "UNREPORTED"
ENOUGH_RESULTS = 10
"""On and off LinkedIn together; with fewer, only shares are given."""
RESIDUE = Decimal("0.005")
"""Money below this is LinkedIn's rounding, and makes no row."""
MODELLED = "Conversions are partly modelled."
NOTHING = "Nothing was spent in these days."
_SPEND = "cost_in_local_currency"
_KEY = ("account_id", "campaign_id", "date")

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "serving_location": pl.String,
    "spend": pl.Decimal(38, 18),
    "results": pl.Int64,
    "share_of_spend": pl.Float64,
    "share_of_results": pl.Float64,
}
"""The columns of `Placement.table`."""


@dataclass(frozen=True)
class Part:
    """Spend (account currency) and results of one place, or of all together."""

    spend: Decimal
    results: int


@dataclass(frozen=True)
class Row:
    """One place with its shares of the total, 0 to 1; None where the total is 0."""

    location: str
    part: Part
    share_of_spend: float | None
    share_of_results: float | None


@dataclass(frozen=True)
class Placement:
    """Where money and results were.

    Attributes:
        rows: on LinkedIn, off LinkedIn, other places, and `UNREPORTED`: the total less the parts (negative where the
            parts are above the total), if they differ.
        ratio: results per money off LinkedIn over those on LinkedIn, the median; None with too few results.
        low, high: its 90 % interval.
        p_off_better: P(ratio > 1), 0 to 1.
        unknown_days: days of an ad set that were left out because a figure is unknown.
    """

    rows: tuple[Row, ...]
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    p_off_better: float | None = None
    unknown_days: int = 0

    def part(self, location: str) -> Row | None:
        """The row of one place, or None."""
        return next((row for row in self.rows if row.location == location), None)

    def table(self) -> pl.DataFrame:
        """The rows as a frame (`SCHEMA`)."""
        cells = [
            (row.location, row.part.spend, row.part.results, row.share_of_spend, row.share_of_results)
            for row in self.rows
        ]
        return pl.DataFrame(cells, schema=SCHEMA, orient="row")


def placement(parts: Mapping[str, Part], total: Part, *, unknown_days: int = 0) -> Placement:
    """Shares of each place, and the ratio of results per money off LinkedIn to on LinkedIn.

    Args:
        parts: by serving location, such as `ON_SITE` and `OFF_SITE`.
        total: of the same ad sets and days, without the pivot.
        unknown_days: what the result says of itself.
    """
    shown = dict(parts)
    rest = Part(
        total.spend - sum((part.spend for part in parts.values()), Decimal(0)),
        total.results - sum(part.results for part in parts.values()),
    )
    if abs(rest.spend) >= RESIDUE or rest.results:
        shown[UNREPORTED] = rest
    order = sorted(shown, key=lambda name: (name == UNREPORTED, name != ON, name != OFF, name))
    rows = tuple(_row(name, shown[name], total) for name in order)
    return Placement(rows, *_compared(parts.get(ON), parts.get(OFF)), unknown_days)


def placement_of(placements: pl.DataFrame, campaigns: pl.DataFrame, result: str) -> Placement:
    """`placement` of all ad sets and days of two frames together; days with an unknown figure are left out of both.

    Args:
        placements: account_id, campaign_id, serving_location, date, cost_in_local_currency, and `result`.
        campaigns: the same without serving_location: the totals, one row per ad set and day.
        result: the column that counts results; a late one is to be of equal ages.

    Raises:
        ValidationError: the rows (`currency`) are of two currencies.
    """
    one_currency(placements, campaigns)
    unknown = pl.any_horizontal(pl.col(_SPEND, result).is_null())
    days = pl.concat([frame.filter(unknown).select(_KEY) for frame in (placements, campaigns)]).unique()
    known, totals = (frame.join(days, on=_KEY, how="anti") for frame in (placements, campaigns))
    sums = known.group_by("serving_location").agg(_money(), pl.col(result).sum())
    parts = {location: Part(spend or Decimal(0), int(count)) for location, spend, count in sums.iter_rows()}
    spend, count = totals.select(_money(), pl.col(result).sum()).row(0)
    return placement(parts, Part(spend or Decimal(0), int(count)), unknown_days=days.height)


def placement_sentences(found: Placement, *, result: str, currency: str | None) -> str:
    """What was spent and came off LinkedIn, and how sure a comparison is; plain text.

    Args:
        result: the plural name of results in lower case, such as `leads`.
    """
    off = found.part(OFF)
    if not any(row.part.spend for row in found.rows):
        return NOTHING
    if off is None or off.share_of_spend is None or not off.part.spend:
        return " ".join(["Nothing was spent off LinkedIn.", *_remarks(found, currency)])
    shares = f"Off LinkedIn: {wording.percent(off.share_of_spend)} of spend"
    if off.share_of_results is not None:
        shares += f", {wording.percent(off.share_of_results)} of {result}"
    if found.ratio is None or found.low is None or found.high is None:
        few = wording.counted(_judged(found.part(ON), off), result.removesuffix("s"), result)
        said = [f"{shares}.", f"{few} in all: too few to say more than the shares."]
    else:
        ratio, ends = wording.factor(found.ratio), wording.factor_range(found.low, found.high)
        word = money_word(currency)
        unit = f"a {word}" if word.islower() else f"one {word}"
        said = [f"{shares}; {unit} there brought {ratio} times ({ends}) the {result} of one on LinkedIn."]
    return " ".join([*said, MODELLED, *_remarks(found, currency)])


def _row(location: str, part: Part, total: Part) -> Row:
    return Row(
        location,
        part,
        float(part.spend) / float(total.spend) if total.spend else None,
        part.results / total.results if total.results else None,
    )


def _compared(on: Part | None, off: Part | None) -> tuple[float | None, float | None, float | None, float | None]:
    if on is None or off is None or on.spend <= 0 or off.spend <= 0 or on.results + off.results < ENOUGH_RESULTS:
        return None, None, None, None
    ratio = rate_ratio.from_counts(on.results, float(on.spend), off.results, float(off.spend))
    return ratio.quantile(0.5), *ratio.interval(0.9), 1 - ratio.below(1)


def _judged(*rows: Row | None) -> int:
    return sum(row.part.results for row in rows if row is not None)


def _remarks(found: Placement, currency: str | None) -> Sequence[str]:
    said = []
    rest = found.part(UNREPORTED)
    if rest is not None and rest.part.spend >= RESIDUE:
        said.append(f"LinkedIn did not say where {wording.money(rest.part.spend, currency)} were spent.")
    if rest is not None and rest.part.spend <= -RESIDUE:
        more = wording.money(-rest.part.spend, currency)
        said.append(f"The places add up to {more} more than the ad sets' own total.")
    if found.unknown_days:
        said.append(f"{wording.counted(found.unknown_days, 'day')} with unknown figures left out.")
    return said


def _money() -> pl.Expr:
    return pl.col(_SPEND).cast(pl.Decimal(38, 18)).sum()
