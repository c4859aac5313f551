"""Secrets of a form that nothing else has appear nowhere, whatever went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from marks import some_slow
from sqlalchemy import URL

from sync.canaries import CANARY, PASSWORD, SECRET, keep_secrets, leaks
from sync.installation import Installation
from sync.signing import sign_in
from workbench.analytics import formatting
from workbench.linkedin.auth.token_file import TokenFile
from workbench.paths import shipped
from workbench.queries.api import connect
from workbench.sandbox.control.faults import BAD_ELEMENTS
from workbench.snapshots.arrow import frame as arrow_frame
from workbench.web.app import READER_PAGES
from workbench.web.server import free_port


@pytest.fixture
def watched(installation: Installation) -> Installation:
    keep_secrets(installation)
    return installation


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
        ("adAnalytics", "bomb", {"nth": 6, "n": 130, "times": 4, "every": 3}),
        ("adCampaigns", "bad_element", {"kinds": list(BAD_ELEMENTS), "times": None}),
        ("adCampaignGroups", "endless_cursor", {"times": None}),
        ("creatives", "forbid", {"times": None}),
        ("adTargetingEntities", "status", {"status": 429, "times": None}),
    ],
    "the version is retired": [("adAnalytics", "status", {"status": 426, "times": None})],
    "a redirect leads away": [("adAccounts", "redirect", {"times": None})],
}


@pytest.mark.slow
def test_no_secret_gets_out_when_linkedin_repeats_it(watched: Installation) -> None:
    """In the prose of an error and as its code; as JSON, as text, and from the notebook as a script."""
    said = json.dumps({"status": 400, "code": watched.token, "message": f"the token {watched.token} reads nothing"})
    watched.sandbox.faults.add("pivot=CREATIVE", "status", status=400, times=None, body=said)

    ran = [watched.run("sync", "--json"), watched.run("sync", "--force")]

    assert [one.code for one in ran] == [10, 10]
    assert leaks(watched, *(text for one in ran for text in (one.out, one.err))) == []


@pytest.mark.parametrize(
    "case",
    some_slow(
        "the token is revoked in mid-run", slow=["the wire fails in every way", "a redirect leads away"], of=CASES
    ),
)
def test_no_secret_gets_out_when(watched: Installation, case: str) -> None:
    for match, fault, details in CASES[case]:
        watched.sandbox.faults.add(match, fault, **details)
    process = watched.start("sync", "--json", act={"constants": {"linkedin.cursor_paging:_PAGES": 50}})
    processes = subprocess.run(["/bin/ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout

    out, err = process.communicate(timeout=180)

    assert "Traceback" not in err
    assert json.loads(out)["exit_code"] == process.returncode
    assert leaks(watched, out, err, processes) == []


@pytest.mark.parametrize(
    "change",
    some_slow(
        {"LINKEDIN_CONCURRENCY": CANARY, "LINKEDIN_CLIENT_SECRET": SECRET},
        slow=[
            {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@[kaputt/x"},
            {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@127.0.0.1:9/x"},
            {"LINKEDIN_API_URL": f"https://user:{CANARY}@example.org"},
        ],
        of=[
            {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@127.0.0.1:9/x"},
            {"DATABASE_URL": f"mysql://anna:{PASSWORD}@127.0.0.1:9/x"},
            {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@[kaputt/x"},
            {"LINKEDIN_ACCESS_TOKEN": f"{CANARY} with blanks"},
            {"LINKEDIN_API_URL": f"https://user:{CANARY}@example.org"},
            {"LINKEDIN_CONCURRENCY": CANARY, "LINKEDIN_CLIENT_SECRET": SECRET},
        ],
    ),
)
def test_no_secret_gets_out_of_settings_that_cannot_be_used(watched: Installation, change: dict[str, object]) -> None:
    ran = watched.run("sync", "--json", settings=change)

    assert ran.code in (70, 78), ran.err
    assert "Traceback" not in ran.err
    assert leaks(watched, ran.out, ran.err) == []


@pytest.mark.slow
def test_no_secret_gets_out_of_a_process_that_is_killed_or_interrupted(
    watched: Installation, database_url: URL
) -> None:
    act = {"at": "snapshots.writer:SnapshotWriter.commit", "nth": 9, "when": "after"}
    said = [watched.run("sync", "--json", act={**act, "do": how}) for how in ("SIGTERM", "kill")]

    assert [ran.code for ran in said] == [130, -9]
    assert leaks(watched, *(text for ran in said for text in (ran.out, ran.err))) == []


@pytest.mark.slow
@pytest.mark.parametrize("renewed", [True, False], ids=["and is renewed", "and cannot be renewed"])
def test_no_secret_gets_out_of_a_sign_in_that_ends_in_mid_run(watched: Installation, renewed: bool) -> None:
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
    assert leaks(watched, ran.out, ran.err, *said, more=[*secrets, now]) == []


@pytest.mark.slow
def test_no_secret_gets_out_of_a_setup_nor_of_commands_that_say_how_it_stands(watched: Installation) -> None:
    """The file that `init` writes is where secrets belong, for this account alone."""
    ran = [watched.run("init", "--yes", "--no-sync")]
    assert ran[0].code == 0, ran[0].err
    installed = watched.folder / ".env"
    assert (CANARY in installed.read_text(), installed.stat().st_mode & 0o777) == (True, 0o600)
    commands = ("sync --json", "config", "config --json", "status", "status -v", "status --json", "status --check")
    for command in (*commands, "doctor", "doctor --json", "questions kpis --json", "query accounts --format json"):
        ran.append(watched.run(*command.split()))
        assert "Traceback" not in ran[-1].err, command
    installed.unlink()

    assert leaks(watched, *(text for one in ran for text in (one.out, one.err))) == []


@pytest.mark.slow
def test_no_secret_of_readers_gets_out_of_what_serves_them(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Passwords, right and wrong, one-time tokens, cookies and headers; in the logs above all."""
    installation.first_sync()
    files, port, wrong = tmp_path_factory.mktemp("readers"), free_port(), f"{CANARY}-wrong"
    account = installation.value("select min(account_id) from ad_accounts")
    _private(files / "passwords", f"anna:{PASSWORD}\n")
    _private(files / "accounts", f"anna = [{account}]\n")
    options = ("--password-file", str(files / "passwords"), "--accounts-file", str(files / "accounts"))
    settings = {**installation.environment(), "LINKEDIN_ACCESS_TOKEN": f"{CANARY}-token", "LOG_LEVEL": "DEBUG"}
    origin = f"http://127.0.0.1:{port}"
    browser = {"accept": "text/html", "origin": origin}
    command = ("workbench", "serve", "--snapshots-only", "--port", str(port), *options)
    with _started(installation.folder, *command, **settings) as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        with httpx.Client(base_url=origin, timeout=120, headers=browser) as visitor:
            for login, password in (("anna", wrong), ("anna\nForged", wrong), ("anna", PASSWORD)):
                form = {"login": login, "password": password, "next": f"/?token={SECRET}"}
                answer = visitor.post("/login", data=form)
                said.append(answer.text.replace(form["next"], ""))  # where he wanted to go comes back
            assert answer.status_code == 303
            cookies = list(visitor.cookies.values())
            for path in ("/overview/", "/x%0AForged", "/status/", "/ready"):
                said.append(visitor.get(path, headers={"authorization": f"Bearer {SECRET}"}).text)
            visitor.get("/overview/", params={"token": SECRET}, headers={"host": "rebound.example"})
        process.terminate()
        said.append(process.communicate(timeout=120)[0])

    logs = {path.name: path.read_text("utf-8") for path in (installation.folder / "home" / "logs").iterdir()}
    assert "rebound" in logs["web.log"] or "refused" in logs["web.log"]
    secrets = (CANARY, *cookies)
    assert [text[:200] for text in (*said, *logs.values()) for secret in secrets if secret in text] == []
    assert not [line for log in logs.values() for line in log.splitlines() if line.startswith("Forged")]


