"""Run all checks in order. A check that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from workbench.diagnostics.doctor import data, database, files, linkedin, machine
from workbench.diagnostics.doctor.finding import Finding, of_trouble, ok, problem
from workbench.diagnostics.status import Health, gather
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.settings.fields import Settings, read_settings

_Check = Callable[[], Iterable[Finding]]


def examine(
    *, settings: Settings | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Finding]:
    """Every finding, in the order in which it makes sense to mend them.

    Args:
        settings: instead of those of the environment.
        now: instead of this machine's clock.
    """
    findings = [*_guarded("machine", machine.check), *_guarded("installation", files.shipped_files)]
    try:
        settings = settings or read_settings(Settings)
        settings.conninfo  # noqa: B018  (it is parsed when it is asked for)
    except ConfigurationError as error:
        return [*findings, of_trouble("settings", error)]
    findings.append(ok("settings", f"The settings are valid ({settings.env_file or 'environment only'})."))
    for name, check in _checks(settings, gather(settings=settings, now=now()), now):
        findings += _guarded(name, check)
    return findings


def _checks(settings: Settings, health: Health, now: Callable[[], datetime]) -> Iterator[tuple[str, _Check]]:
    yield "files", lambda: files.private_files(settings)
    yield "folders", lambda: files.folders(settings)
    yield "disk", lambda: files.free_disk(settings)
    yield "sign-in", lambda: linkedin.sign_in(health)
    yield "network", lambda: linkedin.connection(health)
    yield "introspection", lambda: linkedin.introspection(settings, health)
    yield "linkedin version", lambda: linkedin.version(health)
    yield "clock", lambda: linkedin.clock(settings, health, now)
    yield "database", lambda: database.state(settings, health)
    yield "connection", lambda: database.connection(settings, health)
    yield "database role", lambda: database.role(settings, health)
    yield "snapshots", lambda: data.snapshots(health)
    yield "syncs", lambda: data.syncs(health)
    yield "coverage", lambda: data.coverage(health)


def _guarded(name: str, check: _Check) -> list[Finding]:
    try:
        return list(check())
    except WorkbenchError as error:
        return [of_trouble(name, error)]
    except OSError as error:
        why = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."
        return [problem(name, "This could not be looked at.", why=why, next_step="Grant access, then try again.")]
