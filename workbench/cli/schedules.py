"""Timers of the operating system for a command of the workbench: systemd, launchd and cron."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import join, quote

from workbench.errors import ConfigurationError, StorageError
from workbench.files import atomic_write, make_private_folder

_SYSTEMD = """\
[Unit]
Description=LinkedIn Ads workbench: {words}
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# An embedded database that other processes use goes on; it ends with the last of them.
KillMode=process
"""
_TIMER = """\
[Unit]
Description=LinkedIn Ads workbench: {words}

[Timer]
OnCalendar=*-*-* {hour:02}:{minute:02}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True)
class Job:
    """What is to run every day; ValueError where a line break or the like stands in it, which would begin a new line.

    Attributes:
        name: of the files and of the timer.
        words: the command of the workbench, without its name.
        command: the whole command line, with absolute paths.
        folder: the working directory, by which settings are found.
        hour, minute: of this machine's local time.
    """

    name: str
    words: Sequence[str]
    command: Sequence[str]
    folder: Path
    hour: int
    minute: int

    def __post_init__(self) -> None:
        odd = [text for text in (*self.command, str(self.folder)) if not text.isprintable()]
        if odd:
            raise ValueError(f"{odd[0]!r} has a character that no schedule can hold")


@dataclass(frozen=True)
class Kind:
    """A way to run something every day.

    Attributes:
        files: the texts of its files by their place; for cron none.
        text: what is printed.
        install: puts it to work; returns what it did, a line each.
    """

    files: Callable[[Job], Mapping[Path, str]]
    text: Callable[[Job], str]
    install: Callable[[Job], list[str]]


def chosen_kind() -> str:
    """What this machine has.

    Raises:
        ConfigurationError: none of the three.
    """
    if sys.platform == "darwin":
        return "launchd"
    if Path("/run/systemd/system").exists() and shutil.which("systemctl"):
        return "systemd"
    if shutil.which("crontab"):
        return "cron"
    raise ConfigurationError(
        "Nothing on this machine runs commands by the clock.",
        why="Neither systemd nor crontab is there.",
        next_step="Choose the form of another machine with --kind, or install cron.",
    )


def time_of(text: str) -> tuple[int, int]:
    """Hour and minute of `06:15`; raises ValueError for anything else."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError(f"{text!r} is no time of the day: write it as HH:MM, such as 06:15.")
    return int(found[1]), int(found[2])


# --- systemd --------------------------------------------------------------------------------------------------------


def _systemd_files(job: Job) -> dict[Path, str]:
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folder = config / "systemd" / "user"
    facts = {
        "name": job.name,
        "words": join(job.words).replace("%", "%%"),
        "folder": str(job.folder).replace("%", "%%"),
        "command": " ".join(map(_systemd_word, job.command)),
        "hour": job.hour,
        "minute": job.minute,
    }
    return {
        folder / f"{job.name}.service": _SYSTEMD.format(**facts),
        folder / f"{job.name}.timer": _TIMER.format(**facts),
    }


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _systemd_install(job: Job) -> list[str]:
    said = _write(_systemd_files(job))
    _do(["systemctl", "--user", "daemon-reload"])
    _do(["systemctl", "--user", "enable", "--now", f"{job.name}.timer"])
    return [*said, f"On: systemctl --user list-timers {job.name}.timer", "Off when you log out: loginctl enable-linger"]


# --- launchd --------------------------------------------------------------------------------------------------------


def _launchd_files(job: Job) -> dict[Path, str]:
    label = f"local.{job.name}"
    facts = {
        "Label": label,
        "ProgramArguments": list(job.command),
        "WorkingDirectory": str(job.folder),
        "StartCalendarInterval": {"Hour": job.hour, "Minute": job.minute},
    }
    return {Path.home() / "Library" / "LaunchAgents" / f"{label}.plist": plistlib.dumps(facts).decode()}


def _launchd_install(job: Job) -> list[str]:
    files = _launchd_files(job)
    said = _write(files)
    (file,) = files
    domain = f"gui/{os.getuid()}"
    with suppress(ConfigurationError):  # it was not there before
        _do(["launchctl", "bootout", f"{domain}/{file.stem}"])
    _do(["launchctl", "bootstrap", domain, str(file)])
    return [*said, f"On: launchctl print {domain}/{file.stem}"]


# --- cron -----------------------------------------------------------------------------------------------------------


def _cron_text(job: Job) -> str:
    command = f"cd {quote(str(job.folder))} && {join(job.command)}".replace("%", "\\%")
    return f"{job.minute} {job.hour} * * *  {command}  {_mark(job)}\n"


def _mark(job: Job) -> str:
    return f"# {job.name}"


def _cron_install(job: Job) -> list[str]:
    """Replace the job's line in this account's crontab, or add it; the other lines stay."""
    crontab = shutil.which("crontab")
    if crontab is None:
        raise _not_done("crontab", "It is not installed.")
    now = subprocess.run([crontab, "-l"], check=False, capture_output=True, text=True)
    lines = now.stdout.splitlines(keepends=True) if now.returncode == 0 else []
    others = [line.rstrip("\n") for line in lines if not line.rstrip().endswith(_mark(job))]
    kept = "".join(f"{line}\n" for line in others)
    _do([crontab, "-"], text=kept + _cron_text(job))
    return ["Written: this account's crontab", "See it: crontab -l"]


def _joined(files: Callable[[Job], Mapping[Path, str]]) -> Callable[[Job], str]:
    return lambda job: "\n".join(f"# {file}\n{text}" for file, text in files(job).items())


KINDS: Mapping[str, Kind] = {
    "systemd": Kind(_systemd_files, _joined(_systemd_files), _systemd_install),
    "launchd": Kind(_launchd_files, lambda job: "".join(_launchd_files(job).values()), _launchd_install),
    "cron": Kind(lambda job: {}, _cron_text, _cron_install),
}


def _write(files: Mapping[Path, str]) -> list[str]:
    for file, text in files.items():
        try:
            make_private_folder(file.parent)
            with atomic_write(file, locked=False) as written:
                written.write(text.encode())
        except OSError as error:
            raise StorageError(
                f"The file {file} cannot be written.", why=f"{error.strerror or error}.", next_step="Make room there."
            ) from error
    return [f"Written: {file}" for file in files]


def _do(command: Sequence[str], *, text: str | None = None) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, input=text)
    except OSError as error:
        raise _not_done(command[0], f"{error.strerror or error}.") from error
    if done.returncode:
        raise _not_done(join(command), " ".join(done.stderr.split()) or f"It ended with {done.returncode}.")


def _not_done(command: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The schedule is not on: {command} failed.", why=why, next_step="Put it right, or choose another --kind."
    )
