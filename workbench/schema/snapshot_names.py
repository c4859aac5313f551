"""Names of snapshots: the moment, in UTC, at which their sync started (`20261122T060000Z`)."""

from __future__ import annotations

from datetime import UTC, date, datetime

_FORMAT = "%Y%m%dT%H%M%SZ"


def name_of(moment: datetime) -> str:
    """`20261122T060000Z`."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment_of(name: str) -> datetime:
    """The moment in a snapshot's name. Raises ValueError if it is not such a name."""
    return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)


def day_of(name: str) -> date:
    """The UTC day on which a snapshot's sync started."""
    return moment_of(name).date()
