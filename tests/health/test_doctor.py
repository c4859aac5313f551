"""What `workbench doctor` finds, each finding provoked by its cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL
from sync.installation import Installation

from health.test_status import settings_of
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.reader_role import ensure_reader
from workbench.diagnostics.doctor import Finding, as_dict, examine, files
from workbench.diagnostics.doctor.database import direct
from workbench.diagnostics.doctor.linkedin import skewed
from workbench.diagnostics.doctor.machine import python, unmet
from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.schema.resources import DAILY
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def whole_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not this test's matter, except where it says so."""
    monkeypatch.setattr("workbench.schema.pages.NAMES", ())


def alone(folder: Path, **changes: object) -> Settings:
    """Settings of an installation that reaches no server."""
    return settings_of(folder, **{"LINKEDIN_API_URL": NOWHERE, "LINKEDIN_OAUTH_URL": NOWHERE, **changes})


def found(settings: Settings, check: str, *, now: datetime | None = None) -> list[Finding]:
    clock = {"now": lambda: now} if now else {}
    return [finding for finding in examine(settings=settings, **clock) if finding.check == check]


def level(settings: Settings, check: str, **options: datetime) -> str:
    (finding,) = found(settings, check, **options)
    return finding.level


def of_bench(installation: Installation, check: str, **changes: object) -> list[Finding]:
    return found(installation.settings(**changes), check, now=installation.now())


# --- a healthy installation -------------------------------------------------------------------------------------------


def test_a_synced_installation_has_nothing_but_good_news(installation: Installation) -> None:
    installation.first_sync()
    before = sorted(path for path in installation.folder.rglob("*") if "quotas" not in path.name)

    findings = examine(settings=installation.settings(), now=installation.sandbox.clock.now)

    assert [finding for finding in findings if finding.level != "ok"] == []
    assert {finding.check for finding in findings} == {
        "python",
        "packages",
        "installation",
        "settings",
        "files",
        "home",
        "snapshot folder",
        "logs",
        "disk",
        "sign-in",
        "linkedin version",
        "clock",
        "database",
        "connection",
        "database role",
        "snapshots",
        "syncs",
        "coverage",
    }
    assert sorted(path for path in installation.folder.rglob("*") if "quotas" not in path.name) == before


# --- this machine -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "system", "expected"),
    [
        ((3, 10), "Linux", "problem"),
        ((3, 11), "Linux", "ok"),
        ((3, 14), "Darwin", "ok"),
        ((3, 15), "Linux", "warning"),
        ((3, 12), "Windows", "problem"),
    ],
)
def test_pythons_and_systems_are_judged(version: tuple[int, int], system: str, expected: str) -> None:
    assert python(version, system).level == expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("httpx<1,>=0.28", None),
        ("psycopg[binary]<4,>=3.3", "psycopg is 3.2.9, and must be >=3.3"),
        ("starlette<2,>=1.0", "starlette is 2.0, and must be <2"),
        ("polars<3,>=2.1", "polars is missing"),
        ("duckdb<3,>=2.0", None),
    ],
)
def test_packages_outside_their_range_are_named(requirement: str, expected: str | None) -> None:
    installed = {"httpx": "0.28.1", "psycopg": "3.2.9", "starlette": "2.0", "duckdb": "2.0.0rc1"}

    assert unmet(requirement, installed) == expected


def test_what_was_not_shipped_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.schema.pages.NAMES", ("no_such_page",))

    (finding,) = found(alone(tmp_path), "installation")

    assert (finding.level, finding.why) == ("problem", "Missing: notebooks/no_such_page.py.")


@pytest.mark.parametrize(("free", "expected"), [(10**8, "problem"), (10**9, "warning"), (10**10, "ok")])
def test_a_full_disk_is_seen_coming(tmp_path: Path, free: int, expected: str) -> None:
    assert files.space(tmp_path, free).level == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o644, "warning"), (0o600, "ok")])
