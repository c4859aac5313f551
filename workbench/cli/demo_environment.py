"""Set up the demo: a LinkedIn of invented data, a real sign-in, a real sync, the real pages. Needs no account.

A demo is an ordinary installation that lives in `<home>/demo` with a `.env` of its own. The process moves in there and
forgets every setting of the real one, so nothing here, nor in a process that a page starts, can touch that.
"""

from __future__ import annotations

import os
import shutil
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import httpx

from workbench.cli import demo_history
from workbench.cli.demo_history import AGES, DAYS, LOOKBACK, SIZE
from workbench.cli.demo_plan import plan_text
from workbench.clock import utc_now
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.coverage import loaded_snapshots
from workbench.database.locked_database import LockedDatabase
from workbench.errors import StorageError
from workbench.files import atomic_write, make_private_folder
from workbench.paths import http_origin, loopback_address, working_folder
from workbench.pipeline.progress import OnProgress
from workbench.pipeline.report import SyncReport
from workbench.sandbox import Sandbox
from workbench.schema.tables import metadata
from workbench.settings.fields import ReaderSettings, Settings, read_settings
from workbench.settings.home import HomeSettings
from workbench.snapshots.catalog import list_snapshots, not_loaded
from workbench.web.server import free_port

_FOREIGN = ("DATABASE_", "POSTGRES_", "LINKEDIN_", "SNAPSHOT_DIR", "LOG_DIR")


@contextmanager
def installation() -> Iterator[tuple[Settings, Sandbox]]:
    """Move into `<home>/demo`, with the sandbox LinkedIn running; out again at the end."""
    folder = read_settings(HomeSettings).home / "demo"
    make_private_folder(folder)
    before, environment = working_folder(), dict(os.environ)
    with Sandbox(
        world="believable",
        size=SIZE,
        anchor=_today(),
        auto_approve=True,
        any_loopback_redirect=True,
        host=loopback_address(),
    ) as sandbox:
        sandbox.switches.quotas.clear()
        try:
            _forget_the_real_one()
            os.environ["WORKBENCH_HOME"] = str(folder)
            with atomic_write(folder / ".env") as file:
                file.write(_env(sandbox).encode())
            with atomic_write(folder / "plan.toml") as file:
                file.write(plan_text(sandbox, _today()).encode())
            os.chdir(folder)
            yield read_settings(Settings), sandbox
        finally:
            if before is not None:
                with suppress(OSError):  # it may be gone, or closed to this account
                    os.chdir(before)
            os.environ.clear()
            os.environ.update(environment)


async def fill(
    settings: Settings, sandbox: Sandbox, *, on_progress: OnProgress, announce: Callable[[str], None]
) -> SyncReport:
    """Sign in as a person would, and sync: on the days of `AGES` where that was not done today, else once.

    Returns: the last report, or the first that is not whole.
    """
    from workbench.linkedin.auth.login import login
    from workbench.pipeline.api import sync

    again = bool(demo_history.of_day(settings, _today()))
    if not again:
        _empty(settings)
        sandbox.advance(-AGES[0])
    await login(settings, open_url=_consent, announce=announce)
    for age in AGES[-1:] if again else AGES:
        away = timedelta(days=age)
        sandbox.advance((_today() - away - sandbox.clock.today).days)
        report = await sync(
            days=DAYS if age in AGES[::2] else LOOKBACK,  # today's, so that audiences are of enough leads to judge
            force=True,
            trigger="demo",
            on_progress=on_progress,
            settings=settings,
            clock=lambda away=away: utc_now() - away,  # type: ignore[misc]
        )
        if report.exit_code:
            break
        if report.sync_id:
            _end_then(settings, report.sync_id, away)
    return report


def _end_then(settings: Settings, sync_id: str, away: timedelta) -> None:
    """Let a sync of an earlier day end on that day: the database knew today's time only."""
    with Database.of(settings).connect() as connection:
        connection.execute(
            "update sync_log set finished_at = finished_at - %(away)s, heartbeat_at = heartbeat_at - %(away)s "
            "where sync_id = %(sync_id)s",
            {"away": away, "sync_id": sync_id},
        )


