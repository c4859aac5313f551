"""Name, list, read and verify snapshot folders. `writer` writes them; `views` reads their rows.

A folder without a manifest is unfinished and is never read. A snapshot may come from a stranger: files are compared
with the manifest, and no path in a manifest can leave the folder.
"""

from __future__ import annotations

from workbench.schema.metrics import ORIGINAL_FIELDS
from workbench.schema.resources import NAMES, of_kind
from workbench.schema.snapshot_names import moment_of, name_of

import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic import ValidationError as PydanticError

from workbench.snapshots.integrity import damage
from workbench.errors import StorageError, ValidationError

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES = 64 * 2**20
PART_BYTES = 2**30

Outcome = Literal["done", "partial", "failed"]
Day = date | None
Covers = tuple[tuple[Day, Day], ...]
COMPLETE_LISTING: Covers = ((None, None),)
if TYPE_CHECKING:
    ResourceName = str
else:
    ResourceName = Literal[NAMES]


_FIGURES = of_kind("daily", "window")
_LAST_YEAR = "9000"  # a later name in a stranger's folder would leave no name for the next sync
_MAX_DAYS = 20_000  # more than any sync asks for; a stranger's longer window would take hours to expand


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


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(_Strict):
    """One file of a snapshot, or the reason why there is none.

    Attributes:
        path: relative to the snapshot's folder, None if nothing was written.
        covers: what the file holds completely: windows of UTC days, `[[null, null]]` for a complete and unfiltered
            listing, nothing if the answer was not whole.
        why: the reason if it does not cover what it was asked for.
        sign_in: of the list of accounts: a fingerprint of the sign-in whose list it is.
    """

    path: Annotated[str, Field(pattern=r"^[a-z_]+/\d{1,19}(-\d{1,9})?\.ndjson\.gz$")] | None
    resource: ResourceName
    account_id: Count
    pivot: str | None = None
    elements: Count = 0
    rejected: Count = 0
    bytes: Annotated[int, Field(ge=0, le=PART_BYTES)] = 0
    sha256: str = ""
    covers: Annotated[Covers, Field(max_length=1_000)] = ()
    status: Literal["done", "partial", "failed"] = "done"
    why: str | None = None
    sign_in: Annotated[str, Field(max_length=64)] | None = None

    @field_validator("covers")
    @classmethod
    def _windows(cls, covers: Covers) -> Covers:
        for first, last in covers:
            if (first is None) != (last is None) or (first and last and not 0 <= (last - first).days < _MAX_DAYS):
                raise ValueError("not a window of days")
        return covers


class Plan(_Strict):
    """What a fetch asks for. An unfinished snapshot is continued only by an equal plan on the same UTC day.

    Attributes:
        metrics: LinkedIn's names of the metrics; plans that lack the list asked for the original ones.
    """

    linkedin_version: str
    window: tuple[date, date]
    account_ids: tuple[int, ...] | None
    campaign_statuses: tuple[str, ...]
    pivots: tuple[str, ...]
    metrics: Annotated[tuple[str, ...], Field(max_length=1_000)] = ORIGINAL_FIELDS


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
    parts: tuple[Part, ...]

    @field_validator("parts")
    @classmethod
    def _each_file_once(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        paths = [part.path for part in parts if part.path is not None]
        if len(set(paths)) < len(paths):
            raise ValueError("a file stands there twice")
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
        return any(part.path is not None and part.resource in _FIGURES for part in self.parts)


@dataclass(frozen=True)
class Snapshot:
    """A finished snapshot: its folder and what its manifest says."""

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


@dataclass
class Listing:
    """What lies in a snapshot folder's parent: finished snapshots, oldest first, and the rest by reason."""

    finished: list[Snapshot] = field(default_factory=list)
    unfinished: list[Path] = field(default_factory=list)
    unreadable: dict[Path, ValidationError] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every name that is taken."""
        folders = [*(snapshot.folder for snapshot in self.finished), *self.unfinished, *self.unreadable]
        return [folder.name for folder in folders]


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
    if manifest.snapshot != folder.name and folder.name != "sample":
        raise unusable(folder.name, f"its manifest belongs to snapshot {manifest.snapshot}")
    return Snapshot(folder, manifest)


def list_snapshots(snapshot_dir: Path, *, as_of: date | datetime | None = None) -> Listing:
    """Everything in `snapshot_dir` up to `as_of` (a date means the end of that UTC day), without reading parts."""
    listing = Listing()
    last = _last_name(as_of)
    for folder in _folders(snapshot_dir):
        if not is_name(folder.name) or folder.name > last or not folder.is_dir():
            continue
        try:
            if (folder / MANIFEST).exists():
                listing.finished.append(read_manifest(folder))
            else:
                listing.unfinished.append(folder)
        except OSError as error:
            listing.unreadable[folder] = unusable(folder.name, f"its folder cannot be read ({error.strerror})")
        except ValidationError as error:
            listing.unreadable[folder] = error
    return listing


def _folders(snapshot_dir: Path) -> list[Path]:
    try:
        return sorted(snapshot_dir.iterdir()) if snapshot_dir.is_dir() else []
    except OSError as error:
        raise StorageError(
            f"The snapshot folder {snapshot_dir} cannot be read.",
            why=f"{error.strerror or error}.",
            next_step="Let this user read it, or set SNAPSHOT_DIR to another folder.",
        ) from error


def not_loaded(snapshots: Iterable[Snapshot], loaded: Collection[str]) -> list[str]:
    """The names of those snapshots with anything to load that a database does not have, `loaded` being those it has."""
    return [one.name for one in snapshots if one.manifest.outcome != "failed" and one.name not in loaded]


def offer_to_load(names: Sequence[str]) -> str:
    """What to do about snapshots that are not in the database; empty where there are none."""
    if not names:
        return ""
    which = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    told = "1 snapshot on disk is" if len(names) == 1 else f"{len(names):,} snapshots on disk are"
    return f"{told} not in the database ({which}): run `workbench load --all`."


def next_name(now: datetime, taken: Sequence[str]) -> str:
    """A name for a snapshot that starts now: later than every other, even if the clock was set back."""
    newest = max(taken, default="")
    return max(name_of(now), name_of(moment_of(newest) + timedelta(seconds=1))) if newest else name_of(now)


class _Version(_Strict):
    format: int


def unusable(name: str, why: str) -> ValidationError:
    """The error for a snapshot that is left out. `why` is a sentence without capital and full stop."""
    return ValidationError(
        f"Snapshot {name} cannot be used.",
        why=f"{why[0].upper()}{why[1:]}.",
        next_step="Leave it out, or restore it from where it came from; everything else is unaffected.",
    )


def _last_name(as_of: date | datetime | None) -> str:
    if as_of is None:
        return "~"  # later than any digit
    if isinstance(as_of, datetime):
        return name_of(as_of)
    return f"{as_of:%Y%m%d}T235959Z"
