"""Make `snapshots/sample` anew: what a sync of the small believable sandbox finds, on a fixed day.

poe sample
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

from pydantic import SecretStr

from workbench.linkedin.client import Client
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.paths import CHECKOUT
from workbench.pipeline.fetch.fetcher import Fetcher
from workbench.pipeline.steps import Steps, status_of
from workbench.pipeline.sync_windows import AccountWindows
from workbench.sandbox import Sandbox
from workbench.schema.metrics import STORED
from workbench.schema.pivots import ASKED
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Plan
from workbench.snapshots.writer import REJECTS, SnapshotWriter

TODAY = date(2026, 11, 22)
DAYS = 90
LARGEST = 300_000


class _Token:
    """A token that is always good."""

    def __init__(self, token: str) -> None:
        self._token = SecretStr(token)

    async def token(self) -> SecretStr:
        return self._token

    async def renew(self, rejected: SecretStr) -> SecretStr:
        raise AssertionError("the sandbox refused its own token")

    def issued_recently(self, now: datetime) -> bool:
        return False


async def fetch(sandbox: Sandbox, writer: SnapshotWriter) -> None:
    window = Window(TODAY - timedelta(days=DAYS), TODAY)
    client = Client(
        origin=sandbox.url,
        version="202607",
        tokens=_Token(sandbox.issue_token()),
        limiter=Limiter(concurrency=4, per_second=1000),
        quotas=Quotas(None),
    )
    async with client:
        steps = Steps(lambda step: None)
        fetcher = Fetcher(
            writer=writer,
            client=client,
            steps=steps,
            windows_of=lambda account_id: AccountWindows.same(window),
            batch_size=20,
            concurrency=4,
        )
        await fetcher.run()
    assert status_of(steps.all()) == "done"


def main() -> None:
    assert CHECKOUT is not None
    folder = CHECKOUT / "snapshots" / "sample"
    shutil.rmtree(folder, ignore_errors=True)
    started_at = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC)
    plan = Plan(
        linkedin_version="202607",
        window=(TODAY - timedelta(days=DAYS), TODAY),
        account_ids=None,
        campaign_statuses=(),
        pivots=ASKED,
        metrics=tuple(metric.field for metric in STORED),
        origin="sample",
    )
    making = folder.with_name(f"{started_at:%Y%m%dT%H%M%SZ}")
    shutil.rmtree(making, ignore_errors=True)
    writer = SnapshotWriter.create(
        making, plan, trigger="demo", started_at=started_at, version=version("linkedin-ads-workbench")
    )
    with Sandbox(world="believable", size="small", today=TODAY) as sandbox:
        asyncio.run(fetch(sandbox, writer))
    writer.finish(finished_at=started_at + timedelta(seconds=9), api_calls=0, complete=True)
    making.rename(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < LARGEST, f"{size:,} bytes are too many to commit"
    print(f"{folder.name}: {size:,} bytes, rejects: {(folder / REJECTS).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
