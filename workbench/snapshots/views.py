"""Open snapshots as DuckDB views with the tables' names and columns; this decides which rows are current.

Figures: the newest snapshot that covers an account's day (or window) completely decides.
Entities: the newest line per key, `listed` if the newest complete listing still has it.
DuckDB and polars are imported when they are needed: a sync asks LinkedIn meanwhile, and `status` never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from workbench.paths import shipped
from workbench.schema.metric_groups import ORIGINAL_FIELDS
from workbench.schema.metrics import STORED
from workbench.schema.pivots import ASKED
from workbench.schema.resources import DAILY, FIGURES, NAMES, WINDOWED, CoverageRow
from workbench.schema.tables import LOADED
from workbench.snapshots.arrow import frame, insert
from workbench.snapshots.coverage import believed_covers, coverage_of, refused_accounts
from workbench.snapshots.duckdb_paths import exact
from workbench.snapshots.in_memory import MEMORY, open_bounded
from workbench.snapshots.listers import Listers, account_listings, listers_of
from workbench.snapshots.manifest import Day, Snapshot, merged

if TYPE_CHECKING:
    import polars as pl

_FIELD = re.compile(r"[A-Za-z0-9]+")
_DECIDED = FIGURES
_FILES = f"""
    select resource, account_id, path from parts where resource not in {(*_DECIDED, "names")}
    union
    select resource, account_id, path from parts where resource = 'names'
        and snapshot in (select snapshot from parts join decides using (path))
    union
    select resource, account_id, path from decides
    order by all