def test_secrets_that_others_may_read_are_pointed_out(tmp_path: Path, mode: int, expected: str) -> None:
    file = tmp_path / ".env"
    file.write_text("LINKEDIN_CLIENT_SECRET=geheim\n")
    file.chmod(mode)

    (finding,) = found(alone(tmp_path).model_copy(update={"env_file": file}), "files")

    assert finding.level == expected
    assert (finding.next_step == f"Run `chmod 600 {file}`.") == (expected == "warning")


def test_an_env_file_without_secrets_may_be_read_by_all(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LINKEDIN_CLIENT_SECRET=\nSYNC_DAYS=30\n")

    assert level(alone(tmp_path).model_copy(update={"env_file": file}), "files") == "ok"


@pytest.mark.parametrize(
    ("name", "check"), [("LOG_DIR", "logs"), ("SNAPSHOT_DIR", "snapshot folder"), ("WORKBENCH_HOME", "home")]
)
def test_folders_that_cannot_be_written_are_named(tmp_path: Path, name: str, check: str) -> None:
    (tmp_path / "file").touch()
    settings = alone(tmp_path, DATABASE_URL="postgresql://127.0.0.1:1/x", **{name: tmp_path / "file" / "folder"})

    (finding,) = [finding for finding in found(settings, check) if finding.level != "ok"]

    assert (finding.level, finding.why) == ("problem", f"{tmp_path / 'file'} is a file.")


# --- LinkedIn ---------------------------------------------------------------------------------------------------------


def store(path: Path, **changes: object) -> None:
    now = datetime.now(UTC)
    facts: dict[str, object] = {
        "access_token": SecretStr("access-token-geheim"),
        "expires_at": now + timedelta(days=50),
        "refresh_token": SecretStr("refresh-token-geheim"),
        "refresh_token_expires_at": now + timedelta(days=300),
        "scopes": ("r_ads", "r_ads_reporting"),
        "issued_at": now,
        "consented_at": now,
        "client_id": "client-1",
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    TokenFile(path).write(Token(**(facts | changes)))  # type: ignore[arg-type]


def test_without_a_sign_in_the_way_to_one_is_told(tmp_path: Path) -> None:
    (finding,) = found(alone(tmp_path), "sign-in")

    assert finding == Finding(
        "sign-in",
        "problem",
        "There is no sign-in to LinkedIn.",
        f"There is no {tmp_path / 'home' / 'token.json'}.",
        "Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in .env. Run `workbench auth login`.",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "ok"),
        ({"refresh_token_expires_at": datetime.now(UTC) + timedelta(days=29)}, "warning"),
        ({"refresh_token_expires_at": datetime.now(UTC) - timedelta(days=1)}, "problem"),
        ({"refresh_token": None, "expires_at": datetime.now(UTC) + timedelta(days=6)}, "warning"),
        ({"refresh_token": None, "expires_at": datetime.now(UTC) - timedelta(seconds=1)}, "problem"),
    ],
)
def test_a_sign_in_that_ends_is_told_in_time(tmp_path: Path, changes: dict[str, object], expected: str) -> None:
    settings = alone(tmp_path)
    store(settings.token_file, **changes)

    assert level(settings, "sign-in") == expected


def test_a_token_file_that_others_may_read_is_a_problem(tmp_path: Path) -> None:
    settings = alone(tmp_path)
    store(settings.token_file)
    settings.token_file.chmod(0o640)

    (finding,) = found(settings, "sign-in")

    assert (finding.level, finding.next_step.startswith("Run `chmod 600 ")) == ("problem", True)


def test_scopes_that_reports_need_are_missed(tmp_path: Path) -> None:
    settings = alone(tmp_path)
    store(settings.token_file, scopes=("rw_ads",))

    (finding,) = found(settings, "scopes")

    assert (finding.level, finding.why) == ("problem", "The sign-in lacks r_ads_reporting.")


