"""The state of one ad account during a fetch: ids that were listed or mentioned, and how complete they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.linkedin.urns import urn_id
from workbench.schema.resources import RESOURCES, entity_id

Ids = defaultdict[str, set[int]]
_PARENTS = {resource.name: resource.parent for resource in RESOURCES if resource.parent}


_VIDEOS = ("VIDEO", "DOCUMENT")  # in formats and objectives


def _no_ids() -> Ids:
    return defaultdict(set)


@dataclass(frozen=True)
class Fetched:
    """The accounts of a fetch.

    Attributes:
        account_ids: the accounts that LinkedIn listed.
        names: their names and those of accounts that failed, by id; id 0 stands for what belongs to no account.
    """

    account_ids: tuple[int, ...]
    names: dict[int, str | None]


@dataclass
class AccountState:
    """The state of one ad account in a running fetch.

    Attributes:
        ids: ids of the listed entities, by resource.
        mentioned: ids that other answers mention, by resource: parents of listed entities, and entities with figures.
        doubtful_listings: resources whose listing was empty, or took several pages: something may be missing at the
            edge of a page.
        creatives: how many creatives each campaign has, by campaign id.
        listed: whether campaigns and creatives were read to their ends.
        unproven: paths of parts in which an empty answer was taken for no activity.
        announced: whether `on_daily_metrics` was called for the account.
        videos: whether a listed campaign shows videos or documents.
        filtered: whether only campaigns of some statuses were asked for.
    """

    account_id: int
    ids: Ids = field(default_factory=_no_ids)
    mentioned: Ids = field(default_factory=_no_ids)
    doubtful_listings: list[str] = field(default_factory=list)
    creatives: Counter[int] = field(default_factory=Counter)
    unproven: set[str] = field(default_factory=set)
    listed: bool = True
    announced: bool = False
    filtered: bool = False
    videos: bool = False

    def add_records(self, resource: str, records: Iterable[Any]) -> None:
        """Add the ids in the records of a listing, and the ids of their parents."""
        member, parents = _PARENTS.get(resource, ("", ""))
        for record in records:
            self.ids[resource].add(entity_id(record))
            if resource == "campaigns":
                kinds = f"{record.get('format')} {record.get('objectiveType')}"
                self.videos = self.videos or any(word in kinds for word in _VIDEOS)
            if parent := record.get(member):
                self.mentioned[parents].add(urn_id(parent))
                if resource == "creatives":
                    self.creatives[urn_id(parent)] += 1

    def end_listings(self, *, read_to_the_end: bool) -> None:
        """Note whether campaigns and creatives were read to their ends."""
        self.listed = read_to_the_end

    def announce(self) -> bool:
        """Whether this is the first call; `on_daily_metrics` is called once for an account."""
        first, self.announced = not self.announced, True
        return first

    def may_have_videos(self) -> bool:
        """Whether some campaign shows videos or documents, or may: not all are known."""
        return self.videos or not self.listed or self.filtered or bool(self.unlisted("campaigns"))

    def unlisted(self, resource: str) -> set[int]:
        """Ids that other answers mention and the listing of the resource lacks."""
        return self.mentioned[resource] - self.ids[resource]

    def is_falsely_empty(self, resource: str) -> bool:
        """Whether nothing was listed although other answers mention entities of the resource."""
        left_out = self.filtered and resource == "campaigns"
        return not self.ids[resource] and bool(self.mentioned[resource]) and not left_out

    def rows_a_day(self, entity: str) -> tuple[Mapping[int, int], bool]:
        """Rows of daily metrics that each campaign can give a day, and whether no other campaign exists."""
        if entity == "creative":
            return self.creatives, self.listed
        return dict.fromkeys(self.ids["campaigns"], 1), self.listed and not self.filtered
