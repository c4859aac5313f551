"""Addresses of object storage as `SNAPSHOT_DIR` names them, and the local folder that stands for each."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = "object-storage"
_ADDRESS = re.compile(
    r"(?P<scheme>s3|gs|az)://(?P<path>[A-Za-z0-9][A-Za-z0-9._=-]*(/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*)/?"
)
_addresses: dict[Path, str] = {}
"""By local folder, the address that it stands for: settings fill it, and each listing of the folder reads it."""


def address(text: str) -> str:
    """An address of object storage, without a slash at its end. Raises ValueError if it is none that is supported."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or (found["scheme"] == "az" and "/" not in found["path"]):
        raise ValueError(
            "it must be a path of this machine, or object storage as s3://bucket/prefix, gs://bucket/prefix or"
            " az://account/container/prefix, without user, password or query"
        )
    return f"{found['scheme']}://{found['path']}"


def local_folder(text: str, home: Path) -> Path:
    """The folder below the home in which snapshots of an address are written first, and kept for reading."""
    scheme, _, path = text.partition("://")
    folder = home / FOLDER / scheme / path
    _addresses[folder] = text
    return folder


def address_of(folder: Path) -> str | None:
    """The address that a local folder stands for; None: it is a folder by itself."""
    return _addresses.get(folder)
