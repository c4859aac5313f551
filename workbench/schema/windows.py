"""Windows of UTC days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Window:
    """UTC days, both ends inclusive. Raises ValueError where it ends before it starts."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a window that ends ({self.last}) before it starts ({self.first})")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> Window:
        """As many days right before: same length, and the same weekdays where the length is whole weeks."""
        return Window(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def newest(self, days: int) -> Window:
        """Its last `days` days, or all of it where it has fewer."""
        return Window(max(self.first, self.last - timedelta(days=days - 1)), self.last)

    def halves(self) -> tuple[Window, Window]:
        """Two windows that make this one. Raises ValueError for a single day."""
        middle = self.first + timedelta(days=self.days // 2 - 1)
        return Window(self.first, middle), Window(middle + timedelta(days=1), self.last)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"
