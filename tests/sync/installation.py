"""One installation of the workbench for a test: a sandbox, a database, snapshots; syncs here or in a child process.

Time is the sandbox's: its day is pinned, and the workbench's clock runs on from noon of that day.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from made_snapshots import journal_entries
from psycopg.rows import dict_row
from sqlalchemy import URL

from sync.first_syncs import restore_first_sync
from workbench.database.connection import Database
from workbench.errors import WorkbenchError
from workbench.pipeline.api import SyncReport, sync
from workbench.sandbox import Sandbox
from workbench.sandbox.control.request_log import Entry
from workbench.schema import tables
from workbench.schema.resources import WINDOWED
from workbench.schema.tables import LOADED, METRICS, audience_demographics, key_of
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.part_file import read_lines
from workbench.snapshots.views import Views

TODAY = date(2026, 11, 22)
CHILD_PROCESS = Path(__file__).with_name("child_process.py")
Row = dict[str, Any]
_WORDS = ("pivot", "segment_urn", "serving_location", "level")
_BOOKKEEPING = ("listed", "snapshot", "synced_at")
_DAY = re.compile(r"year:(\d+),month:(\d+),day:(\d+)")
_LISTINGS = {
    "adAccounts": "ad_accounts",
    "adCampaignGroups": "campaign_groups",
    "adCampaigns": "campaigns",
    "creatives": "creatives",
    "conversions": "conversions",
    "adTargetingEntities": "names",
}


@dataclass
class Installation:
    """What a test turns and reads.

    Attributes:
        changes: settings that differ from the usual ones; None takes one away.
        constant_truth: the truth, where a world that never changes is asked for it again and again.
    """

    sandbox: Sandbox
    database_url: URL
    folder: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    changes: dict[str, object] = field(default_factory=dict)
    token: str = ""
    constant_truth: dict[str, list[Row]] | None = None

    def __post_init__(self) -> None:
        self.token = self.token or self.sandbox.issue_token()
        self.sandbox.clock.noon = self.sandbox.clock.noon or self.started

    # --- time ---------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The workbench's clock: noon of the sandbox's day when the test began, and what has passed since."""
        return datetime.combine(self.sandbox.clock.today, time_of_day(12), UTC) + (datetime.now(UTC) - self.started)

    @property
    def today(self) -> date:
        return self.sandbox.clock.today

    @property
    def window(self) -> tuple[date, date]:
        """What a first sync asks for."""
        return self.today - timedelta(days=int(str(self.changes.get("SYNC_DAYS", 90)))), self.today

    # --- syncs --------------------------------------------------------------------------------------------------

    def environment(self, **changes: object) -> dict[str, str]:
        facts: dict[str, object] = {
            "DATABASE_URL": self.database_url.render_as_string(hide_password=False),
            "SNAPSHOT_DIR": self.folder / "snapshots",
            "WORKBENCH_HOME": self.folder / "home",
            "LINKEDIN_API_URL": self.sandbox.url,
            "LINKEDIN_OAUTH_URL": self.sandbox.url,
            "LINKEDIN_ACCESS_TOKEN": self.token,
            "LINKEDIN_REQUESTS_PER_SECOND": 1000,
        }
        merged = facts | self.changes | changes
        return {name: str(value) for name, value in merged.items() if value is not None}

    def settings(self, **changes: object) -> Settings:
        return Settings.model_validate(self.environment(**changes))

    def sync(self, *, settings: dict[str, object] | None = None, **options: Any) -> SyncReport:
        """One sync in this process."""
        return asyncio.run(sync(settings=self.settings(**(settings or {})), clock=self.now, **options))

    def first_sync(self) -> SyncReport:
        """The report of a plain first sync: a copy of one that was made before, database, files, requests and time."""
        return restore_first_sync(self, new_installation)

    def outcome(self, **options: Any) -> tuple[int, SyncReport | WorkbenchError]:
        """The exit code of one sync in this process, with its report or its error."""
        try:
            report = self.sync(**options)
        except WorkbenchError as error:
            return error.exit_code, error
        return report.exit_code, report

    def start(
        self,
        *arguments: str,
        act: dict[str, Any] | None = None,
        settings: dict[str, object] | None = None,
        redirect: str = "",
    ) -> subprocess.Popen[str]:
        """`workbench …` in a child process (`child_process.py`); `act` says where it dies or stops.

        Args:
            redirect: where a shell sends its output and errors, such as `2>/dev/full`, instead of to us.
        """
        instructions = {"shift": (self.now() - datetime.now(UTC)).total_seconds(), **(act or {})}
        shell = ["/bin/bash", "-c", f'exec "$@" {redirect}', "bash"] if redirect else []
        return subprocess.Popen(
            [*shell, sys.executable, str(CHILD_PROCESS), json.dumps(instructions), *arguments],
            env={**_bare_environment(), **self.environment(**(settings or {}))},
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, timeout: float = 300, **options: Any) -> Ran:
        """The same, waited for."""
        return ended(self.start(*arguments, **options), timeout)

    # --- what is there ------------------------------------------------------------------------------------------

    @property
    def snapshot_dir(self) -> Path:
        return self.folder / "snapshots"

    def snapshots(self) -> list[Snapshot]:
        return list_snapshots(self.snapshot_dir).finished

    def unfinished(self) -> list[Path]:
        return list_snapshots(self.snapshot_dir).unfinished

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with Database(self.database_url).connect() as connection:
            return connection.cursor(row_factory=dict_row).execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        return next(iter(self.query(sql, parameters)[0].values()))

    def has_tables(self) -> bool:
        return bool(self.value("select to_regclass('sync_log') is not null"))

    def table(self, name: str, *, where: str = "true") -> list[Row]:
        """Rows as the truth has them: without bookkeeping, in the order of the key."""
        table = tables.metadata.tables[name]
        columns = [column.name for column in table.columns if column.name not in _BOOKKEEPING]
        order = ", ".join(f'"{key}" collate "C"' if key in _WORDS else key for key in key_of(table))
        shown = ", ".join(f'"{column}"' for column in columns)
        return self.query(f"select {shown} from {name} where {where} order by {order}")

    def requests(self) -> list[Entry]:
        return [entry for entry in self.sandbox.requests.entries if "/oauth/" not in entry.path]


