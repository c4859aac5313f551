"""The facts of a status: frozen dataclasses that turn into JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkbenchError
from workbench.linkedin.api_versions import Countdown

Days = tuple[date, date]
DatabaseState = Literal["missing", "unreachable", "empty", "behind", "newer", "foreign", "current"]


@dataclass(frozen=True)
class Trouble:
    """Why a fact is missing, in the three parts of every error."""

    what: str
    why: str
    next_step: str

    @classmethod
    def of(cls, error: WorkbenchError) -> Trouble:
        return cls(error.what, error.why, error.next_step)


@dataclass(frozen=True)
class SignInFacts:
    """The sign-in as it lies on disk; LinkedIn was not asked.

    Attributes:
        source: `environment` for LINKEDIN_ACCESS_TOKEN, which wins over the file.
        access_token_days: whole days left; None if not known.
        refresh_token_days: whole days left until a person must consent again.
        has_app: whether client id and client secret are set.
    """

    source: Literal["file", "environment", "none"]
    token_file: Path | None
    access_token_expires_at: datetime | None = None
    access_token_days: int | None = None
    has_refresh_token: bool = False
    refresh_token_expires_at: datetime | None = None
    refresh_token_days: int | None = None
    scopes: tuple[str, ...] = ()
    has_app: bool = False
    trouble: Trouble | None = None


@dataclass(frozen=True)
class TableFacts:
    """A table's rows: above a million PostgreSQL's own estimate, which is not `exact`; None: not counted in time."""

    name: str
    rows: int | None
    exact: bool


@dataclass(frozen=True)
class DatabaseFacts:
    """The database.

    Attributes:
        state: `missing`: the embedded one was never made; `empty`: nothing was ever synced; `behind` and `newer`: its
            tables are not this workbench's; `foreign`: another application's tables have their names.
        schema_version: None where nothing was ever synced.
        head: the version of the tables that this workbench expects.
        schema: the schema of the tables, made or not.
        elsewhere: what a person should know of tables in other schemas, as a sentence; None where there is nothing.
    """

    label: str
    embedded: bool
    state: DatabaseState
    head: str
    schema_version: str | None = None
    server_version: str | None = None
    schema: str = ""
    elsewhere: str | None = None
    tables: tuple[TableFacts, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True)
class StepFacts:
    """One resource of one account (0: of none) in a sync."""

    account_id: int
    resource: str
    status: str
    fetched: int
    rejected: int
    error: Trouble | None


@dataclass(frozen=True)
class SyncFacts:
    """A sync.

    Attributes:
        status: `running`, `done`, `partial`, `failed` or `interrupted`, as the log says.
        api_calls: None where the viewer may see some accounts only.
        shard: the part of all accounts that it asked for, such as 2/4; None: all of them.
        silent: whether it says `running`, but has given no sign of life for a while.
        steps: how many steps have which status.
        unfinished_steps: those that are not done.
    """

    sync_id: str
    trigger: str
    status: str
    started_at: datetime
    heartbeat_at: datetime | None
    finished_at: datetime | None
    window: Days | None
    api_calls: int | None
    silent: bool
    steps: dict[str, int]
    unfinished_steps: tuple[StepFacts, ...]
    error: Trouble | None
    shard: str | None = None


@dataclass(frozen=True)
class Coverage:
    """The coverage of one resource of one account (0: of none).

    Attributes:
        first_day: None for a listing, or where nothing is covered.
        complete_through: the last covered day that was over when it was fetched.
        holes: days between the first and the last that nothing covers.
        newest_snapshot: None where nothing is covered.
        late_pivots: of demographics, the pivots whose newest window ends earlier, or that were never covered.
    """

    account_id: int
    account_name: str | None
    resource: str
    first_day: date | None
    last_day: date | None
    complete_through: date | None
    holes: tuple[Days, ...]
    newest_snapshot: str | None
    late_pivots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unusable:
    """A snapshot that is not read, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class SnapshotFacts:
    """The snapshot folder.

    Attributes:
        unfinished: names of those without a manifest, which a sync is writing or will continue.
        unusable: those whose manifest cannot be read, or whose files are missing or of another size. Checksums are
            `workbench doctor`'s to compare.
        unloaded: names of those that are not in the database; empty where the database cannot be asked.
        size_bytes: everything in the folder.
        storage: the address of the object storage that the folder stands for; None: there is none.
        unstored: names of those that are not in that storage yet.
    """

    folder: Path
    count: int = 0
    oldest: str | None = None
    newest: str | None = None
    unfinished: tuple[str, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    unloaded: tuple[str, ...] = ()
    size_bytes: int = 0
    trouble: Trouble | None = None
    storage: str | None = None
    unstored: tuple[str, ...] = ()


@dataclass(frozen=True)
class DiskFacts:
    """Free space where data is written."""

    folder: Path
    free_bytes: int


@dataclass(frozen=True)
class Health:
    """All facts about an installation.

    Attributes:
        settings: why the settings cannot be used; then nothing else is known.
        sign_in: None for readers.
        connection: why no connection to LinkedIn can be made; None if nothing is wrong on this machine.
        syncs: the newest, newest first.
        coverage_from: who was asked: the database, or where it holds nothing, the snapshots' manifests.
    """

    workbench_version: str
    checked_at: datetime
    settings: Trouble | None = None
    home: Path | None = None
    sign_in: SignInFacts | None = None
    connection: Trouble | None = None
    linkedin_version: Countdown | None = None
    database: DatabaseFacts | None = None
    syncs: tuple[SyncFacts, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    coverage_from: Literal["database", "snapshots"] | None = None
    snapshots: SnapshotFacts | None = None
    disks: tuple[DiskFacts, ...] = ()

    @property
    def running(self) -> tuple[SyncFacts, ...]:
        """Running syncs."""
        return tuple(sync for sync in self.syncs if sync.status == "running" and not sync.silent)

    @property
    def interrupted(self) -> tuple[SyncFacts, ...]:
        """Interrupted syncs: those with this status, and running ones that are silent."""
        return tuple(sync for sync in self.syncs if sync.status == "interrupted" or sync.silent)

    @property
    def newest(self) -> tuple[SyncFacts, ...]:
        """The sync that says how things stand: the newest; of shards, the newest of each of as many."""
        found: dict[str, SyncFacts] = {}
        for sync in self.syncs:
            if sync.shard is None or _count(sync) != _count(self.syncs[0]):
                return tuple(found.values()) or (sync,)
            found.setdefault(sync.shard, sync)
        return tuple(found.values())

    @property
    def holes(self) -> tuple[Coverage, ...]:
        """The coverage that has days missing in its middle."""
        return tuple(covered for covered in self.coverage if covered.holes)

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON: moments end in Z, days are ISO dates."""
        facts: dict[str, Any] = as_json(self)
        return facts


def _count(sync: SyncFacts) -> str:
    """How many shards there were; empty for a sync of all accounts."""
    return (sync.shard or "").partition("/")[2]


def as_json(value: Any) -> Any:
    """Facts as values that JSON has."""
    if isinstance(value, Countdown):
        return value.as_dict()
    if is_dataclass(value):
        return {item.name: as_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Path) else value
