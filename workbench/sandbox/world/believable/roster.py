"""Which ad sets there are: the leading ones by hand, the others by the accounts' mix of spend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from workbench.sandbox.world.believable import noise
from workbench.sandbox.world.believable.naming import AUDIENCES, FINANCE_AUDIENCES, PLACES, Client

SIZES = {"small": (3, 12, 32), "medium": (3, 84, 360), "large": (19, 2_000, 9_000)}
"""Accounts with campaigns, campaigns, creatives. Each has an empty test account beside them."""

KESTREL = 2
"""The place of the software company's account."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One ad set: what it is, when it ran, and its part in the stories.

    Attributes:
        account: the place of its account.
        started, ended: days before the anchor; an end of None is none, a negative one lies ahead.
        status: as LinkedIn names it.
        weight: its part of what its kind spends.
        part: its part in a story.
    """

    account: int
    kind: str
    audience: str
    place: str
    theme: str
    started: int
    ended: int | None = None
    status: str = "ACTIVE"
    weight: float = 1.0
    part: str = ""


LEADING = (
    Entry(
        account=0,
        kind="image",
        audience="Plant managers",
        place="DACH",
        theme="Demand gen | Cobot X2",
        started=58,
        ended=-9,
        part="stopped",
    ),
    Entry(
        account=0,
        kind="image",
        audience="Plant managers",
        place="UK&I",
        theme="Demand gen | Automation report",
        started=58,
        part="steady",
    ),
    Entry(
        account=0,
        kind="document",
        audience="Quality leads",
        place="UK&I",
        theme="Demand gen | Buyers guide",
        started=75,
        part="capped",
    ),
    Entry(
        account=1,
        kind="image",
        audience="Head of ops 501+",
        place="US",
        theme="Demand gen | Automation report",
        started=120,
        weight=1.4,
        part="network",
    ),
    Entry(
        account=2,
        kind="image",
        audience="Controllers",
        place="Japan",
        theme="Demand gen | Month-end",
        started=140,
    ),
    Entry(
        account=0,
        kind="website",
        audience="Page visitors 90d",
        place="UK&I",
        theme="Always on | Retargeting",
        started=210,
        part="late",
    ),
    Entry(
        account=0,
        kind="video",
        audience="Ops directors+",
        place="Nordics",
        theme="Demand gen | Cobot X2 Nordics",
        started=96,
        ended=-35,
        part="bid",
    ),
    Entry(
        account=0,
        kind="leader",
        audience="CTO founders",
        place="UK&I",
        theme="Always on | Thought leaders",
        started=150,
        part="voice",
    ),
    Entry(
        account=1,
        kind="message",
        audience="Head of ops 501+",
        place="US",
        theme="Demand gen | Automation report",
        started=47,
        part="raised",
    ),
    Entry(
        account=1,
        kind="image",
        audience="Ops directors+",
        place="US Midwest",
        theme="Demand gen | Payback",
        started=100,
        part="raised",
    ),
    Entry(
        account=0,
        kind="image",
        audience="Maintenance leads",
        place="Benelux",
        theme="Demand gen | Buyers guide",
        started=130,
        weight=1.0,
        part="bid",
    ),
    Entry(
        account=2,
        kind="leader",
        audience="CTO founders",
        place="Japan",
        theme="Always on | Thought leaders",
        started=88,
        ended=-20,
        part="voice",
    ),
)
_THEMES = {
    "image": ("Demand gen | Automation report", "Demand gen | Buyers guide", "ABM | Tier 1 automotive"),
    "document": ("Demand gen | Buyers guide",),
    "video": ("Demand gen | Customer stories",),
    "website": ("Always on | Retargeting",),
    "carousel": ("Always on | Retargeting",),
    "message": ("Demand gen | Automation report",),
    "leader": ("Always on | Thought leaders",),
    "awareness": ("Brand | Customer stories",),
    "jobs": ("Hiring | Field engineers",),
    "spotlight": ("Always on | Retargeting",),
}
_SPLIT = (51, 31, 18)
"""Ad sets of the three accounts, in percent."""
_LIVES = (
    # status, started, ended: (least, most) days before the anchor
    ("ACTIVE", (95, 320), None),
    ("COMPLETED", (150, 240), (31, 57)),
    ("ACTIVE", (95, 260), None),
    ("PAUSED", (220, 300), (92, 150)),
    ("ACTIVE", (34, 84), None),
    ("COMPLETED", (200, 330), (110, 190)),
    ("ACTIVE", (95, 200), None),
    ("ARCHIVED", (380, 520), (300, 370)),
    ("ACTIVE", (92, 150), (-50, -12)),
    ("COMPLETED", (240, 400), (150, 230)),
)


def roster(clients: tuple[Client, ...], campaigns: int) -> list[Entry]:
    """The ad sets of a world, the leading ones first."""
    entries = list(LEADING[:campaigns])
    taken = {(entry.account, entry.kind, entry.audience, entry.place) for entry in entries}
    kinds = Counter((entry.account, entry.kind) for entry in entries)
    for number in range(len(entries), campaigns):
        entries.append(_further(clients, number, kinds, taken))
        kinds[entries[-1].account, entries[-1].kind] += 1
    return entries


def _further(
    clients: tuple[Client, ...],
    number: int,
    kinds: Counter[tuple[int, str]],
    taken: set[tuple[int, str, str, str]],
) -> Entry:
    account = _account(number, len(clients))
    client, seed = clients[account], noise.seed_of("roster", number)
    kind = max(client.mix, key=lambda share: share[1] / (kinds[account, share[0]] + 0.5))[0]
    theme = _THEMES[kind][noise.bits(seed, 2) % len(_THEMES[kind])]
    audience, place = _whom(client, kind, theme, seed, account, taken)
    status, started, ended = _LIVES[(number + 3 * (number // len(_LIVES))) % len(_LIVES)]
    return Entry(
        account=account,
        kind=kind,
        audience=audience,
        place=place,
        theme=theme,
        started=noise.between(*started, seed, 3),
        ended=None if ended is None else noise.between(*ended, seed, 4),
        status="DRAFT" if number % 40 == 39 else status,
        weight=0.6 + 0.8 * noise.unit(seed, 5),
    )


def _account(number: int, count: int) -> int:
    if count > len(_SPLIT):
        return number % count
    place = number * 37 % 100
    return 0 if place < _SPLIT[0] else 1 if place < _SPLIT[0] + _SPLIT[1] else 2


def _whom(
    client: Client, kind: str, theme: str, seed: int, account: int, taken: set[tuple[int, str, str, str]]
) -> tuple[str, str]:
    """An audience and a place that no ad set of this kind has yet, as long as there are such."""
    audiences = list(FINANCE_AUDIENCES if client.software else AUDIENCES)
    places = PLACES[client.region]
    choice = (audiences[0], places[0])
    for attempt in range(60):
        audience = audiences[noise.bits(seed, 10, attempt) % len(audiences)]
        if theme.startswith("ABM"):
            audience = "CFO 201+" if client.software else "Tier 1 automotive"
        if theme == "Always on | Retargeting":
            audience = "Page visitors 90d" if attempt < 20 else "Lookalike customers"
        choice = (audience, places[noise.bits(seed, 11, attempt) % len(places)])
        if (account, kind, *choice) not in taken:
            break
    taken.add((account, kind, *choice))
    return choice