@dataclass(frozen=True)
class Ran:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


def ended(process: subprocess.Popen[str], timeout: float = 300) -> Ran:
    """Wait for a process; kill it if it does not end."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it did not end in {timeout} s:\n{err}") from None
    return Ran(process.returncode, out, err)


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


@contextmanager
def new_installation(
    database_url: URL, folder: Path, *, size: str = "small", world: str = "hostile"
) -> Iterator[Installation]:
    with Sandbox(world=world, size=size, today=TODAY) as sandbox:
        yield Installation(sandbox, database_url, folder)


# --- against the truth ----------------------------------------------------------------------------------------------


def truth(installation: Installation, *, window: tuple[date, date] | None = None) -> dict[str, list[Row]]:
    """What every table must hold, by the sandbox's own account."""
    if installation.constant_truth is not None and window is None:
        return installation.constant_truth
    first, last = window or installation.window
    expected = installation.sandbox.truth
    return {
        "ad_accounts": expected.ad_accounts(),
        "campaign_groups": expected.campaign_groups(),
        "campaigns": expected.campaigns(),
        "creatives": expected.creatives(),
        "conversions": expected.conversions(),
        "campaign_daily_metrics": expected.campaign_daily_metrics(first, last),
        "creative_daily_metrics": expected.creative_daily_metrics(first, last),
        "placement_daily_metrics": expected.placement_daily_metrics(first, last),
        "lead_forms": [],  # they need a permission of their own
        "conversion_daily_metrics": expected.conversion_daily_metrics(first, last),
        "campaign_monthly_metrics": expected.campaign_monthly_metrics(first, last),
        "audience_demographics": expected.audience_demographics(*installation.window),
        "entity_demographics": _of_entities(installation),
        "reach_windows": expected.reach_windows(),
    }


