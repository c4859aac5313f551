"""Secrets of a form that nothing else has appear nowhere, whatever went wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.bench import Bench
from workbench.postgres import Database

CANARY = "kanarienvogel"
PASSWORD = f"{CANARY}-passwort-4711"
SECRET = f"{CANARY}-client-secret-4711"


@pytest.fixture
def watched(bench: Bench) -> Bench:
    """A sign-in and a database whose secrets are canaries (the server here asks for no password)."""
    bench.database_url = bench.database_url.set(password=PASSWORD)
    bench.sandbox.oauth.client_secret = SECRET
    bench.changes = {
        "LINKEDIN_CLIENT_ID": bench.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": SECRET,
        "LOG_LEVEL": "DEBUG",
    }
    return bench


def _secrets(bench: Bench) -> list[str]:
    return [CANARY, bench.token, bench.token[:24]]


def _search(bench: Bench, *texts: str) -> list[str]:
    """Where a secret was found."""
    found = [f"output: {text[:200]}" for text in texts for secret in _secrets(bench) if secret in text]
    for path in [path for path in bench.folder.rglob("*") if path.is_file()]:
        content = _plain(path)
        found += [f"{path}" for secret in _secrets(bench) if secret.encode() in content]
    with Database(bench.database_url).connect() as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            rows = connection.execute(f"select to_jsonb(t)::text from {table} t").fetchall()  # type: ignore[arg-type]
            found += [f"table {table}" for secret in _secrets(bench) if any(secret in row for (row,) in rows)]
    return found


def _plain(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


CASES: dict[str, list[tuple[str, str, dict[str, object]]]] = {
    "all is well": [],
    "everything is refused": [("adAccounts", "unauthorized", {"times": None})],
    "the token is revoked in mid-run": [("adAnalytics", "unauthorized", {"times": None, "nth": 4})],
    "servers fail and answer nonsense": [
        ("adCampaigns", "html", {"times": None, "status": 200}),
        ("creatives", "truncated_json", {"times": None}),
        ("adAnalytics", "drop", {"times": None}),
    ],
    "a redirect leads away": [("adAccounts", "redirect", {"times": None})],
}


@pytest.mark.parametrize("case", CASES)
def test_no_secret_gets_out_when(watched: Bench, case: str) -> None:
    for match, fault, details in CASES[case]:
        watched.sandbox.faults.add(match, fault, **details)
    process = watched.start("sync", "--json")
    processes = subprocess.run(["/bin/ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout

    out, err = process.communicate(timeout=60)

    assert "Traceback" not in err
    assert json.loads(out)["exit_code"] == process.returncode
    assert _search(watched, out, err, processes) == []


@pytest.mark.parametrize(
    "change",
    [
        {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@127.0.0.1:9/x"},
        {"DATABASE_URL": f"mysql://anna:{PASSWORD}@127.0.0.1:9/x"},
        {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@[kaputt/x"},
        {"LINKEDIN_ACCESS_TOKEN": f"{CANARY} with blanks"},
        {"LINKEDIN_API_URL": f"https://user:{CANARY}@example.org"},
        {"LINKEDIN_CONCURRENCY": CANARY, "LINKEDIN_CLIENT_SECRET": SECRET},
    ],
)
def test_no_secret_gets_out_of_settings_that_cannot_be_used(watched: Bench, change: dict[str, object]) -> None:
    ran = watched.run("sync", "--json", settings=change)

    assert ran.code in (70, 78), ran.err
    assert "Traceback" not in ran.err
    assert _search(watched, ran.out, ran.err) == []


def test_no_secret_gets_out_of_a_process_that_is_killed_or_interrupted(watched: Bench, database_url: URL) -> None:
    act = {"at": "writer:SnapshotWriter.keep", "nth": 9, "when": "after"}
    said = [watched.run("sync", "--json", act={**act, "do": how}) for how in ("SIGTERM", "kill")]

    assert [ran.code for ran in said] == [130, -9]
    assert _search(watched, *(text for ran in said for text in (ran.out, ran.err))) == []
