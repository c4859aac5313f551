"""What every benchmark uses: a LinkedIn and a PostgreSQL of its own, processes that are measured, tables.

Figures of one table come from one run on one machine; only their ratios mean anything elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from databases import url_of  # noqa: E402  (found in the folders above)

from workbench.database import embedded, migrations  # noqa: E402
from workbench.database.connection import Database  # noqa: E402
from workbench.settings.schema_name import DEFAULT_SCHEMA  # noqa: E402

_LINKEDIN = """
import json, sys
from workbench.sandbox import Sandbox

with Sandbox(size=sys.argv[1]) as sandbox:
    if float(sys.argv[2]):
        sandbox.faults.add(".", fault="slow", times=None, seconds=float(sys.argv[2]))
    print(json.dumps({"url": sandbox.url, "token": sandbox.issue_token()}), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Measured:
    """One process from start to end: seconds of wall and CPU, mebibytes at its largest, what it printed."""

    wall: float
    cpu: float
    peak: float
    output: str


@dataclass(frozen=True)
class LinkedIn:
    """A sandbox in a process of its own."""

    url: str
    token: str
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU so far; not a number where there is no /proc."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return float("nan")
        fields = stat.read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class MeasuredInstallation:
    """A folder and a PostgreSQL server; every installation on it has a database of its own."""

    folder: Path
    server: embedded.EmbeddedServer
    count: int = 0

    def database(self) -> str:
        """The URL of a new database with our tables and nothing in them."""
        self.count += 1
        name = f"bench_{self.count}"
        embedded.create_database(self.server, name)
        url = url_of(self.server, name)
        engine = Database(url).engine()
        migrations.upgrade(engine)
        engine.dispose()
        return url.render_as_string(hide_password=False)

    def installation(self, linkedin: LinkedIn, **settings: object) -> dict[str, str]:
        """The environment of an installation that has never synced."""
        database = self.database()
        home = self.folder / f"home-{self.count}"
        facts = {
            "DATABASE_URL": database,
            "SNAPSHOT_DIR": home / "snapshots",
            "WORKBENCH_HOME": home,
            "LINKEDIN_API_URL": linkedin.url,
            "LINKEDIN_OAUTH_URL": linkedin.url,
            "LINKEDIN_ACCESS_TOKEN": linkedin.token,
            "LINKEDIN_REQUESTS_PER_SECOND": 1000,
            **settings,
        }
        return {name: str(value) for name, value in facts.items()}


@contextmanager
def measured_installation() -> Iterator[MeasuredInstallation]:
    folder = Path(tempfile.mkdtemp(prefix="workbench-benchmark-", dir="/tmp"))
    folder.chmod(0o755)  # root's unprivileged account must enter
    try:
        yield MeasuredInstallation(folder, embedded.ensure(folder / "postgres"))
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)


@contextmanager
def linkedin(size: str, *, latency: float = 0) -> Iterator[LinkedIn]:
    """A sandbox of this size, warm, that waits `latency` seconds before every answer."""
    command = [sys.executable, "-c", _LINKEDIN, size, str(latency)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = json.loads(process.stdout.readline())
        yield LinkedIn(said["url"], said["token"], process.pid)
        process.stdin.close()


def measured(command: Sequence[str], environment: dict[str, str], cwd: Path) -> Measured:
    """Run a process to its end; one that fails ends the benchmark with what it said."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env={**kept, "PYTHONPATH": str(TESTS.parent), **environment}, cwd=cwd, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read()[-2000:]}")
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, output.read())


def workbench(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "workbench", *arguments]


def best(runs: int, work: Callable[[], Any]) -> float:
    """The shortest of several runs: what is added by other work on the machine is not the work's own."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def libpq(url: str) -> str:
    """A database's URL without SQLAlchemy's driver in it, for sessions that find our tables by their plain names."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    return f"{plain}{'&' if '?' in plain else '?'}options=-csearch_path%3D{DEFAULT_SCHEMA},public"


def scalar(url: str, statement: str) -> Any:
    """One value of one statement."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: text to the left, figures to the right."""
    cells = [[_written(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in (head, *cells)) for column in range(len(head))]
    print(f"\n{title} ({os.cpu_count()} cores)")
    for line in (head, *cells):
        first, *others = (
            f"{cell:<{width}}" if not at else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join([first, *others]), flush=True)


def _written(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