def _of_entities(installation: Installation) -> list[Row]:
    """The audiences of what the setting `DEMOGRAPHICS_BY` names."""
    words = str(installation.changes.get("DEMOGRAPHICS_BY", "")).split(",")
    return installation.sandbox.truth.entity_demographics(
        installation.window[0],
        installation.today - timedelta(days=1),
        levels=[word.upper() for word in words],
        named=[int(word) for word in words if word.isdecimal()],
    )


def differences(
    installation: Installation, *, window: tuple[date, date] | None = None, but: dict[str, list[Row]] | None = None
) -> list[str]:
    """Where the database is not what the sandbox says it must be; empty means equal, whole rows, to the cent.

    Args:
        but: rows of tables that are asked for other days, or other accounts, than the rest.
    """
    found = []
    for name, expected in (truth(installation, window=window) | (but or {})).items():
        where = "listed" if "listed" in tables.metadata.tables[name].columns else "true"
        if name == "reach_windows":  # windows of earlier days stay
            ends = ", ".join(f"'{end}'" for end in {row["window_end"] for row in expected})
            where = f"window_end in ({ends or 'null'})"
        found += _differ(name, installation.table(name, where=where), expected)
    return found


def differences_of_views(installation: Installation) -> list[str]:
    """Where the views over all snapshots, opened together, are not what the database holds (bookkeeping included)."""
    found = []
    with Views(installation.snapshots()) as views:
        for table in LOADED:
            columns = [column.name for column in table.columns if column.name != "synced_at"]
            found += _differ_from_view(installation, views, table.name, columns)
        covered = sorted(views.connection.execute("select * from coverage").fetchall(), key=str)
        loaded = sorted((tuple(row.values()) for row in installation.query("select * from coverage")), key=str)
        if covered != loaded:
            found.append(f"coverage: {set(covered) ^ set(loaded)}")
    return found


def claimed(installation: Installation, name: str) -> set[tuple[int, date]]:
    """Accounts and days of which a table claims to hold everything."""
    rows = installation.query("select account_id, window_start, window_end from coverage where resource = %s", [name])
    return {
        (row["account_id"], row["window_start"] + timedelta(days=number))
        for row in rows
        for number in range((row["window_end"] - row["window_start"]).days + 1)
    }


def wrong_claims(installation: Installation) -> list[str]:
    """Where a table lacks rows, or has too many, on days that it claims to hold completely."""
    found = []
    for table in METRICS:
        days = claimed(installation, table.name)
        expected = [row for row in truth(installation)[table.name] if (row["account_id"], row["date"]) in days]
        shown = [row for row in installation.table(table.name) if (row["account_id"], row["date"]) in days]
        found += _differ(table.name, shown, expected)
    return found


def _differ_from_view(installation: Installation, views: Views, name: str, columns: list[str]) -> list[str]:
    shown = ", ".join(f'"{column}"' for column in columns)
    viewed = views.frame(f"select {shown} from {name}").to_dicts()
    if name in WINDOWED:
        viewed = newest_window(viewed)
    if name == "campaigns":
        for row in viewed:
            row["targeting_criteria"] = json.loads(row["targeting_criteria"]) if row["targeting_criteria"] else None
    keys = key_of(tables.metadata.tables[name])
    return _differ(
        f"view {name}", _sorted(viewed, keys), _sorted(installation.query(f"select {shown} from {name}"), keys)
    )


