"""Read and write the token file: private, whole, by one process at a time. It uses no network and renews nothing.

A file that other users could read, or that belongs to another user, is refused and not repaired.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from typing import Annotated, Any
from urllib.parse import unquote

from filelock import AsyncFileLock, Timeout
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic import ValidationError as NotReadable

from workbench.errors import AuthenticationError, StorageError
from workbench.logs import hide
from workbench.private_files import make_private_folder

SIGN_IN = "Run `workbench auth login`."
REFRESH_MARGIN = timedelta(minutes=5)
LOCK_SECONDS = 150.0  # longer than a refresh with all its retries
_LARGEST = 100_000


def sendable(secret: SecretStr) -> SecretStr:
    """RFC 6749 allows visible ASCII in tokens; anything else would break the header it is sent in."""
    if not re.fullmatch(r"[\x21-\x7e]{1,10000}", secret.get_secret_value()):
        raise ValueError("not a token")
    hide(secret.get_secret_value())
    return secret


def _scopes(text: Any) -> Any:
    """LinkedIn's docs separate scopes by blanks or `+`, its answers by commas."""
    return tuple(dict.fromkeys(re.findall(r"[\w.:/-]+", unquote(text)))) if isinstance(text, str) else text


Secret = Annotated[SecretStr, AfterValidator(sendable)]
Scopes = Annotated[tuple[str, ...], BeforeValidator(_scopes)]


class Token(BaseModel):
    """An access token with what is needed to renew it; moments are UTC.

    Attributes:
        refresh_token: None unless the app has programmatic refresh tokens.
        refresh_token_expires_at: None if LinkedIn did not send it.
        issued_at: when this access token arrived.
        consented_at: when the member consented; refreshing never extends the year that starts here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: Secret
    expires_at: AwareDatetime
    refresh_token: Secret | None = None
    refresh_token_expires_at: AwareDatetime | None = None
    scopes: Scopes = ()
    issued_at: AwareDatetime
    consented_at: AwareDatetime
    client_id: str

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def due(self, now: datetime) -> bool:
        """Whether it is time to renew: five minutes before the end, half-way for a token cut shorter than that."""
        return now >= self.expires_at - min(REFRESH_MARGIN, (self.expires_at - self.issued_at) / 2)

    def renewable(self, now: datetime) -> bool:
        if self.refresh_token is None:
            return False
        return self.refresh_token_expires_at is None or now < self.refresh_token_expires_at

    def as_json(self) -> str:
        """Everything, the secrets in the clear: for the token file alone."""
        facts = self.model_dump(mode="json")
        facts["access_token"] = self.access_token.get_secret_value()
        facts["refresh_token"] = self.refresh_token.get_secret_value() if self.refresh_token else None
        return json.dumps(facts, indent=2) + "\n"


class TokenFile:
    """The token file at `path`, 0600 in a folder that is 0700 if we made it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unfinished = path.with_name(f".{path.name}.unfinished")

    def read(self) -> Token | None:
        """The token, or None where there is no file.

        Raises:
            StorageError: the file is not private, or cannot be read.
            AuthenticationError: the file does not hold a token.
        """
        try:
            # Without O_NONBLOCK, a pipe put in the file's place would hang us.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unusable(_open_failure(error), f"Remove {self.path}, then sign in again.") from error
        with os.fdopen(descriptor, "rb") as file:
            self._check(os.fstat(descriptor))
            content = file.read(_LARGEST)
        try:
            return Token.model_validate_json(content)
        except NotReadable:
            pass
        # Outside the except block: pydantic's error holds what it read.
        raise AuthenticationError(
            "The stored sign-in cannot be used.", why=f"{self.path} does not hold a whole token.", next_step=SIGN_IN
        )

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Hold the file's lock: no other process changes the file inside the block.

        Raises:
            StorageError: the lock cannot be had.
        """
        lock = AsyncFileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            self._make_folder()
            await lock.acquire()
        except Timeout:
            why = "another process has held its lock for minutes."
            raise StorageError(
                "The stored sign-in is busy.", why=f"{self.path}: {why}", next_step="Try again.", retry=True
            ) from None
        except OSError as error:
            raise self._not_written(error) from error
        try:
            yield
        finally:
            await lock.release()

    def write(self, token: Token) -> None:
        """Replace the file; after a crash it holds either the old token or the new one. Needs the lock.

        Raises:
            StorageError: the folder cannot be written, or others could replace what is in it.
        """
        try:
            self._unfinished.unlink(missing_ok=True)
            descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(descriptor, 0o600)  # whatever the umask
                file.write(token.as_json())
                file.flush()
                os.fsync(descriptor)
            self._unfinished.rename(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise self._not_written(error) from error

    async def probe(self) -> None:
        """Fail as `write` would, before the user signs in for nothing."""
        async with self.locked():
            if not os.access(self.path.parent, os.W_OK | os.X_OK):
                raise self._not_written(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))

    async def remove(self) -> bool:
        """Delete the token; whether there was one."""
        if not self.path.parent.is_dir():
            return False
        async with self.locked():
            return self._removed()

    def _removed(self) -> bool:
        try:
            there = os.path.lexists(self.path)
            self.path.unlink(missing_ok=True)
            self._unfinished.unlink(missing_ok=True)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise self._not_written(error) from error
        return there

    def _make_folder(self) -> None:
        folder = self.path.parent
        try:
            make_private_folder(folder, exist_ok=False)
        except FileExistsError:
            mode = folder.stat().st_mode
        else:
            return
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise self._unusable(
                f"Every user of this machine may replace files in {folder}.",
                f"Run `chmod o-w {quote(str(folder))}`, or set LINKEDIN_TOKEN_FILE to a private place.",
            )

    def _check(self, facts: os.stat_result) -> None:
        path = quote(str(self.path))
        if not stat.S_ISREG(facts.st_mode):
            raise self._unusable(f"{self.path} is not a file.", "Move it away, then sign in again.")
        if facts.st_uid != os.geteuid():
            raise self._unusable(f"{self.path} belongs to another user.", f"Run `rm -f {path}`, then sign in again.")
        if facts.st_mode & 0o077:
            raise self._unusable(
                f"Others may read {self.path} (mode {stat.S_IMODE(facts.st_mode):04o}).",
                f"Run `chmod 600 {path}`; if others use this machine, sign in again instead.",
            )

    def _unusable(self, why: str, next_step: str) -> StorageError:
        return StorageError("The stored sign-in cannot be used.", why=why, next_step=next_step)

    def _not_written(self, error: OSError) -> StorageError:
        return StorageError(
            "The sign-in cannot be stored.",
            why=f"{self.path}: {error.strerror or error}.",
            next_step="Make room or grant access there, or set LINKEDIN_TOKEN_FILE to another place.",
        )


def _open_failure(error: OSError) -> str:
    # O_NOFOLLOW answers ELOOP on Linux and macOS, EMLINK on FreeBSD.
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "It is a symbolic link, so somebody else may decide what we read."
    return f"{error.strerror or error}."


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
