"""The five states in which people meet the pages, each an installation of its own; used by their tests and pictures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import monotonic, sleep

from databases import new_database
from sync.installation import Installation

from workbench.cli.demo_plan import plan_text
from workbench.clock import utc_now
from workbench.database import embedded
from workbench.sandbox import Sandbox

Settings = Mapping[str, str]
SECONDS = 180
NOW = {"shift": 0}
"""These syncs believe this machine's clock."""


@contextmanager
def sample_only(server: embedded.EmbeddedServer, folder: Path, world: str) -> Iterator[Settings]:
    """Freshly installed: neither a database nor a token."""
    yield {"WORKBENCH_HOME": str(folder / "home"), "SNAPSHOT_DIR": str(folder / "snapshots")}


@contextmanager
def empty(server: embedded.EmbeddedServer, folder: Path, world: str) -> Iterator[Settings]:
    """A migrated database and a sign-in, but nothing was synced."""
    with _bench(server, folder, world) as installation:
        yield installation.environment()


@contextmanager
def ready(server: embedded.EmbeddedServer, folder: Path, world: str) -> Iterator[Settings]:
    """Everything of a medium world, synced today."""
    with _bench(server, folder, world, size="medium") as installation:
        assert installation.run("sync", timeout=300, act=NOW).code == 0
        plan = folder / "plan.toml"
        plan.write_text(plan_text(installation.sandbox, utc_now().date()))
        yield {**installation.environment(), "WORKBENCH_PLAN": str(plan)}


@contextmanager
def running(server: embedded.EmbeddedServer, folder: Path, world: str) -> Iterator[Settings]:
    """Synced once, and a second sync that goes on for as long as anybody looks."""
    with _bench(server, folder, world) as installation:
        assert installation.run("sync", act=NOW).code == 0
        installation.sandbox.faults.add("/rest/", "slow", seconds=20, times=None)
        process = installation.start("sync", "--force", act=NOW, settings={"LINKEDIN_CONCURRENCY": 1})
        try:
            _until(lambda: installation.value("select count(*) from sync_log where status = 'running'"), process)
            yield installation.environment()
        finally:
            process.kill()
            process.communicate()


@contextmanager
def failed(server: embedded.EmbeddedServer, folder: Path, world: str) -> Iterator[Settings]:
    """A month old, and LinkedIn refused one of the accounts."""
    with _bench(server, folder, world, today=date.today() - timedelta(30)) as installation:  # noqa: DTZ011  (any month will do)
        account = installation.sandbox.truth.ad_accounts()[0]["account_id"]
        installation.sandbox.faults.add(f"/adAccounts/{account}/adCampaigns", "status", status=403, times=None)
        installation.run("sync")
        yield installation.environment()


State = Callable[[embedded.EmbeddedServer, Path, str], AbstractContextManager[Settings]]
STATES: Mapping[str, State] = {
    "running": running,
    "sample_only": sample_only,
    "empty": empty,
    "ready": ready,
    "failed": failed,
}


@contextmanager
def all_states(
    server: embedded.EmbeddedServer, folder: Path, names: Iterable[str] = STATES, *, world: str = "hostile"
) -> Iterator[dict[str, Settings]]:
    """The settings of each, at once, with data of one of the sandbox's worlds."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(STATES[name](server, _made(folder / name), world)) for name in names}


@contextmanager
def _bench(
    server: embedded.EmbeddedServer, folder: Path, world: str, *, size: str = "small", today: date | None = None
) -> Iterator[Installation]:
    with Sandbox(world=world, size=size, today=today) as sandbox:
        yield Installation(sandbox, new_database(server), folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, "the sync ended by itself"
        assert monotonic() < deadline, "the sync did not start"
        sleep(0.05)
