"""Everything at once without an account: a LinkedIn of invented data, a real sign-in, a real sync, the real pages.

A demo is an ordinary installation that lives in `<home>/demo` with a `.env` of its own. The process moves in there and
forgets every setting of the real one, so nothing here, nor in a process that a page starts, can touch that.
"""

from __future__ import annotations

import os
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx

from workbench.database import embedded
from workbench.files import atomic_write, make_private_folder
from workbench.paths import loopback_address, working_folder
from workbench.pipeline.progress import OnProgress
from workbench.pipeline.report import SyncReport
from workbench.sandbox import Sandbox
from workbench.settings.fields import HomeSettings, ReaderSettings, Settings, read_settings
from workbench.web.server import free_port

SIZE = "medium"
DAYS = 90
_FOREIGN = ("DATABASE_", "POSTGRES_", "LINKEDIN_", "SNAPSHOT_DIR", "LOG_DIR")


@contextmanager
def installation() -> Iterator[tuple[Settings, Sandbox]]:
    """Move into `<home>/demo`, with the sandbox LinkedIn running; out again at the end."""
    folder = read_settings(HomeSettings).home / "demo"
    make_private_folder(folder)
    before, environment = working_folder(), dict(os.environ)
    with Sandbox(
        world="believable", size=SIZE, auto_approve=True, any_loopback_redirect=True, host=loopback_address()
    ) as sandbox:
        sandbox.switches.quotas.clear()
        try:
            _forget_the_real_one()
            os.environ["WORKBENCH_HOME"] = str(folder)
            with atomic_write(folder / ".env") as file:
                file.write(_env(sandbox).encode())
            os.chdir(folder)
            yield read_settings(Settings), sandbox
        finally:
            if before is not None:
                with suppress(OSError):  # it may be gone, or closed to this account
                    os.chdir(before)
            os.environ.clear()
            os.environ.update(environment)


async def fill(settings: Settings, *, on_progress: OnProgress, announce: Callable[[str], None]) -> SyncReport:
    """Sign in as a person would, and sync."""
    from workbench.linkedin.auth.login import login
    from workbench.pipeline.api import sync

    await login(settings, open_url=_consent, announce=announce)
    return await sync(days=DAYS, force=True, trigger="demo", on_progress=on_progress, settings=settings)


def summary(settings: ReaderSettings) -> str:
    """What a marketer wants to know of it, from the database."""
    from workbench.analytics.formatting import money
    from workbench.queries.api import query

    accounts = query("accounts")
    counts = {row["table_name"]: row["row_count"] for row in query("table_counts").iter_rows(named=True)}
    spend: Counter[str] = Counter()
    for row in accounts.iter_rows(named=True):
        spend[row["currency"]] += row["cost_in_local_currency"] or 0
    until = min((day for day in accounts["last_complete_day"] if day is not None), default=None)
    lines = [
        f"{accounts.height} ad accounts, {counts['campaigns']:,} campaigns, {counts['creatives']:,} creatives.",
        "Spend: " + ", ".join(money(amount, currency) for currency, amount in sorted(spend.items())) + ".",
        f"Complete until {until:%d %B %Y} (UTC)." if until else "Nothing is complete yet.",
    ]
    return "\n".join(lines)


def where(settings: Settings) -> str:
    """Where the demo keeps its things, and how to be rid of them."""
    database = embedded.default_home(settings.home)
    apart = "" if database.is_relative_to(settings.home) else f", and its database in {database}"
    return (
        f"Everything of it lies in {settings.home}{apart}.\n"
        "Delete that to be rid of it; your own settings and data were not touched."
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
LINKEDIN_REDIRECT_URI=http://localhost:{free_port()}/callback
LINKEDIN_REQUESTS_PER_SECOND=100
"""
