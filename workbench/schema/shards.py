"""Split accounts over several machines: shard i of n has the accounts whose id modulo n is i − 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 99
"""Shards of one installation: each has advisory locks of its own (`database/advisory_keys.py`)."""
_TEXT = re.compile(r"(\d{1,2})/(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """One part of all accounts, written `2/4`: the second of four."""

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count <= MOST:
            raise ValueError(f"{self} is not a shard: 1/4 to 4/4 are those of four, and {MOST} are the most")

    @classmethod
    def of(cls, text: str) -> Shard:
        """The shard that a text such as `2/4` names. Raises ValueError if it names none."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a shard: write 2/4 for the second of four")
        return cls(int(found[1]), int(found[2]))

    def has(self, account_id: int) -> bool:
        """Whether the account belongs to this shard, whichever other accounts there are."""
        return account_id % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