"""
_TABLES = {
    "covered": "account_id bigint, resource varchar, window_start date, window_end date, snapshot varchar,"
    ' "pivot" varchar',
    "listings": "account_id bigint, resource varchar, snapshot varchar, listing varchar",
    "part_covers": "path varchar, resource varchar, account_id bigint, first_day date, last_day date,"
    ' snapshot varchar, "pivot" varchar',
    "parts": "path varchar, snapshot varchar, resource varchar, account_id bigint, listing varchar",
}
"""The tables that describe the snapshots, with their columns; the macros and views read them."""


@dataclass(frozen=True)
class Earlier:
    """The coverage of snapshots whose files are not read here, so that the order of loading does not matter.

    Attributes:
        coverage: rows of the table `coverage`.
        listers: whose lists of accounts those among them are, as far as their snapshots say.
        is_added: whether the caller adds their rows to the tables, so that their coverage is coverage of this set.
    """

    coverage: Sequence[CoverageRow] = ()
    listers: Listers = field(default_factory=dict)
    is_added: bool = False


NOTHING_EARLIER = Earlier()


class Views:
    """Opened snapshots. One connection, one thread at a time; close it, or use it as a context manager."""

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        *,
        earlier: Earlier = NOTHING_EARLIER,
        in_memory: bool = False,
        memory: str = MEMORY,
        threads: int = 2,
        only: Sequence[Table] = LOADED,
    ) -> None:
        """Verify the snapshots and build the views over those of their files that decide anything.

        Args:
            snapshots: in any order.
            earlier: what other snapshots cover; what they decide, no file here does.
            in_memory: read everything once into ordinary tables, so that questions take milliseconds. The caller adds
                to them and calls `seal` before it runs statements of users; views over files are sealed at once.
            memory: DuckDB's limit; beyond it, it spills to this process's temporary folder.
            only: the tables to make; each costs a few milliseconds.

        Raises:
            ValidationError: a file differs from its manifest.
        """
        for snapshot in snapshots:
            snapshot.verify()
        self.connection = open_bounded(memory=memory, threads=threads)
        self.connection.execute("set preserve_insertion_order = false")
        self._folders = [] if in_memory else [*(snapshot.folder for snapshot in snapshots), shipped("sql", "views")]
        self._describe(snapshots, earlier)
        self.narrow()
        for name in (*(table.name for table in only), "coverage"):
            self.connection.execute(f"create {'table' if in_memory else 'view'} {name} as {view_sql(name)}")
        if not in_memory:
            self.seal()

    def narrow(self, account_id: int | None = None) -> None:
        """Let the views read one account's files only, or all of them again: memory stays flat in accounts."""
        empty = [str(shipped("sql", "views", "empty.ndjson.gz"))]
        for resource in NAMES:
            self.read_only(resource, self.deciding(resource, account_id) or empty)

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pl.DataFrame:
        """The answer to one statement."""
        return frame(self.connection.sql(sql, params=parameters or None))

    def deciding(self, resource: str, account_id: int | None) -> list[str]:
        """The files of a resource that decide anything of an account (None: of any)."""
        of_account = self._files.get(resource, {})
        wanted = sorted(of_account) if account_id is None else sorted({0, account_id})
        return [path for account in wanted for path in of_account.get(account, ())]

    def read_only(self, resource: str, paths: Sequence[str]) -> None:
        """Let one resource's view read some files only."""
        self.connection.execute(f"set variable {resource} = $paths", {"paths": [exact(path) for path in paths]})

    def decided_days(self, resource: str, account_id: int) -> list[date]:
        """Every UTC day of an account that a file here decides, ascending."""
        rows = self.connection.execute(
            "select first_day, last_day from decides where resource = $1 and account_id = $2", [resource, account_id]
        ).fetchall()
        days = {day for first, last in rows for day in range(first.toordinal(), last.toordinal() + 1)}
        return [date.fromordinal(day) for day in sorted(days)]

    def decided_pivots(self, resource: str, account_id: int) -> list[str]:
        """Every pivot of an account whose newest window a file here decides."""
        rows = self.connection.execute(
            'select distinct "pivot" from decides where resource = $1 and account_id = $2 order by "pivot"',
            [resource, account_id],
        ).fetchall()
        return [pivot for (pivot,) in rows]

    def decided_windows(self, resource: str, account_id: int) -> list[tuple[str, date, date]]:
        """Every pivot (or level) with a window of an account that a file here decides."""
        return self.connection.execute(
            'select distinct "pivot", first_day, last_day from decides where resource = $1 and account_id = $2'
            " order by all",
            [resource, account_id],
        ).fetchall()

    def newest_listing(self, resource: str, account_id: int) -> str | None:
        """The newest snapshot with a complete listing, if there is any."""
        return self._listings.get((account_id, resource))

    def csv(self, select: str) -> Iterator[bytes]:
        """The rows of a select as CSV without a header: null is nothing, an empty string is quoted."""
        for batch in self.frame(select).iter_slices(20_000):
            yield batch.write_csv(include_header=False).encode()

    def seal(self) -> None:
        """Lock the connection: from now on no statement reaches any file but those of the snapshots."""
        allowed = [path for folder in self._folders for path in {str(folder), exact(folder)}]
        self.connection.execute("set allowed_directories = $allowed", {"allowed": allowed})
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Views:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _describe(self, snapshots: Sequence[Snapshot], earlier: Earlier) -> None:
        """Fill `covered`, `part_covers`, `listings`, `parts`, `asked` and `decides` from the manifests."""
        covered = [row for snapshot in snapshots for row in coverage_of(snapshot.manifest)]
        covers = list(_part_covers(snapshots))
        pivots = {*ASKED, *(cover[-1] for cover in covers if cover[-1])}
        covers += [(None, *cover) for row in earlier.coverage for cover in _as_covers(row, pivots)]
        newest = self._listings = _newest_listings([*covered, *earlier.coverage])
        of_accounts = account_listings(
            {**earlier.listers, **listers_of(snapshots)},
            {row.snapshot for row in (*covered, *earlier.coverage) if row[:3] == (0, "ad_accounts", None)},
        )
        rows: Mapping[str, Sequence[tuple[Any, ...]]] = {
            "covered": [*covered, *(earlier.coverage if earlier.is_added else ())],
            "listings": [
                *((*owner, None, listing) for owner, listing in newest.items() if owner[0]),
                *((0, "ad_accounts", name, listing) for name, listing in of_accounts.items()),
            ],
            "part_covers": covers,
            "parts": list(_parts(snapshots, newest, of_accounts)),
        }
        for name, columns in _TABLES.items():
            self.connection.execute(f"create table {name} ({columns})")
            insert(self.connection, name, rows[name])
        fields = _later_fields(snapshots)
        columns = ", ".join(f'"{each}" boolean' for each in fields)
        self.connection.execute(f"create table asked (path varchar, {columns})")
        insert(self.connection, "asked", list(_asked(snapshots, fields)))
        self.connection.execute(shipped("sql", "macros.sql").read_text("utf-8"))
        self.connection.execute(shipped("sql", "decides.sql").read_text("utf-8"))
        self._files: dict[str, dict[int, list[str]]] = {}
        for resource, account_id, path in self.connection.execute(_FILES).fetchall():
            self._files.setdefault(resource, {}).setdefault(account_id, []).append(path)


