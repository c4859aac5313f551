"""Object storage: list snapshots, read an object, write one that is never overwritten.

Credentials are those that the storage's own tools use (`AWS_…`, `GOOGLE_…`, `AZURE_…`). Errors name the storage and the
kind of failure only: the text of an answer could hold an address with a signature.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import ConfigurationError, StorageError
from workbench.files import open_private

T = TypeVar("T")
_TRIES = 3
_PAUSE = 0.5  # seconds before the second try, then twice as long each time
_CLIENT = {"connect_timeout": "10s", "read_timeout": "20s", "timeout": "1h"}
_RETRIES = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
_PLAIN = ("AWS_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
_STATUS = re.compile(r"\bstatus: (\d{3})\b")
_SECURE = "It must be reachable by HTTPS; for HTTP, AWS_ALLOW_HTTP=true must be set."


class ObjectStore:
    """The storage at one address, such as `s3://bucket/prefix`."""

    def __init__(self, address: str) -> None:
        self.address = address

    @cached_property
    def _obstore(self) -> Any:
        try:
            import obstore
        except ModuleNotFoundError:
            raise ConfigurationError(
                f"Snapshots cannot be kept in {self.address}.",
                why="The package obstore is not installed; it is part of the extra 'object-storage'.",
                next_step="In the checkout run `.venv/bin/pip install -e '.[object-storage]'`.",
            ) from None
        return obstore

    @cached_property
    def _store(self) -> Any:
        from obstore.store import AzureStore, from_url

        plain = any(os.environ.get(name, "").lower() == "true" for name in _PLAIN)  # given options hide those variables
        options = {**_CLIENT, "allow_http": plain}
        if self.address.startswith("az://"):  # `from_url` takes the account for the container
            account, container, *prefix = self.address.removeprefix("az://").split("/")
            below: dict[str, Any] = {"prefix": "/".join(prefix) or None, "client_options": options}
            return AzureStore(container, account_name=account, retry_config=_RETRIES, **below)  # type: ignore[arg-type]
        return from_url(self.address, client_options=options, retry_config=_RETRIES)  # type: ignore[call-overload]

    def folders(self) -> list[str]:
        """The names of the folders directly below the address, sorted."""
        found = self._tried("listed", lambda: self._obstore.list_with_delimiter(self._store))
        return sorted(prefix.rstrip("/").rpartition("/")[2] for prefix in found["common_prefixes"])

    def read(self, path: str) -> bytes | None:
        """An object as a whole; None if there is none."""
        return self._tried("read", lambda: self._read(path))

    def download(self, path: str, to: Path) -> bool:
        """Write an object to a file; False if there is none."""
        return self._tried("read", lambda: self._download(path, to))

    def put_once(self, path: str, file: Path) -> None:
        """Write a file as an object that must not exist. One with the same bytes is our own, whose answer was lost.

        Raises:
            StorageError: the storage does not answer.
            ConfigurationError: another object has this name, or the storage refuses.
        """
        self._tried("written", lambda: self._put(path, file))

    def _tried(self, done: str, action: Callable[[], T]) -> T:
        """The result of an action, tried again after failures that may pass; errors say what could not be `done`."""
        for attempt in range(_TRIES - 1):
            with suppress(StorageError), self._explained(done):
                return action()
            time.sleep(_PAUSE * 2**attempt)
        with self._explained(done):
            return action()

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(self._obstore.get(self._store, path).bytes())
        except (FileNotFoundError, self._obstore.exceptions.NotFoundError):
            return None

    def _download(self, path: str, to: Path) -> bool:
        try:
            got = self._obstore.get(self._store, path)
        except (FileNotFoundError, self._obstore.exceptions.NotFoundError):
            return False
        with open_private(to) as file:
            for chunk in got.stream(min_chunk_size=1 << 20):
                file.write(chunk)
        return True

    def _put(self, path: str, file: Path) -> None:
        errors = self._obstore.exceptions
        try:
            self._obstore.put(self._store, path, file, mode="create", use_multipart=False)
        except (errors.AlreadyExistsError, errors.PreconditionError):
            there = self._read(path)
            if there is None or hashlib.sha256(there).digest() != hashlib.sha256(file.read_bytes()).digest():
                raise ConfigurationError(
                    f"{path} stands in {self.address} already, with other content.",
                    why="Another machine has written a snapshot of the same name there.",
                    next_step="Give each installation that has its own database a prefix of its own in SNAPSHOT_DIR.",
                ) from None

    @contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        """Turn what the storage's client raises into an error with a next step, without the text of an answer."""
        errors = self._obstore.exceptions
        what = f"The snapshots in {self.address} cannot be {done}."
        try:
            yield
        except (FileNotFoundError, errors.NotFoundError):
            raise ConfigurationError(
                what, why="There is no such bucket or container.", next_step="Make it, or set SNAPSHOT_DIR."
            ) from None
        except (PermissionError, NotImplementedError, errors.BaseError) as error:
            status = next(iter(_STATUS.findall(str(error))), None)
            kind = f"status {status}" if status else type(error).__name__
            if isinstance(error, (PermissionError, *self._refusals())) or status in ("401", "403"):
                raise ConfigurationError(
                    what,
                    why=f"The storage refuses these credentials ({kind}).",
                    next_step="Set the variables that the storage's own tools read, such as AWS_ACCESS_KEY_ID,"
                    " AWS_SECRET_ACCESS_KEY and AWS_REGION, to ones that may list, read and write there.",
                ) from None
            raise StorageError(
                what,
                why=f"The storage does not answer as it should ({kind}). {_SECURE}",
                next_step="Try again when it answers; what was fetched is kept on this machine until then.",
            ) from None

    def _refusals(self) -> tuple[type[Exception], ...]:
        return self._obstore.exceptions.PermissionDeniedError, self._obstore.exceptions.UnauthenticatedError
