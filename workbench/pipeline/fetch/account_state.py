"""What a running fetch knows of one ad account."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.linkedin.urns import urn_id
from workbench.schema.resources import RESOURCES, entity_id

Ids = defaultdict[str, set[int]]
_PARENTS = {resource.name: resource.parent for resource in RESOURCES if resource.parent}


def _no_ids() -> Ids:
    return defaultdict(set)


@dataclass
class Account:
    """What is known of one ad account.

    Attributes:
        ids: what was listed, by resource.
        spoken_of: ids that other answers mention, by resource: parents of listed entities, and entities with figures.
        doubtful: resources listed in several pages: an entity may be missing at the edge of a page.
        creatives: how many there are, by campaign id.
        listed: whether campaigns and creatives could be read to their ends.
        unproven: paths of parts in which an empty answer was taken for no activity.
        told: whether its metrics were announced as being on disk.
        filtered: whether only campaigns of some statuses were asked for.
    """

    account_id: int
    ids: Ids = field(default_factory=_no_ids)
    spoken_of: Ids = field(default_factory=_no_ids)
    doubtful: list[str] = field(default_factory=list)
    creatives: Counter[int] = field(default_factory=Counter)
    unproven: set[str] = field(default_factory=set)
    listed: bool = True
    told: bool = False
    filtered: bool = False

    def note(self, resource: str, records: Iterable[Any]) -> None:
        """Learn from the records of a listing."""
        member, parents = _PARENTS.get(resource, ("", ""))
        for record in records:
            self.ids[resource].add(entity_id(record))
            if parent := record.get(member):
                self.spoken_of[parents].add(urn_id(parent))
                if resource == "creatives":
                    self.creatives[urn_id(parent)] += 1

    def unlisted(self, resource: str) -> set[int]:
        """Ids that other answers mention and the listing of the resource lacks."""
        return self.spoken_of[resource] - self.ids[resource]

    def rows_a_day(self, entity: str) -> tuple[Mapping[int, int], bool]:
        """How many rows of daily metrics each campaign can give, and whether these are all the campaigns there are."""
        if entity == "creative":
            return self.creatives, self.listed
        return dict.fromkeys(self.ids["campaigns"], 1), self.listed and not self.filtered
