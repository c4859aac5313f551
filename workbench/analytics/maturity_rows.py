"""Maturity and settling for whole accounts, as rows for tables and as the sentences of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from workbench.analytics import wording
from workbench.analytics.currency import one_currency
from workbench.analytics.maturity import ENOUGH_PAIRS, ENOUGH_VOLUME, LOOKBACK, Curve, EqualAge, batch_weekday, curve
from workbench.analytics.settling import REFERENCE_WEEKS, AgedDay, Settling, settle
from workbench.schema.metrics import LATE

LATE_COLUMNS = tuple(metric.name for metric in LATE)
LATE_COUNTS = tuple(metric.name for metric in LATE if metric.type == "count")
"""Late metrics that are counts; the value of conversions has a curve but no settling."""
BATCHES = "Arrivals come in weekly batches."
_SPEND = "cost_in_local_currency"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MATURITY: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "objective_type": pl.String(),
    "metric": pl.String(),
    "age": pl.Int64(),
    "maturity": pl.Float64(),
    "maturity_low": pl.Float64(),
    "maturity_high": pl.Float64(),
    "pairs": pl.Int64(),
    "volume": pl.Float64(),
    "enough": pl.Boolean(),
}
SETTLING: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "objective_type": pl.String(),
    "metric": pl.String(),
    "week": pl.Date(),
    "results": pl.Float64(),
    "remaining": pl.Float64(),
    "remaining_low": pl.Int64(),
    "remaining_high": pl.Int64(),
    "cost_per_result_now": pl.Float64(),
    "cost_per_result": pl.Float64(),
    "cost_per_result_low": pl.Float64(),
    "cost_per_result_high": pl.Float64(),
    "maturity": pl.Float64(),
    "enough": pl.Boolean(),
}

Key = tuple[int | None, str, str]
"""account_id (None: several accounts of one currency pooled), objective_type, metric."""


def curves(versions: pl.DataFrame, *, lookback: int = LOOKBACK, pooled: bool = False) -> dict[Key, Curve]:
    """The maturity curve of every account, objective and late metric that has a result.

    Args:
        versions: snapshot (its name), account_id, objective_type, date, and columns of `LATE_COLUMNS`; one row per
            covered day and snapshot, 0 where nothing was reported. Of one UTC day's snapshots the newest counts.
        pooled: the days of all accounts together; say so where it is used, and only if each alone is not enough.

    Raises:
        ValidationError: `pooled`, and the rows are of two currencies.
    """
    if pooled:
        one_currency(versions)
    rows = _newest_of_each_day(versions)
    found: dict[Key, Curve] = {}
    for (account_id, objective_type), part in _parts(rows, pooled=pooled):
        for metric in LATE_COLUMNS:
            if metric in part.columns and part[metric].sum():
                observations = part.select(
                    "account_id", "date", "seen_on", pl.col(metric).cast(pl.Float64)
                ).drop_nulls()
                found[(account_id, objective_type, metric)] = curve(observations.rows(), lookback=lookback)
    return found


def maturity_frame(found: Mapping[Key, Curve]) -> pl.DataFrame:
    """`MATURITY`, one row per key and age, sorted; the interval is 90 %."""
    rows = [
        (*key, age, value, *one.interval(age), one.pairs[age], one.volume[age], one.enough)
        for key, one in found.items()
        for age, value in one.maturity.items()
    ]
    frame = pl.DataFrame(rows, schema=dict(MATURITY), orient="row")
    return frame.sort("account_id", "objective_type", "metric", "age")


def settling_frame(versions: pl.DataFrame, found: Mapping[Key, Curve], first: date, last: date) -> pl.DataFrame:
    """`SETTLING` of the period from first to last for every curve of a count; sorted.

    Args:
        versions: as for `curves`, with cost_in_local_currency. Each day is taken as its newest snapshot knows it.
        found: as `curves` returns them; pooled ones serve every account.

    Returns:
        Money in the account's currency. A period or reference with an unknown day is left out of what it would be
        part of: without the whole period there is no row.
    """
    rows = [
        _settling_row(key, first, said, _curve_of(found, key))
        for key, said in settlings(versions, found, first, last).items()
    ]
    return pl.DataFrame(rows, schema=dict(SETTLING)).sort("account_id", "objective_type", "metric")


def settlings(
    versions: pl.DataFrame, found: Mapping[Key, Curve], first: date, last: date
) -> dict[tuple[int, str, str], Settling]:
    """Where the period settles, by account, objective and metric; arguments as for `settling_frame`."""
    newest = _newest_of_each_day(versions).filter(pl.col("seen_on") > pl.col("date"))
    deciding = newest.sort("seen_on").unique(["account_id", "objective_type", "date"], keep="last")
    made: dict[tuple[int, str, str], Settling] = {}
    for (account_id, objective_type), part in _parts(deciding, pooled=False):
        for metric in LATE_COUNTS:
            one = found.get((account_id, objective_type, metric)) or found.get((None, objective_type, metric))
            if account_id is not None and metric in part.columns and one is not None:
                said = _settled(part, metric, one, first, last)
                if said is not None:
                    made[(account_id, objective_type, metric)] = said
    return made


def _curve_of(found: Mapping[Key, Curve], key: Key) -> Curve:
    return found.get(key) or found[(None, *key[1:])]


def batches(versions: pl.DataFrame, metric: str) -> str:
    """That results arrive on one weekday, which makes intervals too narrow; "" if they do not."""
    rows = _newest_of_each_day(versions).select("account_id", "date", "seen_on", pl.col(metric).cast(pl.Float64))
    weekday = batch_weekday(rows.drop_nulls().rows())
    return "" if weekday is None else f"{BATCHES[:-1]}, most of them on {_WEEKDAYS[weekday]}s."


def settle_sentence(
    found: Settling | None, one: Curve, *, singular: str, plural: str, currency: str | None, week: str = "Last week"
) -> str:
    """How much has arrived after 7 days and where the cost per result will settle; or that too little is known.

    Args:
        singular, plural: the result, such as `conversion` and `conversions`.
        week: the period as the sentence names it.
    """
    if found is None or not one.enough:
        return not_enough(one, plural=plural)
    arrived = f"After 7 days {wording.percent(one.at(7))} of a day's {plural} have arrived."
    if found.cost_per_result_low is None:
        return f"{arrived} {week} has no {singular} yet, and none is to be expected."
    ends = [found.cost_per_result_low, found.cost_per_result_high, found.cost_per_result_now]
    largest = max(end for end in ends if end is not None)
    low = wording.money(found.cost_per_result_low, currency, like=largest)
    now = wording.money(found.cost_per_result_now, currency, like=largest) if found.cost_per_result_now else None
    start = f"{week}'s cost per {singular} " + (f"is {now} today and " if now else "")
    if found.cost_per_result_high is None:
        return f"{arrived} {start}will most likely be at least {low}; no upper limit can be given yet."
    high = wording.money(found.cost_per_result_high, currency, like=largest)
    if low == high:
        return f"{arrived} {start}will most likely settle at {low}."
    return f"{arrived} {start}will most likely settle between {low} and {high}."


def not_enough(one: Curve, *, plural: str) -> str:
    """That too few late results were seen, and how many."""
    steps = [age for age in one.pairs if age < one.lookback]
    pairs = min((one.pairs[age] for age in steps), default=0)
    volume = sum(one.volume[age] for age in steps) / len(steps) if steps else 0.0
    snapshots = f"{min(pairs, ENOUGH_PAIRS) + 1 if pairs else 0} of {ENOUGH_PAIRS + 1} daily snapshots"
    counts = f"about {wording.about(volume, digits=2)} of {ENOUGH_VOLUME} {plural} at each age"
    return (
        f"Too few late {plural} were seen to say how many are still to come ({snapshots}, {counts}). "
        f"The last {one.lookback} days are provisional."
    )


def equal_age_sentence(found: EqualAge, *, plural: str, change_as_known: float | None = None) -> str:
    """How results changed at equal age, and what lateness alone seemed to say.

    Args:
        plural: the result, such as `conversions`.
        change_as_known: the change of the same periods as both are known now.
    """
    if found.known_days < found.days:
        return (
            f"At equal age nothing can be compared: {found.known_days} of {wording.counted(found.days, 'day')} "
            f"{'has' if found.known_days == 1 else 'have'} a partner that was seen at the same age."
        )
    if found.change is None:
        return f"At equal age there were no {plural} in the period before to compare with."
    size = wording.percent(abs(found.change))
    moved = "did not change" if size == "0 %" else f"{'rose' if found.change > 0 else 'fell'} by {size}"
    said = f"At equal age, {plural} {moved}"
    if change_as_known is None or wording.change(change_as_known) == wording.change(found.change):
        return f"{said}."
    return f"{said}; the {wording.change(change_as_known)} as known now is lateness."


def _newest_of_each_day(versions: pl.DataFrame) -> pl.DataFrame:
    """`versions` with `seen_on` (the snapshot's UTC day); of the snapshots of one day only the newest."""
    seen = versions.with_columns(pl.col("snapshot").str.slice(0, 8).str.to_date("%Y%m%d").alias("seen_on"))
    key = ["account_id", "objective_type", "date", "seen_on"]
    return seen.sort(*key, "snapshot").unique(key, keep="last", maintain_order=True)


def _parts(rows: pl.DataFrame, *, pooled: bool) -> Iterable[tuple[tuple[int | None, str], pl.DataFrame]]:
    if pooled:
        for (objective_type,), part in sorted(rows.partition_by("objective_type", as_dict=True).items(), key=str):
            yield (None, objective_type), part
        return
    by = rows.drop_nulls("objective_type").partition_by(["account_id", "objective_type"], as_dict=True)
    for (account_id, objective_type), part in sorted(by.items(), key=lambda item: item[0]):
        yield (account_id, objective_type), part


def _settled(part: pl.DataFrame, metric: str, one: Curve, first: date, last: date) -> Settling | None:
    length = (last - first).days + 1
    target = _aged(part, metric, first, last)
    weeks = [_aged(part, metric, *_before(first, last, n * length)) for n in range(1, REFERENCE_WEEKS + 1)]
    return settle(target, [week for week in weeks if week], one) if target else None


def _before(first: date, last: date, days: int) -> tuple[date, date]:
    return first - timedelta(days=days), last - timedelta(days=days)


def _aged(part: pl.DataFrame, metric: str, first: date, last: date) -> Sequence[AgedDay]:
    """The days as age, results and spend; empty unless every one is known."""
    within = part.filter(pl.col("date").is_between(first, last)).drop_nulls([metric, _SPEND]).sort("date")
    if within.height < (last - first).days + 1:
        return []
    age = (pl.col("seen_on") - pl.col("date")).dt.total_days()
    return within.select(age, pl.col(metric).cast(pl.Float64), pl.col(_SPEND).cast(pl.Float64)).rows()


def _settling_row(key: Key, week: date, found: Settling, one: Curve) -> Mapping[str, object]:
    values = {**vars(found), "results": found.results_so_far, "week": week, "enough": one.enough}
    values |= dict(zip(("account_id", "objective_type", "metric"), key, strict=True))
    return {name: values[name] for name in SETTLING}