def test_linkedins_own_word_on_the_token_counts(installation: Installation) -> None:
    app = {
        "LINKEDIN_CLIENT_ID": installation.sandbox.client_id,
        "LINKEDIN_CLIENT_SECRET": installation.sandbox.client_secret,
    }

    assert [one.level for one in of_bench(installation, "introspection", **app)] == ["ok"]
    (made_up,) = of_bench(installation, "introspection", **app, LINKEDIN_ACCESS_TOKEN="made-up")
    assert (made_up.level, made_up.what) == ("problem", "LinkedIn does not accept the access token.")
    assert [one.level for one in of_bench(installation, "introspection", **app, LINKEDIN_OAUTH_URL=NOWHERE)] == [
        "warning"
    ]
    assert of_bench(installation, "introspection") == []


@pytest.mark.parametrize(
    ("version", "today", "expected"),
    [
        ("202607", datetime(2026, 11, 24, tzinfo=UTC), "ok"),
        ("202601", datetime(2026, 11, 24, tzinfo=UTC), "warning"),
        ("202511", datetime(2026, 11, 24, tzinfo=UTC), "problem"),
        ("202512", datetime(2026, 11, 24, tzinfo=UTC), "warning"),
    ],
)
def test_the_end_of_an_api_version_is_seen_coming(tmp_path: Path, version: str, today: datetime, expected: str) -> None:
    assert level(alone(tmp_path, LINKEDIN_VERSION=version), "linkedin version", now=today) == expected


@pytest.mark.parametrize(
    ("skew", "expected", "words"),
    [
        (timedelta(seconds=60), "ok", "agrees with"),
        (timedelta(seconds=-90), "warning", "90 s behind"),
        (timedelta(hours=25), "problem", "25 h ahead of"),
    ],
)
def test_a_wrong_clock_is_judged_by_how_wrong_it_is(skew: timedelta, expected: str, words: str) -> None:
    finding = skewed(skew)

    assert (finding.level, words in finding.what) == (expected, True)


def test_the_clock_is_compared_with_linkedins_answer(installation: Installation) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert level(installation.settings(), "clock", now=tomorrow) == "problem"


def test_offline_says_so(tmp_path: Path) -> None:
    (finding,) = found(alone(tmp_path), "clock")

    assert (finding.level, finding.what) == ("warning", f"{NOWHERE} did not answer, so its clock is unknown.")


# --- the database -----------------------------------------------------------------------------------------------------


def test_a_database_out_of_reach_is_a_problem_and_the_only_one_of_its_kind(tmp_path: Path) -> None:
    settings = alone(tmp_path, DATABASE_URL="postgresql://anna:geheim@127.0.0.1:1/ads")

    findings = examine(settings=settings)

    (finding,) = [finding for finding in findings if "database" in finding.check or finding.check == "connection"]
    assert (finding.level, finding.what) == ("problem", "The database 127.0.0.1/ads cannot be used.")
    assert "geheim" not in json.dumps(as_dict(findings))


def test_an_empty_database_waits_for_a_sync(tmp_path: Path, empty_database_url: URL) -> None:
    settings = alone(tmp_path, DATABASE_URL=empty_database_url.render_as_string())

    (finding,) = found(settings, "database")

    assert (finding.level, finding.next_step) == ("warning", "Run `workbench sync`.")


def test_the_database_of_a_newer_workbench_is_a_problem(tmp_path: Path, database: Database, database_url: URL) -> None:
    with database.connect() as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    assert level(alone(tmp_path, DATABASE_URL=database_url.render_as_string()), "database") == "problem"


def test_a_role_that_can_only_read_cannot_sync(tmp_path: Path, database: Database, database_url: URL) -> None:
    ensure_reader(database)
    url = database_url.set(username=embedded.READER).render_as_string()

    (finding,) = found(alone(tmp_path, DATABASE_URL=url), "database role")

    assert finding.level == "problem"
    assert finding.why.startswith(
        "Its transactions are read-only; it may not create its schema, or tables in it;"
        " it may not create temporary tables; it may not take advisory locks;"
        " it may not write account_loads, ad_accounts, alembic_version, "
    )


