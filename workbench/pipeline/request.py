"""The arguments of one call of `sync`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from workbench.clock import Clock
from workbench.pipeline.progress import OnProgress
from workbench.schema.literals import Trigger
from workbench.schema.shards import Shard
from workbench.schema.windows import Window
from workbench.settings.demographics_by import ACCOUNT
from workbench.settings.fields import Settings
from workbench.settings.metric_groups import AUDIENCES


class SyncOptions(TypedDict, total=False):
    """The arguments of `sync` that another function passes on; `sync` documents each."""

    days: int | None
    first_day: date | None
    last_day: date | None
    account_ids: Sequence[int] | None
    only: Sequence[str] | None
    shard: Shard | None
    force: bool
    trigger: Trigger
    on_progress: OnProgress


@dataclass(frozen=True)
class SyncRequest:
    """The arguments of one sync.

    Attributes:
        window: the days that the user asked for; None: they are planned from what is covered.
        account_ids: only these ad accounts; empty: all.
        only: the groups of figures beyond the core that are asked for; None: those of the settings.
        force: whether accounts are asked although their data is fresh.
        trigger: who started the sync: `cli`, `notebook`, `script` or `demo`.
        on_progress: called with a `Progress` for every step.
        clock: the time in UTC.
        shard: the part of all accounts that is asked for; None: all of them.
    """

    settings: Settings
    window: Window | None
    account_ids: tuple[int, ...]
    force: bool
    trigger: Trigger
    on_progress: OnProgress
    clock: Clock
    only: tuple[str, ...] | None = None
    shard: Shard | None = None

    def of_shard(self, account_ids: Iterable[int]) -> tuple[int, ...]:
        """Those of some accounts that this sync asks for."""
        return tuple(each for each in account_ids if self.shard is None or self.shard.has(each))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of figures beyond the core that are asked for."""
        return self.settings.METRIC_GROUPS if self.only is None else self.only

    @property
    def demographics_by(self) -> tuple[str, ...]:
        """Of what the audience is asked for beside the account: words and ids of the setting."""
        asked = self.settings.DEMOGRAPHICS_BY if AUDIENCES in self.groups else ()
        return tuple(word for word in asked if word != ACCOUNT)
