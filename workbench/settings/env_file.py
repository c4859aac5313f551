"""Refuse a file that another account could have written: a `.env` says where secrets are sent, a question what is run.

The file belongs to this user or to root, as do all folders above it, and no other account can write to any of them.
Above the file's own folder, a folder like `/tmp`, where all may write but only remove what is theirs, does no harm.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from workbench.errors import ConfigurationError


def refuse_foreign(file: Path, *, what: str = "settings", verb: str = "obeyed") -> None:
    """Refuse a file that another account of this machine could have written, or could exchange.

    Args:
        what, verb: for the message, `The <what> in <file> are not <verb>.`

    Raises:
        ConfigurationError: names the file, and what makes it unsafe.
    """
    head = f"The {what} in {file} are not {verb}."
    for path, own_folder in _deciding(file):
        facts = path.stat()
        if is_foreign(facts):
            raise _refusal(
                head,
                f"{path} belongs to another account ({_account(facts.st_uid)}).",
                f"If the {what} are yours, run `chown {_account(os.geteuid())} {quote(str(path))}`",
            )
        sticky = bool(facts.st_mode & stat.S_ISVTX) and stat.S_ISDIR(facts.st_mode)
        if _writable_by_others(facts) and (own_folder or not sticky):
            step = f"If the {what} are yours, run `chmod go-w {quote(str(path))}`"
            step = step if not sticky else f"If the {what} are yours, move them into a folder of your own"
            raise _refusal(head, f"Other accounts may write to {path} (mode {stat.S_IMODE(facts.st_mode):04o}).", step)


def _deciding(file: Path) -> Iterator[tuple[Path, bool]]:
    """Every path that decides what is read, and whether it is the file or the folder that holds it."""
    found = {Path(os.path.realpath(file.parent)) / file.name, Path(os.path.realpath(file))}
    for path in sorted(found):
        if os.path.lexists(path):  # `workbench init` asks before there is a file
            yield path, True
        yield path.parent, True
        for above in path.parent.parents:
            yield above, False


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse to fill a folder in which another account could have laid links that lead elsewhere.

    Raises:
        ConfigurationError: it belongs to another account, or every account may write to it.
    """
    facts = folder.stat()
    step = "Name a folder of your own."
    if is_foreign(facts):
        why = f"It belongs to another account ({_account(facts.st_uid)})."
    elif facts.st_mode & stat.S_IWOTH:
        why = f"Every account may write to it (mode {stat.S_IMODE(facts.st_mode):04o})."
        step = f"Run `chmod o-w {quote(str(folder))}` if the folder is yours; otherwise name one of your own."
    else:
        return
    raise ConfigurationError(f"Nothing is written into the folder {folder}.", why=why, next_step=step)


def is_foreign(facts: os.stat_result) -> bool:
    """Whether a file is neither this user's, nor root's, nor the owner's of `/`, who can exchange everything anyway."""
    return facts.st_uid not in (os.geteuid(), 0, Path("/").stat().st_uid)


def _writable_by_others(facts: os.stat_result) -> bool:
    """Whether an account beside the owner may write; the owner's private group has no other member."""
    if facts.st_mode & stat.S_IWOTH:
        return True
    return bool(facts.st_mode & stat.S_IWGRP) and not _is_private_group(facts.st_gid, facts.st_uid)


def _is_private_group(group_id: int, owner: int) -> bool:
    try:
        group, name = grp.getgrgid(group_id), pwd.getpwuid(owner).pw_name
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _refusal(head: str, why: str, next_step: str) -> ConfigurationError:
    return ConfigurationError(
        head,
        why=why,
        next_step=f"{next_step}; otherwise have the file removed, or work in another folder.",
    )
