"""Kinds of records in LinkedIn's answers, and the types of their fields: how each is judged, and what identifies it.

Records are typed dictionaries because pydantic judges those three times as fast as objects, and a sync sees half a
million rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, with_config

Count = Annotated[int, Field(ge=0, lt=10**18)]
Money = Annotated[
    Annotated[str, Field(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,40})?([eE]-[0-9]{1,3})?$")]
    | Annotated[int, Field(gt=-(10**15), lt=10**15)],
    Field(union_mode="left_to_right"),
]
Number = Annotated[Money | Annotated[float, Field(gt=-(10**15), lt=10**15)], Field(union_mode="left_to_right")]
"""A share or an average: LinkedIn sends some as JSON numbers."""
Milliseconds = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]  # up to the year 9999
Text = Annotated[str, Field(max_length=100_000)]
Texts = list[Text]
Days = Annotated[int, Field(ge=0, lt=10**6)]
URN = re.compile(r"urn:li:[a-zA-Z]+:[0-9]{1,18}")
Urn = Annotated[str, Field(pattern=rf"^{URN.pattern}$")]
Id = Annotated[Annotated[int, Field(gt=0, lt=10**18)] | Urn, Field(union_mode="left_to_right")]

T = TypeVar("T")


def strict_record(cls: type[T]) -> type[T]:
    """The configuration of a record: strict in the fields it names, all others are ignored."""
    return with_config(ConfigDict(strict=True, extra="ignore"))(cls)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of record: how it is judged, and what identifies it within an answer.

    Attributes:
        key: from a judged record to its key; raises ValueError where there is none.
        entity: whether the record has attributes, one of which may be unknown, and no figures.
        daily: whether the record is of one UTC day, which its key names second.
        nested: how many keys lie below the first level of every record, where only what was asked for can come.
    """

    schema: type[T]
    key: Callable[[T], Hashable]
    nested: int | None = None
    entity: bool = False
    daily: bool = False

    @cached_property
    def one(self) -> TypeAdapter[T]:
        return TypeAdapter(self.schema)

    @cached_property
    def many(self) -> TypeAdapter[list[T]]:
        return TypeAdapter(list[self.schema])  # type: ignore[name-defined]  # a type made at run time