@pytest.mark.parametrize(
    ("pids", "expected"),
    [
        ({"announced": 11, "first": 11, "again": 11, "others": 12}, "ok"),
        ({"announced": 77, "first": 11, "again": 11, "others": 12}, "warning"),
        ({"announced": 77, "first": 11, "again": 12, "others": 11}, "problem"),
        ({"announced": 77, "first": 11, "again": 11, "others": 11}, "problem"),
    ],
)
def test_a_pooler_is_known_by_who_answers(pids: dict[str, int], expected: str) -> None:
    assert direct(**pids).level == expected


# --- the data ---------------------------------------------------------------------------------------------------------


def test_a_file_that_was_changed_without_changing_its_size_is_found(installation: Installation) -> None:
    installation.first_sync()
    (snapshot,) = list_snapshots(installation.snapshot_dir).finished
    path, part = next((path, part) for path, part in snapshot.files() if part.bytes > 100)
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)

    (finding,) = of_bench(installation, "snapshots")

    assert (finding.level, finding.what) == ("problem", f"Snapshot {snapshot.name} is damaged.")
    assert finding.why == f"{part.path} was changed: its checksum differs from the manifest's."


def test_a_snapshot_that_was_never_finished_is_pointed_out(installation: Installation) -> None:
    (installation.snapshot_dir / "20261101T000000Z").mkdir(parents=True)

    assert [one.level for one in of_bench(installation, "snapshots")] == ["ok", "warning"]


@pytest.mark.slow
def test_days_that_are_missing_come_with_the_command_that_asks_for_them(installation: Installation) -> None:
    installation.sync(
        first_day=installation.today - timedelta(days=40), last_day=installation.today - timedelta(days=30)
    )
    installation.sync(first_day=installation.today - timedelta(days=9), last_day=installation.today, force=True)

    findings = of_bench(installation, "coverage")

    assert {finding.level for finding in findings} == {"warning"}
    command = findings[0].next_step.partition("`workbench ")[2].partition("`")[0].split()
    assert installation.run(*command).code == 0
    mended = of_bench(installation, "coverage")
    assert len(mended) == len(findings) - len(DAILY)  # every table of days of that account


def test_a_sync_that_ended_badly_is_told_with_its_own_advice(installation: Installation) -> None:
    installation.first_sync()
    trouble = {"what": "LinkedIn refused.", "why": "403.", "next": "Ask an admin."}
    with Database(installation.database_url).connect() as connection:
        connection.execute("update sync_log set status = 'partial', error = %s", [json.dumps(trouble)])

    (finding,) = of_bench(installation, "syncs")

    assert (finding.level, finding.why, finding.next_step) == ("warning", "LinkedIn refused. 403.", "Ask an admin.")


# --- the command ------------------------------------------------------------------------------------------------------


def doctor(settings: dict[str, str], *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "workbench", "doctor", *arguments],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2]), **settings},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_problems_make_exit_code_1_and_json_is_one_object(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": "mysql://x/y", "WORKBENCH_HOME": str(tmp_path / "home")}

    ran = doctor(settings, "--json", cwd=tmp_path)

    said = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, said["exit_code"]) == (1, "", 1)
    assert said["findings"][-1] == {
        "check": "settings",
        "level": "problem",
        "what": "DATABASE_URL cannot be used.",
        "why": "It is not the URL of a PostgreSQL database.",
        "next": "Write it as postgresql://HOST:5432/DATABASE, with USER:PASSWORD@ before the host.",
    }


def test_text_says_what_why_and_next(tmp_path: Path) -> None:
    settings = {"WORKBENCH_HOME": str(tmp_path / "home"), "LINKEDIN_API_URL": NOWHERE}

    ran = doctor(settings, cwd=tmp_path)

    assert (ran.returncode, ran.stderr) == (1, "")
    assert (
        "PROBLEM  sign-in: There is no sign-in to LinkedIn.\n"
        f"         Why: There is no {tmp_path / 'home' / 'token.json'}.\n"
        "         Next: Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in .env. Run `workbench auth login`.\n"
    ) in ran.stdout
