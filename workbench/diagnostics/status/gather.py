"""Gather the facts part by part. A part that fails does not stop the others."""

from __future__ import annotations

import importlib.metadata
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.clock import utc_now
from workbench.diagnostics.status.coverage import covered
from workbench.diagnostics.status.database import Found, look_into
from workbench.diagnostics.status.facts import Health, SignInFacts, Trouble
from workbench.diagnostics.status.snapshots import free_space, look_at
from workbench.errors import ConfigurationError
from workbench.linkedin.api_versions import countdown
from workbench.settings.fields import ReaderSettings, Settings, read_settings
from workbench.snapshots.catalog import not_loaded

if TYPE_CHECKING:
    from workbench.schema.resources import CoverageRow
    from workbench.snapshots.manifest import Snapshot

_OF_TLS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def gather(
    *,
    readers: bool = False,
    database: bool = True,
    accounts: frozenset[int] | None = None,
    settings: ReaderSettings | None = None,
    now: datetime | None = None,
) -> Health:
    """All facts about this installation.

    Nothing is written and LinkedIn is not asked. An embedded database is started only where it holds data already,
    because its rows are asked for; it stops with this process.

    Args:
        database: whether the database may be asked; not where snapshots alone are served.
        accounts: the only ones whose rows count; every account if None.
        readers: for pages served to others: tokens and secrets are not read, and the embedded database is entered
            as the role that can only read.
        settings: instead of those of the environment.
        now: instead of this machine's time.
    """
    now = now or utc_now()
    about = {"workbench_version": importlib.metadata.version("linkedin-ads-workbench"), "checked_at": now}
    try:
        settings = settings or read_settings(ReaderSettings if readers else Settings)
        if settings.DATABASE_URL is not None:
            settings.conninfo  # noqa: B018  (it is parsed when it is asked for)
    except ConfigurationError as error:
        return Health(**about, settings=Trouble.of(error))  # type: ignore[arg-type]
    snapshots, usable = look_at(settings.snapshot_dir)
    found = look_into(settings, readers=readers, accounts=accounts) if database else Found()
    if found.loaded is not None:
        snapshots = replace(snapshots, unloaded=tuple(not_loaded(usable, found.loaded, found.origin)))
    source = "database" if found.coverage or found.summaries else "snapshots"
    rows = found.coverage if source == "database" else _manifest_rows(usable, accounts)
    coverage = covered(rows, found.accounts, found.summaries)
    return Health(
        **about,  # type: ignore[arg-type]
        home=settings.home_if_any,
        sign_in=_sign_in(settings, now) if isinstance(settings, Settings) and not readers else None,
        connection=_connection(settings) if isinstance(settings, Settings) and not readers else None,
        linkedin_version=countdown(settings.LINKEDIN_VERSION, now.astimezone(UTC).date()),
        database=found.facts,
        syncs=found.syncs,
        coverage=coverage,
        coverage_from=source if coverage else None,  # type: ignore[arg-type]
        snapshots=snapshots,
        disks=() if readers else free_space(*filter(None, (settings.home_if_any, settings.snapshot_dir))),
    )


def _sign_in(settings: Settings, now: datetime) -> SignInFacts:
    from workbench.diagnostics.status.sign_in import stored_sign_in

    return stored_sign_in(settings, now)


def _connection(settings: Settings) -> Trouble | None:
    """The error of the proxy or the certificates that the environment names, if there is one."""
    if not any(name.lower().endswith("_proxy") or name in _OF_TLS for name in os.environ):
        return None
    from workbench.linkedin.http_client import check_client  # slow to import

    try:
        for origin in (settings.LINKEDIN_API_URL, settings.LINKEDIN_OAUTH_URL):
            check_client(origin)
    except ConfigurationError as error:
        return Trouble.of(error)
    return None


def _manifest_rows(snapshots: list[Snapshot], accounts: frozenset[int] | None) -> list[CoverageRow]:
    from workbench.snapshots.coverage import coverage_of

    rows = [row for snapshot in snapshots for row in coverage_of(snapshot.manifest)]
    return [row for row in rows if accounts is None or row.account_id in accounts]
