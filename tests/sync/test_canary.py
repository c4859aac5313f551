"""Secrets of a form that nothing else has appear nowhere, whatever went wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.bench import Bench
from sync.signing import sign_in
from workbench.postgres import Database
from workbench.sandbox.faults import BAD_ELEMENTS
from workbench.tokens import TokenFile

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


def _search(bench: Bench, *texts: str, more: Sequence[str] = ()) -> list[str]:
    """Where a secret was found; the token file alone may hold any."""
    secrets = [*_secrets(bench), *more]
    found = [f"output: {text[:200]}" for text in texts for secret in secrets if secret in text]
    for path in [path for path in bench.folder.rglob("*") if path.is_file() and path.name != "token.json"]:
        content = _plain(path)
        found += [f"{path}" for secret in secrets if secret.encode() in content]
    with Database(bench.database_url).connect() as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            rows = connection.execute(f"select to_jsonb(t)::text from {table} t").fetchall()  # type: ignore[arg-type]
            found += [f"table {table}" for secret in secrets if any(secret in row for (row,) in rows)]
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
    "the wire fails in every way": [
        *(("adAnalytics", kind, {"nth": nth}) for nth, kind in enumerate(("cut", "bad_gzip", "empty", "drip"), 1)),
        ("adAnalytics", "bomb", {"nth": 6, "n": 200, "times": None, "every": 3}),
        ("adCampaigns", "bad_element", {"kinds": list(BAD_ELEMENTS), "times": None}),
        ("adCampaignGroups", "endless_cursor", {"times": None}),
        ("creatives", "forbid", {"times": None}),
        ("adTargetingEntities", "status", {"status": 429, "times": None}),
    ],
    "the version is retired": [("adAnalytics", "status", {"status": 426, "times": None})],
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


@pytest.mark.parametrize("renewed", [True, False], ids=["and is renewed", "and cannot be renewed"])
def test_no_secret_gets_out_of_a_sign_in_that_ends_in_mid_run(watched: Bench, renewed: bool) -> None:
    watched.changes["LINKEDIN_ACCESS_TOKEN"] = None
    secrets = sign_in(watched)
    watched.sandbox.faults.add("adAnalytics", "unauthorized", nth=4, code="EXPIRED_ACCESS_TOKEN")
    if not renewed:
        body = json.dumps({"error": "invalid_grant", "error_description": f"token {secrets[2]} is dead"})
        watched.sandbox.faults.add("accessToken", "status", status=400, times=None, body=body)

    ran = watched.run("sync", "--json")

    assert ran.code == (0 if renewed else 77), ran.err
    stored = TokenFile(watched.folder / "home" / "token.json").read()
    assert stored is not None
    now = stored.access_token.get_secret_value()
    assert (now != secrets[1]) is renewed
    said = [*(watched.run(*words).out for words in (("status", "--json"), ("doctor", "--json")))]
    assert _search(watched, ran.out, ran.err, *said, more=[*secrets, now]) == []