def _today() -> date:
    return utc_now().date()


def _empty(settings: Settings) -> None:
    """Empty the demo's folder: an invented world ends today, so data of another day belong to another world."""
    for folder in (settings.snapshot_dir, settings.home / "history", settings.home / "cache"):
        shutil.rmtree(folder, ignore_errors=True)
    database = LockedDatabase.of(Database.of(settings), "demo")
    try:
        database.open()
        with database.connection() as connection:
            connection.execute(f"truncate {', '.join(metadata.tables)}")
    finally:
        database.close()


def summary(settings: ReaderSettings) -> str:
    """Accounts, days and spend of the demo, from the database, as text."""
    from workbench.analytics.formatting import counted, money
    from workbench.queries.api import query

    accounts = query("accounts")
    counts = {row["table_name"]: row["row_count"] for row in query("table_counts").iter_rows(named=True)}
    spend: Counter[str] = Counter()
    for row in accounts.iter_rows(named=True):
        spend[row["currency"]] += row["cost_in_local_currency"] or 0
    until = min((day for day in accounts["last_complete_day"] if day is not None), default=None)
    lines = [
        f"{accounts.height} ad accounts with {counted('campaign', counts['campaigns'], api=True)} "
        f"and {counted('creative', counts['creatives'], api=True)}.",
        "Spend: " + ", ".join(money(amount, currency) for currency, amount in sorted(spend.items())) + ".",
        f"Complete until {until:%d %B %Y} (UTC)." if until else "Nothing is complete yet.",
    ]
    return "\n".join(lines)


def verified(settings: Settings) -> str:
    """Check that the history is whole: files match their manifests, each day has a snapshot, all are loaded.

    Raises:
        ValidationError: a file differs from its manifest.
        StorageError: a day or a load is missing.
    """
    snapshots = list_snapshots(settings.snapshot_dir).finished
    for snapshot in snapshots:
        snapshot.verify()
    missing = demo_history.missing_days(snapshots, _today())
    with Database.of(settings).connect() as connection:
        left = not_loaded(snapshots, loaded_snapshots(connection), "loopback")
    if missing or left:
        what = [f"{day:%d %B}" for day in missing] + [f"the load of {name}" for name in left]
        raise StorageError(
            "The demo's history is not whole.", why=f"It lacks {', '.join(what)}.", next_step="Run it again."
        )
    return f"{len(snapshots)} snapshots of five weeks are there, whole and loaded."


def where(settings: Settings) -> str:
    """Text: where the demo keeps its files, and how to delete them."""
    database = embedded.default_home(settings.home)
    apart = "" if database.is_relative_to(settings.home) else f", and its database in {database}"
    return (
        f"Everything of it lies in {settings.home}{apart}. Delete that to be rid of it; "
        "your own settings and data were not touched."
    )


def _consent(url: str) -> None:
    """Act as a browser whose user clicks Allow: follow the sandbox's redirect to the listener."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # not used: both servers speak http, on loopback and without a proxy
    with httpx.Client(follow_redirects=True, timeout=30, trust_env=False, verify=tls) as browser:
        browser.get(url).raise_for_status()


def _forget_the_real_one() -> None:
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            del os.environ[name]


def _env(sandbox: Sandbox) -> str:
    return f"""# Written anew by every `workbench demo`; its LinkedIn is invented and runs only while the demo does.
WORKBENCH_HOME=.
SNAPSHOT_DIR=snapshots
LINKEDIN_API_URL={sandbox.url}
LINKEDIN_OAUTH_URL={sandbox.url}
LINKEDIN_CLIENT_ID={sandbox.client_id}
LINKEDIN_CLIENT_SECRET={sandbox.client_secret}
LINKEDIN_REDIRECT_URI={http_origin(loopback_address(), free_port())}/callback
LINKEDIN_REQUESTS_PER_SECOND=1000
"""
