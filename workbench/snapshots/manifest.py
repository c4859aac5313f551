"""Read the manifest of a snapshot, and compare its files with it. `writer` writes it; `catalog` lists snapshots.

A snapshot may come from a stranger: files are compared with the manifest, and no path in it can leave the folder.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic import ValidationError as PydanticError

from workbench.errors import ValidationError, capitalized
from workbench.schema.literals import Origin, Outcome
from workbench.schema.metric_groups import ORIGINAL_FIELDS
from workbench.schema.resources import BY_DAY, FIGURES, NAMES
from workbench.schema.snapshot_names import moment_of, name_of
from workbench.snapshots.integrity import damage

FORMAT = 1
MANIFEST = "manifest.json"
REJECTS = "rejects.ndjson"
MANIFEST_BYTES = 64 * 2**20
PART_BYTES = 2**30

Day = date | None
Covers = tuple[tuple[Day, Day], ...]
COMPLETE_LISTING: Covers = ((None, None),)
if TYPE_CHECKING:
    ResourceName = str
else:
    ResourceName = Literal[NAMES]


_LAST_YEAR = "9000"  # a later name in a stranger's folder would leave no name for the next sync
_MAX_DAYS = 20_000  # more than any sync asks for; a stranger's longer window would take hours to expand

# Of all parts together.
_MAX_PARTS = 200_000
_MAX_WINDOWS = 400_000  # a sync writes one or two for each part
_MAX_ALL_DAYS = 5_000_000  # two years of metrics for 3,000 accounts; opening them takes 10 s and 1.1 GB
_MAX_BYTES = 64 * 2**30


def is_name(text: str) -> bool:
    """Whether `text` names a snapshot: a moment in UTC."""
    try:
        return name_of(moment_of(text)) == text < _LAST_YEAR
    except ValueError:
        return False


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError("not the name of a snapshot")
    return text


Name = Annotated[str, AfterValidator(_name)]
Count = Annotated[int, Field(ge=0, lt=2**63)]


def merged(covers: Sequence[tuple[Day, Day]]) -> list[tuple[Day, Day]]:
    """Windows that touch or overlap made one; the complete listing stays by itself."""
    windows: list[tuple[Day, Day]] = [(None, None)] if (None, None) in covers else []
    run: tuple[date, date] | None = None
    for first, last in sorted((a, b) for a, b in covers if a is not None and b is not None):
        if run and first <= run[1] + timedelta(days=1):
            run = (run[0], max(run[1], last))
        else:
            if run:
                windows.append(run)
            run = (first, last)
    return [*windows, run] if run else windows


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(_Strict):
    """One file of a snapshot, or the reason why there is none.

    Attributes:
        path: relative to the snapshot's folder, None if nothing was written.
        asked: of demographics, the window that was asked for, where LinkedIn answered for another.
        lacks: of figures by day, the metrics of the plan that it has no answer for: they are unknown in its rows.
        failed_groups: the groups among them that failed; the others were not asked for, as there is nothing to count.
        days_a_call: the longest window that LinkedIn answered for, where it refused a longer one.
        covers: what the file holds completely: windows of UTC days, `[[null, null]]` for a complete and unfiltered
            listing, nothing if the answer was not whole.
        why: the reason if it does not cover what it was asked for.
        sign_in: of the list of accounts: a fingerprint of the sign-in whose list it is.
    """

    path: Annotated[str, Field(pattern=r"^[a-z_]+/\d{1,19}(-\d{1,9})?\.ndjson\.gz$")] | None
    resource: ResourceName
    account_id: Count
    pivot: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")] | None = None
    elements: Count = 0
    rejected: Count = 0
    bytes: Annotated[int, Field(ge=0, le=PART_BYTES)] = 0
    sha256: str = ""
    covers: Annotated[Covers, Field(max_length=1_000)] = ()
    asked: tuple[date, date] | None = None
    lacks: Annotated[tuple[str, ...], Field(max_length=1_000)] = ()
    failed_groups: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    days_a_call: Annotated[int, Field(gt=0)] | None = None
    status: Literal["done", "partial", "failed"] = "done"
    why: str | None = None
    sign_in: Annotated[str, Field(max_length=64)] | None = None

    @field_validator("covers")
    @classmethod
    def _windows(cls, covers: Covers) -> Covers:
        for first, last in covers:
            if (first is None) != (last is None) or (first and last and not 0 <= (last - first).days < _MAX_DAYS):
                raise ValueError("not a window of days")
        days = [day for window in covers for day in window if day is not None]
        if days and (max(days) - min(days)).days >= _MAX_DAYS:
            raise ValueError("windows too far apart")
        return covers


class Plan(_Strict):
    """The plan of a fetch. An unfinished snapshot is continued only by an equal plan on the same UTC day.

    Attributes:
        groups: the groups beyond the core that campaigns and creatives are asked for by day.
        demographics_by: of what the audience is asked for beside the account, as the setting of that name has it.
        metrics: LinkedIn's names of the metrics; plans that lack the list asked for the original ones.
        origin: who was asked; plans that do not say so count as LinkedIn's.
        shard: the part of all accounts that was asked for, such as 2/4; None: all of them.
    """

    linkedin_version: str
    window: tuple[date, date]
    account_ids: tuple[int, ...] | None
    campaign_statuses: tuple[str, ...]
    pivots: tuple[str, ...]
    groups: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    demographics_by: Annotated[tuple[str, ...], Field(max_length=1_000)] = ()
    metrics: Annotated[tuple[str, ...], Field(max_length=1_000)] = ORIGINAL_FIELDS
    origin: Origin = "linkedin"
    shard: Annotated[str, Field(pattern=r"^\d{1,2}/\d{1,2}$")] | None = None


class Manifest(Plan):
    """The table of contents, written last."""

    format: int
    snapshot: Name
    workbench_version: str
    status: Literal["done", "partial"]
    trigger: str = "cli"
    started_at: datetime
    finished_at: datetime
    api_calls: Count = 0
    parts: Annotated[tuple[Part, ...], Field(max_length=_MAX_PARTS)]

    @field_validator("parts")
    @classmethod
    def _each_file_once(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        paths = [part.path for part in parts if part.path is not None]
        if len(set(paths)) < len(paths):
            raise ValueError("a file stands there twice")
        if sum(len(part.covers) for part in parts) > _MAX_WINDOWS:
            raise ValueError("too many windows")
        daily = (merged(part.covers) for part in parts if part.resource in BY_DAY)
        days = ((last - first).days + 1 for windows in daily for first, last in windows if first and last)
        if sum(days) > _MAX_ALL_DAYS:
            raise ValueError("too many days")
        if sum(part.bytes for part in parts) > _MAX_BYTES:
            raise ValueError("too many bytes")
        return parts

    @property
    def outcome(self) -> Outcome:
        """The word for how the sync ended: `done`, or `partial` if anything of an account came, else `failed`."""
        if self.status == "done":
            return "done"
        return "partial" if any(part.path is not None and part.account_id for part in self.parts) else "failed"

    @property
    def has_figures(self) -> bool:
        """Whether figures of any account came."""
        return any(part.path is not None and part.resource in FIGURES for part in self.parts)


@dataclass(frozen=True)
class Snapshot:
    """A finished snapshot: its folder and its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.manifest.snapshot

    @property
    def pivots(self) -> frozenset[str]:
        return frozenset(self.manifest.pivots)

    def files(self) -> Iterator[tuple[Path, Part]]:
        """Path and manifest entry of every file."""
        for part in self.manifest.parts:
            if part.path is not None:
                yield self.folder / part.path, part

    def verify(self) -> None:
        """Compare every file with the manifest: size, SHA-256, and that it is a plain file.

        Raises:
            ValidationError: a file is missing, changed, cut or not a file. (A file cut at a line's end would otherwise
                be read short without any error.)
        """
        for path, part in self.files():
            if reason := damage(path, part.bytes, part.sha256):
                raise ValidationError(
                    f"Snapshot {self.name} is damaged.",
                    why=f"{part.path} {reason}.",
                    next_step="Restore the folder from a backup, or delete it and run `workbench sync` again.",
                    account_id=part.account_id or None,
                )