@pytest.mark.slow
def test_no_secret_gets_out_of_reports_exports_messages_and_schedules(
    watched: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each target of messages is out of reach, and so is the database of the scheduled sync."""
    assert watched.run("sync", "--json").code == 0
    targets = tmp_path_factory.mktemp("targets") / "targets"
    _private(targets, f"json://anna:{CANARY}-hook@127.0.0.1:9/{CANARY}-path\n")
    account = str(watched.value("select min(account_id) from ad_accounts"))
    commands = {
        f"report --account {account} --period 28d --output r.html --output r --notify @{targets}": 70,
        "publish pages --period 28d": 0,
        "export parquet parquet": 0,
        f"schedule --kind cron check --notify @{targets}": 0,
        f"schedule --run --notify @{targets} sync --quiet": 70,
    }
    broken = {"DATABASE_URL": f"postgresql://anna:{PASSWORD}@127.0.0.1:9/x"}
    ran = [watched.run(*words.split(), settings=broken if "--run" in words else {}) for words in commands]

    assert [one.code for one in ran] == list(commands.values()), [one.err for one in ran]
    assert not [one.err for one in ran if "Traceback" in one.err]
    assert leaks(watched, *(text for one in ran for text in (one.out, one.err))) == []


def _private(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


@pytest.mark.slow
def test_no_secret_gets_out_of_pages_their_exports_or_what_runs_them(watched: Installation) -> None:
    """As an owner installs it: secrets in `.env` and the token file, none of them exported."""
    watched.changes["LINKEDIN_ACCESS_TOKEN"] = None
    secrets = sign_in(watched)
    settings = watched.environment() | {"LINKEDIN_API_URL": None, "LINKEDIN_OAUTH_URL": None}
    ran = watched.run("sync", "--json")
    assert ran.code == 0, ran.err
    installed = watched.folder / ".env"
    installed.write_text("".join(f"{name}={value}\n" for name, value in settings.items() if value is not None))
    try:
        said = [*_pages(watched.folder), *_exports(watched.folder)]
    finally:
        installed.unlink()

    assert leaks(watched, *said, more=secrets) == []


def _pages(folder: Path) -> Iterator[str]:
    """What the pages for others say, each with its app's environment and that of whatever it has started."""
    port = free_port()
    with _started(folder, "workbench", "serve", "--snapshots-only", "--port", str(port)) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Open ").strip()
        with httpx.Client(follow_redirects=True, timeout=120, headers={"accept": "text/html"}) as visitor:
            first = visitor.get(address)
            yield first.text
            base = str(first.url).partition("?")[0].rstrip("/").rpartition("/")[0]  # a path that cannot be guessed
            for page in READER_PAGES:
                answer = visitor.get(f"{base}/{page}/")
                assert answer.status_code == 200
                yield answer.text
        if Path("/proc").is_dir():  # Linux
            environments = [Path(f"/proc/{pid}/environ").read_text() for pid in _family(process.pid)]
            assert "PATH=" in environments[0]
            yield from environments


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _exports(folder: Path) -> Iterator[str]:
    """The page that shows most settings as a file, and every table as the downloads make it."""
    file = folder / "status.html"
    page = str(shipped("notebooks", "status.py"))
    with _started(folder, "marimo", "export", "html", page, "-o", str(file), "--", "--source", "snapshots") as process:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0, out
    yield file.read_text()
    tables = connect("snapshots")
    for (name,) in tables.execute("select table_name from information_schema.tables").fetchall():
        frame = arrow_frame(tables.sql(f"from {name}"))
        yield formatting.csv(frame).decode()
        yield frame.write_ndjson()


@contextmanager
def _started(folder: Path, *command: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**kept, **settings},
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
