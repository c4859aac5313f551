"""Write snapshots of an invented LinkedIn, without a database: the sample's, and the demo's earlier weeks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from pydantic import SecretStr

from workbench.linkedin.client import Client
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.pipeline.fetch.fetcher import Fetcher
from workbench.pipeline.steps import Steps
from workbench.pipeline.sync_windows import AccountWindows
from workbench.sandbox import Sandbox
from workbench.schema.literals import Origin
from workbench.schema.metric_groups import asked_fields, asked_groups
from workbench.schema.pivots import ASKED
from workbench.schema.snapshot_names import name_of
from workbench.schema.windows import Window
from workbench.settings.metric_groups import GROUPS
from workbench.snapshots.manifest import Plan, Snapshot
from workbench.snapshots.writer import SnapshotWriter

_VERSION = "202607"


@dataclass(frozen=True)
class _Token:
    """A token of the sandbox's, which does not end."""

    secret: SecretStr

    async def token(self) -> SecretStr:
        return self.secret

    async def renew(self, rejected: SecretStr) -> SecretStr:
        raise AssertionError("the sandbox refused its own token")

    def issued_recently(self, now: datetime) -> bool:
        return False


def write_snapshot(
    sandbox: Sandbox,
    folder: Path,
    moment: datetime,
    *,
    days: int,
    origin: Origin = "loopback",
    earlier: Sequence[Snapshot] = (),
    sign_in: str | None = None,
    groups: tuple[str, ...] = GROUPS,
) -> Snapshot:
    """One snapshot, made on the sandbox's present day, in a new folder below `folder`.

    Args:
        moment: when its sync began; it gives the snapshot its name.
        days: how many days before that day are asked for.
        origin: what the manifest says of whose data these are.
        earlier: snapshots whose names of segments need not be asked again.
        sign_in: a fingerprint of the sign-in, for the list of accounts.
        groups: the metric groups that are asked for.
    """
    today = sandbox.clock.today
    window = Window(today - timedelta(days=days), today)
    plan = Plan(
        linkedin_version=_VERSION,
        window=(window.first, window.last),
        account_ids=None,
        campaign_statuses=(),
        pivots=ASKED,
        groups=asked_groups(groups),
        metrics=asked_fields(groups),
        origin=origin,
    )
    writer = SnapshotWriter.create(
        folder / name_of(moment), plan, trigger="demo", started_at=moment, version=version("linkedin-ads-workbench")
    )
    calls = asyncio.run(_fetch(sandbox, writer, window, earlier, sign_in, groups))
    return writer.finish(finished_at=moment + timedelta(seconds=9), api_calls=calls, complete=True)


async def _fetch(
    sandbox: Sandbox,
    writer: SnapshotWriter,
    window: Window,
    earlier: Sequence[Snapshot],
    sign_in: str | None,
    groups: tuple[str, ...],
) -> int:
    """Fetch everything into the writer. Returns: how many requests it took."""
    client = Client(
        origin=sandbox.url,
        version=_VERSION,
        tokens=_Token(SecretStr(sandbox.issue_token())),
        limiter=Limiter(concurrency=4, per_second=1000),
        quotas=Quotas(None),
    )
    async with client:
        fetcher = Fetcher(
            writer=writer,
            client=client,
            steps=Steps(lambda step: None),
            windows_of=lambda account_id: AccountWindows.same(window),
            batch_size=20,
            concurrency=4,
            earlier=earlier,
            sign_in=sign_in,
            groups=groups,
        )
        await fetcher.run()
        return client.calls
