"""Frames as JSON: a list of objects, money as exact numbers, days and moments as ISO 8601."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import msgspec
import polars as pl

_EXACT = Context(prec=100)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows, with money without trailing zeros."""
    return [{name: _exact(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def encoded(value: Any) -> bytes:
    """A value of plain objects as JSON."""
    return _ENCODER.encode(value)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        plain = value.normalize(_EXACT)
        return plain.quantize(Decimal(1), context=_EXACT) if plain.as_tuple().exponent > 0 else plain  # type: ignore[operator]
    return value