def read_manifest(folder: Path) -> Snapshot:
    """The snapshot in `folder`.

    Raises:
        ValidationError: there is no manifest, or it is not valid.
    """
    path = folder / MANIFEST
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise unusable(folder.name, "its manifest is not a plain file")
        if found.st_size > MANIFEST_BYTES:
            raise unusable(folder.name, "its manifest is larger than any of ours")
        text = path.read_bytes()
    except FileNotFoundError:
        raise unusable(folder.name, "it has no manifest: its sync has not finished") from None
    except OSError as error:
        raise unusable(folder.name, f"its manifest cannot be read ({error.strerror})") from error
    try:
        version = _Version.model_validate_json(text).format
        if version > FORMAT:
            raise unusable(folder.name, f"a newer workbench wrote it (format {version}, this one reads {FORMAT})")
        manifest = Manifest.model_validate_json(text)
    except PydanticError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(word) for word in first["loc"]) or "JSON"
        raise unusable(folder.name, f"its manifest is not valid ({where}: {first['msg']})") from None
    if manifest.snapshot != folder.name:
        raise unusable(folder.name, f"its manifest belongs to snapshot {manifest.snapshot}")
    return Snapshot(folder, manifest)


class _Version(_Strict):
    format: int


def unusable(name: str, why: str) -> ValidationError:
    """The error for a snapshot that is left out. `why` is a sentence without capital and full stop."""
    return ValidationError(
        f"Snapshot {name} cannot be used.",
        why=f"{capitalized(why)}.",
        next_step="Leave it out, or restore it from where it came from; everything else is unaffected.",
    )