def _parts(
    snapshots: Sequence[Snapshot], newest: Mapping[tuple[int, str], str], of_accounts: Mapping[str, str]
) -> Iterator[tuple[str, str, str, int, str | None]]:
    """Every file, with the newest complete listing that says which of its entities are listed."""
    for snapshot in snapshots:
        for path, part in snapshot.files():
            owner = part.account_id, part.resource
            listing = of_accounts.get(snapshot.name) if part.resource == "ad_accounts" else newest.get(owner)
            yield str(path), snapshot.name, part.resource, part.account_id, listing


def view_sql(name: str) -> str:
    """The select of `sql/views/<name>.sql`."""
    return shipped("sql", "views", f"{name}.sql").read_text("utf-8")


_Cover = tuple[str | None, str, int, Day, Day, str, str | None]


def _part_covers(snapshots: Sequence[Snapshot]) -> Iterator[_Cover]:
    for snapshot in snapshots:
        refused = refused_accounts(snapshot.manifest)
        for path, part in snapshot.files():
            covers = believed_covers(part, refused)
            for first, last in covers if part.resource in WINDOWED else merged(covers):
                yield str(path), part.resource, part.account_id, first, last, snapshot.name, part.pivot


def _later_fields(snapshots: Sequence[Snapshot]) -> list[str]:
    """The metrics that the first snapshots did not ask for: those of the catalogue, and others that are asked for."""
    named = {one for snapshot in snapshots for one in snapshot.manifest.metrics if _FIELD.fullmatch(one)}
    return sorted(({metric.field for metric in STORED} | named) - set(ORIGINAL_FIELDS))


def _asked(snapshots: Sequence[Snapshot], fields: Sequence[str]) -> Iterator[tuple[str | bool, ...]]:
    """For each file of figures by day, whether LinkedIn answered for each of these metrics; if not, it is unknown."""
    for snapshot in snapshots:
        metrics = set(snapshot.manifest.metrics)
        for path, part in snapshot.files():
            if part.resource in DAILY:
                answered = metrics.difference(part.lacks)
                yield str(path), *(each in answered for each in fields)


def _as_covers(row: CoverageRow, pivots: Iterable[str]) -> Iterator[tuple[str, int, Day, Day, str, str | None]]:
    """A row of a database's coverage; one without a pivot stands for all of them."""
    account_id, resource, first, last, snapshot, only = row
    for pivot in pivots if resource in WINDOWED and only is None else [only]:
        yield resource, account_id, first, last, snapshot, pivot


def _newest_listings(rows: Iterable[CoverageRow]) -> dict[tuple[int, str], str]:
    newest: dict[tuple[int, str], str] = {}
    for account_id, resource, first, _, snapshot, _ in rows:
        if first is None:
            key = (account_id, resource)
            newest[key] = max(snapshot, newest.get(key, ""))
    return newest