def newest_window(rows: list[Row]) -> list[Row]:
    """PostgreSQL keeps the newest demographics window of each account and pivot."""
    newest: dict[tuple[int, str], tuple[date, date]] = {}
    for row in rows:
        owner, window = (row["account_id"], row["pivot"]), (row["window_end"], row["window_start"])
        newest[owner] = max(window, newest.get(owner, window))
    return [row for row in rows if (row["window_end"], row["window_start"]) == newest[row["account_id"], row["pivot"]]]


def _sorted(rows: list[Row], keys: Sequence[str]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def _differ(name: str, found: list[Row], expected: list[Row]) -> list[str]:
    if found == expected:
        return []
    extra = [row for row in found if row not in expected]
    missing = [row for row in expected if row not in found]
    if len(extra) == len(missing) == 1:  # say which column
        (here,), (there,) = extra, missing
        extra = [{column: value for column, value in here.items() if value != there[column]}]
        missing = [{column: value for column, value in there.items() if value != here[column]}]
    return [f"{name}: {len(found)} rows instead of {len(expected)}\n  found {extra[:2]}\n  expected {missing[:2]}"]


# --- what was asked -------------------------------------------------------------------------------------------------

Asked = tuple[str, int, str | None]


def asked(entries: Sequence[Entry]) -> set[Asked]:
    """Which parts requests were about: resource, account, pivot (in `small` every metrics table is one part)."""
    return {what for entry in entries if (what := _part_of(entry))}


def _part_of(entry: Entry) -> Asked | None:
    if entry.endpoint == "adAnalytics":
        words = parse_qs(entry.query)
        account = int("".join(filter(str.isdigit, words["accounts"][0]))) if "accounts" in words else 0
        if "pivots" in words:
            by_rule = "CONVERSION" in words["pivots"][0]
            return ("conversion_daily_metrics" if by_rule else "placement_daily_metrics"), account, None
        pivot = words["pivot"][0]
        if words["timeGranularity"] == ["ALL"] and not pivot.startswith("MEMBER_"):
            days = [f"{date(*map(int, day)):%Y-%m-%d}" for day in _DAY.findall(words["dateRange"][0])]
            return "reach_windows", account, " ".join([pivot, *days])
        if words["timeGranularity"] == ["DAILY"]:
            return f"{pivot.lower()}_daily_metrics", account, None
        return "audience_demographics", account, pivot
    if entry.endpoint not in _LISTINGS:
        return None
    of_account = parse_qs(entry.query).get("account", [""])[0].rpartition(":")[2]
    numbers = [int(word) for word in [*entry.path.split("/"), of_account] if word.isdigit()]
    return _LISTINGS[entry.endpoint], numbers[0] if numbers else 0, None


def on_disk(folder: Path) -> set[Asked]:
    """Which parts of an unfinished snapshot are done and have their name."""
    parts = [entry["part"] for entry in journal_entries(folder)[1:] if "part" in entry]
    return {
        (part["resource"], part["account_id"], _asked_of(part))
        for part in parts
        if part["status"] == "done" and part["path"] and (folder / part["path"]).exists()
    }


def _asked_of(part: dict[str, Any]) -> str | None:
    """The pivot of a part; of reach, which has several parts a level, its window too."""
    return " ".join([part["pivot"], *part["covers"][0]]) if part["resource"] == "reach_windows" else part["pivot"]


def lines_of(snapshot: Snapshot, resource: str) -> list[dict[str, Any]]:
    return [line for path, part in snapshot.files() if part.resource == resource for line in read_lines(path)]


def resources_of(report: SyncReport) -> dict[tuple[int, str], dict[str, int]]:
    """Counts by account and resource."""
    return {
        (account.account_id, resource): counts
        for account in report.accounts
        for resource, counts in account.resources.items()
    }


def _bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR") if name in os.environ}


__all__ = [
    "METRICS",
    "TODAY",
    "Installation",
    "Ran",
    "asked",
    "audience_demographics",
    "differences",
    "differences_of_views",
    "ended",
    "lines_of",
    "new_installation",
    "on_disk",
    "resources_of",
    "truth",
    "until",
]
