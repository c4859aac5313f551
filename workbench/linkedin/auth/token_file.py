"""Read and write the token file: private, whole, by one process at a time. It uses no network and renews nothing.

A file that other users could read, or that belongs to another user, is refused and not repaired.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shlex import quote

from filelock import AsyncFileLock, Timeout
from pydantic import ValidationError as PydanticError

from workbench.errors import AuthenticationError, StorageError
from workbench.files import atomic_write, make_private_folder, sync_folder, unfinished_name
from workbench.linkedin.auth.token import SIGN_IN, Token

LOCK_SECONDS = 150.0  # longer than a refresh with all its retries
_LARGEST = 100_000


class TokenFile:
    """The token file at `path`, 0600 in a folder that is 0700 if we made it."""

    def __init__(self, path: Path) -> None:
        self.path = path

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
        except PydanticError:
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
            with atomic_write(self.path) as file:
                file.write(token.as_json().encode())
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
            unfinished_name(self.path).unlink(missing_ok=True)
            sync_folder(self.path.parent)
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
        return "It is a symbolic link, so another account may decide what is read."
    return f"{error.strerror or error}."
