"""The source of invented values of a world: its seeded generator, its first day, ids, moments and money."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from workbench.sandbox.world.currencies import PRICE_LEVEL
from workbench.sandbox.world.model import MEMBER, Element


@dataclass
class Stage:
    """Everything invented draws from `random` and is dated against `today`; ids start at `base`."""

    size: str
    seed: int
    today: date
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.size}:{self.seed}")

    @property
    def base(self) -> int:
        return self.seed % 97 * 10_000

    def moment(self, days_ago: int) -> int:
        """Epoch milliseconds of a midnight UTC."""
        day = self.today - timedelta(days=days_ago)
        return int(datetime.combine(day, time(), UTC).timestamp()) * 1000

    def stamps(self, created: int, modified: int) -> Element:
        """`changeAuditStamps`, in days before today."""
        return {
            "created": {"time": self.moment(created) + self.random.randrange(86_400_000), "actor": MEMBER},
            "lastModified": {"time": self.moment(modified) + self.random.randrange(43_200_000)},
        }


def money(amount: int, currency: str) -> Element:
    """LinkedIn writes `1250.00` and `1800` alike; the yen has no decimals."""
    if currency == "JPY":
        return {"amount": str(amount * PRICE_LEVEL[currency]), "currencyCode": currency}
    return {"amount": f"{amount}.00" if amount % 2 else str(amount), "currencyCode": currency}


def ordinal(milliseconds: int) -> int:
    """The UTC day of a moment."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().toordinal()
