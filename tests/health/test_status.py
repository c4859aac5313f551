"""What `gather` and `workbench status` say, and what they leave alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import folders
import pytest
import typer
from pydantic import SecretStr
from sqlalchemy import URL
from sync.installation import Installation

from workbench.cli.commands import status
from workbench.database import embedded, migrations, schema_version
from workbench.database.connection import Database
from workbench.database.heartbeat import SILENCE
from workbench.database.reader_role import ensure_reader
from workbench.diagnostics.doctor import data
from workbench.diagnostics.doctor.attention import attention, line
from workbench.diagnostics.status import (
    Coverage,
    DatabaseFacts,
    DiskFacts,
    Health,
    SignInFacts,
    SnapshotFacts,
    StepFacts,
    SyncFacts,
    Trouble,
    Unusable,
    gather,
)
from workbench.diagnostics.status.coverage import covered, holes
from workbench.diagnostics.status.facts import DatabaseState
from workbench.diagnostics.status.text import brief, coverage_source, described
from workbench.linkedin.api_versions import Countdown, countdown
from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.pipeline.api import load
from workbench.pipeline.progress import Progress
from workbench.schema.resources import CORE_DAYS
from workbench.schema.tables import metadata
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def settings_of(folder: Path, **changes: object) -> Settings:
    facts: dict[str, object] = {"WORKBENCH_HOME": folder / "home", "SNAPSHOT_DIR": folder / "snapshots"}
    return Settings.model_validate({name: str(value) for name, value in (facts | changes).items()})


def health_of(installation: Installation, **changes: object) -> Health:
    return gather(settings=installation.settings(**changes), now=installation.now())


def files_in(folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file()
    )


# --- nothing is set up ------------------------------------------------------------------------------------------------


def test_where_nothing_is_set_up_every_part_says_so_and_nothing_is_made(tmp_path: Path) -> None:
    health = gather(settings=settings_of(tmp_path), now=NOW)

    assert health.sign_in == SignInFacts("none", tmp_path / "home" / "token.json")
    assert health.database is not None
    assert (health.database.state, health.database.schema_version, health.database.tables) == ("missing", None, ())
    assert (health.syncs, health.coverage, health.coverage_from) == ((), (), None)
    assert health.snapshots is not None
    assert (health.snapshots.count, health.snapshots.size_bytes) == (0, 0)
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_the_command_exits_0_where_nothing_is_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SNAPSHOT_DIR", str(tmp_path / "snapshots"))

    status.run(verbose=True, check=False, as_json=False)
    said = capsys.readouterr().out
    assert "none: set LINKEDIN_CLIENT_ID" in said
    assert "embedded, not made yet" in said

    status.run(verbose=False, check=False, as_json=False)
    said = capsys.readouterr().out
    assert "sign-in      none" in said
    assert [line.rpartition(". ")[2] for line in said.splitlines() if line.startswith("! ")] == [
        "Run `workbench auth login`.",
        "Run `workbench sync`.",
    ]


def test_settings_that_cannot_be_used_are_named_and_nothing_else_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://anna:geheim@db/ads")

    with pytest.raises(typer.Exit) as ended:
        status.run(verbose=False, check=False, as_json=True)

    assert ended.value.exit_code == 1
    said = json.loads(capsys.readouterr().out)
    assert said["settings"] == {
        "what": "DATABASE_URL cannot be used.",
        "why": "It is not the URL of a PostgreSQL database.",
        "next_step": "Write it as postgresql://HOST:5432/DATABASE, with USER:PASSWORD@ before the host.",
    }
    assert {said[part] for part in ("home", "sign_in", "database", "snapshots")} == {None}


def test_a_database_out_of_reach_costs_its_own_part_only(tmp_path: Path) -> None:
    health = gather(settings=settings_of(tmp_path, DATABASE_URL="postgresql://anna:geheim@127.0.0.1:1/ads"), now=NOW)

    assert health.database is not None
    assert health.database.trouble is not None
    assert (health.database.state, health.database.label) == ("unreachable", "127.0.0.1/ads")
    assert "geheim" not in described(health) + json.dumps(health.as_dict())
    assert health.snapshots is not None


def test_an_empty_database_is_not_migrated(tmp_path: Path, empty_database_url: URL) -> None:
    url = empty_database_url.render_as_string(hide_password=False)

    health = gather(settings=settings_of(tmp_path, DATABASE_URL=url), now=NOW)

    assert health.database is not None
    assert (health.database.state, health.database.head) == ("empty", schema_version.head())
    with Database(empty_database_url).connect() as connection:
        assert connection.execute(
            "select count(*) from pg_tables where schemaname in ('public', 'linkedin_ads')"
        ).fetchone() == (0,)


def test_the_schema_of_a_newer_workbench_is_not_read(tmp_path: Path, database: Database, database_url: URL) -> None:
    with database.connect() as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    health = gather(settings=settings_of(tmp_path, DATABASE_URL=database_url.render_as_string()), now=NOW)

    assert health.database is not None
    assert (health.database.state, health.database.schema_version) == ("newer", "9999")


# --- the sign-in ------------------------------------------------------------------------------------------------------


def store_token(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True)
    TokenFile(path).write(
        Token(
            access_token=SecretStr("access-token-geheim"),
            expires_at=NOW + timedelta(days=41, hours=3),
            refresh_token=SecretStr("refresh-token-geheim"),
            refresh_token_expires_at=NOW + timedelta(days=300),
            scopes=("r_ads", "r_ads_reporting"),
            issued_at=NOW,
            consented_at=NOW,
            client_id="client-1",
        )
    )


def test_days_left_are_told_for_both_tokens_and_no_token_is(tmp_path: Path) -> None:
    store_token(tmp_path / "home" / "token.json")

    health = gather(settings=settings_of(tmp_path), now=NOW)

    assert health.sign_in is not None
    assert (health.sign_in.source, health.sign_in.access_token_days, health.sign_in.refresh_token_days) == (
        "file",
        41,
        300,
    )
    assert "41 days left, until 2027-01-04" in described(health)
    assert "geheim" not in described(health) + json.dumps(health.as_dict())


def test_a_token_file_that_others_may_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "home" / "token.json"
    store_token(file)
    file.chmod(0o644)

    health = gather(settings=settings_of(tmp_path), now=NOW)

    assert health.sign_in is not None
    assert health.sign_in.trouble is not None
    assert health.sign_in.trouble.why == f"Others may read {file} (mode 0644)."


def test_readers_learn_nothing_about_the_sign_in(tmp_path: Path) -> None:
    store_token(tmp_path / "home" / "token.json")

    assert gather(readers=True, settings=settings_of(tmp_path), now=NOW).sign_in is None


# --- the version ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "today", "expected"),
    [
        ("202607", date(2027, 5, 15), Countdown("202607", date(2027, 7, 15), True, 61, "supported")),
        ("202607", date(2027, 5, 16), Countdown("202607", date(2027, 7, 15), True, 60, "ending")),
        ("202607", date(2027, 7, 15), Countdown("202607", date(2027, 7, 15), True, 0, "ending")),
        ("202607", date(2027, 7, 16), Countdown("202607", date(2027, 7, 15), True, 0, "gone")),
        ("202609", date(2026, 11, 22), Countdown("202609", date(2027, 9, 15), False, 297, "supported")),
        ("202401", date(2026, 11, 22), Countdown("202401", date(2025, 1, 15), False, 0, "gone")),
        ("202512", date(2026, 11, 22), Countdown("202512", None, False, None, "unknown")),
        ("209901", date(2026, 11, 22), Countdown("209901", None, False, None, "unknown")),
    ],
)
def test_a_version_is_counted_down_and_warned_of_sixty_days_ahead(
    version: str, today: date, expected: Countdown
) -> None:
    assert countdown(version, today) == expected


def test_the_default_version_is_good_for_sixty_days() -> None:
    default = Settings.model_fields["LINKEDIN_VERSION"].default

    assert countdown(default, datetime.now(UTC).date()).standing == "supported"


# --- data -------------------------------------------------------------------------------------------------------------


def test_a_synced_installation_is_described_whole_and_left_as_it_was(installation: Installation) -> None:
    report = installation.first_sync()
    before = files_in(installation.snapshot_dir)
    counted = metadata.tables.keys() - {"account_loads", "data_origin"}
    rows = {name: installation.value(f"select count(*) from {name}") for name in counted}

    health = health_of(installation)

    assert health.database is not None
    assert health.database.state == "current"
    assert {table.name: (table.rows, table.exact) for table in health.database.tables} == {
        name: (count, True) for name, count in rows.items()
    }
    sync = health.syncs[0]
    assert (sync.sync_id, sync.status, sync.window, sync.api_calls, sync.silent, sync.error) == (
        report.sync_id,
        "done",
        report.window,
        report.api_calls,
        False,
        None,
    )
    assert sync.unfinished_steps == ()
    assert sum(sync.steps.values()) == installation.value("select count(*) from sync_steps")
    assert health.snapshots is not None
    assert (health.snapshots.count, health.snapshots.newest, health.snapshots.size_bytes) == (
        1,
        report.sync_id,
        sum(size for *_, size in before),
    )
    first, last = report.window
    assert {(one.first_day, one.last_day, one.holes) for one in health.coverage if one.resource in CORE_DAYS} == {
        (first, last, ())
    }
    assert files_in(installation.snapshot_dir) == before
    json.dumps(health.as_dict())


def test_above_a_million_rows_an_estimate_is_given_and_called_one(installation: Installation) -> None:
    installation.first_sync()
    with Database(installation.database_url).connect() as connection:
        connection.execute("update pg_class set reltuples = 2500000 where relname = 'creative_daily_metrics'")

    health = health_of(installation)

    assert health.database is not None
    found = {table.name: table for table in health.database.tables}
    assert (found["creative_daily_metrics"].rows, found["creative_daily_metrics"].exact) == (2_500_000, False)
    assert "about 2,500,000 (an estimate)" in described(health)


def test_without_a_database_coverage_is_read_from_the_snapshots(installation: Installation) -> None:
    installation.first_sync()
    loaded = health_of(installation)

    alone = health_of(installation, DATABASE_URL="postgresql://127.0.0.1:1/ads")

    assert alone.coverage_from == "snapshots"
    assert [(one.account_id, one.resource, one.first_day, one.last_day) for one in alone.coverage] == [
        (one.account_id, one.resource, one.first_day, one.last_day) for one in loaded.coverage if one.newest_snapshot
    ]


def test_a_running_sync_is_told_from_one_that_has_gone_silent(installation: Installation) -> None:
    installation.first_sync()
    with Database(installation.database_url).connect() as connection:
        for name, age in (("20261124T000000Z", "1 second"), ("20261123T000000Z", "5 minutes")):
            connection.execute(
                "insert into sync_log (sync_id, trigger, status, started_at, heartbeat_at)"
                " values (%s, 'cli', 'running', now() - interval '1 hour', now() - cast(%s as interval))",
                [name, age],
            )

    health = health_of(installation)

    assert [sync.sync_id for sync in health.running] == ["20261124T000000Z"]
    assert [sync.sync_id for sync in health.interrupted] == ["20261123T000000Z"]
    assert "no sign of life since" in described(health)


@pytest.mark.slow
def test_a_sync_is_silent_after_the_same_time_everywhere(installation: Installation) -> None:
    installation.sync()
    with Database(installation.database_url).connect() as connection:
        for name, early in (("20261124T000000Z", 20), ("20261123T000000Z", -1)):
            connection.execute(
                "insert into sync_log (sync_id, trigger, status, started_at, heartbeat_at)"
                " values (%s, 'cli', 'running', now() - interval '1 hour', now() - %s)",
                [name, SILENCE - timedelta(seconds=early)],
            )

    health = health_of(installation)

    assert [sync.sync_id for sync in health.running] == ["20261124T000000Z"]
    assert [sync.sync_id for sync in health.interrupted] == ["20261123T000000Z"]


def test_what_went_wrong_in_a_sync_is_told_step_by_step(installation: Installation) -> None:
    report = installation.first_sync()
    trouble = {"what": "LinkedIn refused.", "why": "403.", "next": "Ask an admin."}
    with Database(installation.database_url).connect() as connection:
        connection.execute("update sync_log set status = 'partial', error = %s", [json.dumps(trouble)])
        connection.execute(
            "insert into sync_steps (sync_id, account_id, resource, status, fetched, rejected, error)"
            " values (%s, 7, 'campaigns', 'failed', 3, 2, %s)",
            [report.sync_id, json.dumps(trouble)],
        )

    sync = health_of(installation).syncs[0]

    expected = Trouble("LinkedIn refused.", "403.", "Ask an admin.")
    assert sync.error == expected
    assert sync.unfinished_steps == (StepFacts(7, "campaigns", "failed", 3, 2, expected),)


def test_days_that_nothing_covers_are_holes() -> None:
    def day(number: int) -> date:
        return date(2026, 11, number)

    assert holes([(day(1), day(3)), (day(4), day(5)), (day(8), day(9)), (day(20), day(22))]) == (
        (day(6), day(7)),
        (day(10), day(19)),
    )
    assert covered([(5, "campaign_daily_metrics", day(1), day(2), "20261102T120000Z")], {5: "Acme", 6: "Quiet"}) == (
        Coverage(5, "Acme", "campaign_daily_metrics", day(1), day(2), day(1), (), "20261102T120000Z"),
        Coverage(5, "Acme", "creative_daily_metrics", None, None, None, (), None),
        Coverage(6, "Quiet", "campaign_daily_metrics", None, None, None, (), None),
        Coverage(6, "Quiet", "creative_daily_metrics", None, None, None, (), None),
    )


def test_of_windows_with_one_end_the_one_that_the_table_holds_is_shown() -> None:
    long, short = (date(2026, 8, 24), date(2026, 11, 22)), (date(2026, 11, 19), date(2026, 11, 22))
    rows = [
        (5, "audience_demographics", *short, "20261122T060000Z"),
        (5, "audience_demographics", *long, "20261122T070000Z"),
    ]

    shown = covered(rows, {})[0]

    assert (shown.first_day, shown.last_day, shown.newest_snapshot) == (*long, "20261122T070000Z")


@pytest.mark.slow
def test_a_hole_in_the_database_is_found(installation: Installation) -> None:
    installation.sync(
        first_day=installation.today - timedelta(days=40), last_day=installation.today - timedelta(days=30)
    )
    installation.sync(first_day=installation.today - timedelta(days=9), last_day=installation.today, force=True)

    health = health_of(installation)

    missing = (installation.today - timedelta(days=29), installation.today - timedelta(days=10))
    assert {one.holes for one in health.holes} == {(missing,)}
    assert f"missing: {missing[0]} to {missing[1]}" in described(health)


# --- snapshots --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_unfinished_and_damaged_snapshots_are_named_with_the_reason(installation: Installation) -> None:
    for _ in range(3):
        installation.sync(force=True)
    cut, torn, whole = list_snapshots(installation.snapshot_dir).finished
    path, part = next((path, part) for path, part in cut.files() if part.bytes > 100)
    path.write_bytes(path.read_bytes()[:-1])
    (torn.folder / "manifest.json").write_text("{")
    (installation.snapshot_dir / "20270101T000000Z").mkdir()

    facts = health_of(installation).snapshots

    assert facts is not None
    assert (facts.count, facts.newest, facts.unfinished) == (1, whole.name, ("20270101T000000Z",))
    assert facts.unusable[0] == Unusable(
        cut.name, f"{part.path} has {part.bytes - 1:,} bytes where the manifest says {part.bytes:,}."
    )
    assert (facts.unusable[1].name, facts.unusable[1].why.startswith("Its manifest is not valid")) == (torn.name, True)


@pytest.mark.slow
def test_snapshots_that_the_database_does_not_have_are_named_with_the_command(installation: Installation) -> None:
    first = installation.first_sync()
    second = installation.sync(force=True)
    installation.query("with gone as (delete from sync_log returning 1) select count(*) from gone")

    health = health_of(installation)

    assert health.snapshots is not None
    assert health.snapshots.unloaded == (first.sync_id, second.sync_id)
    sentence = f"2 snapshots on disk are not in the database ({first.sync_id} to {second.sync_id})"
    assert f"{sentence}: run `workbench load --all`." in described(health)
    assert f"{sentence}. Run `workbench load --all`." in map(line, attention(health))
    assert any(sentence in finding.what for finding in data.unloaded(health))
    load([first.snapshot, second.snapshot], settings=installation.settings())
    known = health_of(installation).snapshots
    assert known is not None
    assert known.unloaded == ()


@pytest.mark.slow
def test_a_new_database_beside_snapshots_is_offered_them(installation: Installation, empty_database_url: URL) -> None:
    report = installation.first_sync()
    new = empty_database_url.render_as_string(hide_password=False)
    reported: list[Progress] = []

    before = health_of(installation, DATABASE_URL=new)
    synced = installation.sync(settings={"DATABASE_URL": new}, on_progress=reported.append)

    assert before.snapshots is not None
    assert before.snapshots.unloaded == (report.sync_id,)
    offer = f"1 snapshot on disk is not in the database ({report.sync_id}): run `workbench load --all`."
    assert synced.notes == (offer,)
    assert [progress.note for progress in reported if progress.step == "notice"] == [offer]


# --- what needs attention ---------------------------------------------------------------------------------------------


def well(**changes: object) -> Health:
    """The health of an installation that needs nothing."""
    facts: dict[str, object] = {
        "workbench_version": "1",
        "checked_at": NOW,
        "sign_in": SignInFacts("environment", Path("token.json")),
        "linkedin_version": countdown("202607", NOW.date()),
        "database": DatabaseFacts("db/ads", embedded=False, state="current", head="0001", schema_version="0001"),
        "coverage": (complete_until(5, date(2026, 11, 23)),),
        "coverage_from": "database",
        "snapshots": SnapshotFacts(Path("snapshots"), count=1),
        "disks": (DiskFacts(Path("/"), 10**12),),
    }
    return Health(**{**facts, **changes})  # type: ignore[arg-type]


def complete_until(account_id: int, day: date) -> Coverage:
    return Coverage(account_id, "Acme", "campaign_daily_metrics", date(2026, 8, 1), day, day, (), "20261124T060000Z")


def ended(status: str) -> SyncFacts:
    error = Trouble("LinkedIn refused.", "403.", "Ask an admin.")
    return SyncFacts("20261124T060000Z", "cli", status, NOW, NOW, NOW, None, 3, False, {}, (), error)


def file_sign_in(days: int) -> SignInFacts:
    end = NOW + timedelta(days=days)
    return SignInFacts("file", Path("token.json"), access_token_expires_at=end, access_token_days=days)


UNREACHABLE = Trouble("The database db/ads cannot be used.", "Connection refused.", "Start it.")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"coverage": (complete_until(5, date(2026, 11, 22)),)}, []),
        ({"coverage": ()}, ["Nothing was synced yet. Run `workbench sync`."]),
        (
            {"coverage": (complete_until(5, date(2026, 11, 21)),)},
            ["Figures are complete only until 2026-11-21, 3 days ago. Run `workbench sync`."],
        ),
        (
            {"coverage": (complete_until(5, date(2026, 11, 23)), complete_until(6, date(2026, 11, 1)))},
            [
                "Figures of account 6 are complete only until 2026-11-01. "
                "Run `workbench sync`; `workbench status -v` shows each account."
            ],
        ),
        (
            {"syncs": (ended("partial"),)},
            ["Sync 20261124T060000Z ended as partial. LinkedIn refused. 403. Ask an admin."],
        ),
        (
            {"sign_in": file_sign_in(5)},
            ["The access token has 5 days left. LinkedIn then needs your consent again. Run `workbench auth login`."],
        ),
        (
            {"linkedin_version": countdown("202601", NOW.date())},
            [
                "Version 202601 has 52 days left, until 2027-01-15. "
                "Update the workbench, or set LINKEDIN_VERSION to a newer version."
            ],
        ),
        (
            {"database": DatabaseFacts("db/ads", False, "unreachable", "0001", trouble=UNREACHABLE)},
            ["The database db/ads cannot be used. Connection refused. Start it."],
        ),
        (
            {"disks": (DiskFacts(Path("/data"), 10**8),)},
            [
                "0.1 GB are free where /data lies. A sync writes a snapshot and a database. "
                "Make room there, or move WORKBENCH_HOME and SNAPSHOT_DIR to a larger disk."
            ],
        ),
    ],
    ids=[
        "well",
        "yesterday's sync",
        "new",
        "stale",
        "one account late",
        "incomplete",
        "token",
        "version",
        "database",
        "disk",
    ],
)
def test_what_needs_attention_is_a_line_each(changes: dict[str, object], expected: list[str]) -> None:
    assert [line(finding) for finding in attention(well(**changes))] == expected


def test_nothing_is_said_twice_in_the_short_text_or_the_long_one() -> None:
    health = well(
        syncs=(ended("partial"), ended("partial")),
        database=DatabaseFacts("db/ads", embedded=False, state="unreachable", head="0001", trouble=UNREACHABLE),
    )
    short = [*brief(health).splitlines(), *map(line, attention(health))]

    for text in ("\n".join(short), described(health)):
        assert text.count("403.") == text.count("Connection refused.") == 1
    assert len(short) < 12


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("current", "holds nothing"),
        ("empty", "is empty"),
        ("missing", "no database yet"),
        ("unreachable", "cannot be read"),
    ],
)
def test_a_database_that_did_not_answer_is_not_said_to_hold_nothing(state: DatabaseState, expected: str) -> None:
    health = well(coverage_from="snapshots", database=DatabaseFacts("db/ads", False, state, "0001"))

    assert coverage_source(health).endswith(expected)


def test_a_status_whose_database_is_out_of_reach_exits_1_and_says_so(installation: Installation) -> None:
    installation.first_sync()

    ran = installation.run("status", settings={"DATABASE_URL": "postgresql://127.0.0.1:1/ads"})

    assert ran.code == 1
    assert "holds nothing" not in ran.out
    assert "127.0.0.1/ads: out of reach" in ran.out


@pytest.mark.slow
def test_the_check_prints_nothing_and_exits_0_where_all_is_well_and_1_with_a_line_each_else(
    installation: Installation,
) -> None:
    installation.first_sync()

    well, ill = (
        installation.run("status", "--check", settings=settings)
        for settings in ({}, {"DATABASE_URL": "postgresql://127.0.0.1:1/ads"})
    )

    assert (ill.code, len(ill.out.splitlines())) == (1, 1)
    assert (well.code, well.out) == (0, "")


# --- the command ------------------------------------------------------------------------------------------------------


def test_json_is_one_object_with_a_fixed_shape(installation: Installation) -> None:
    installation.first_sync()

    ran = installation.run("status", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == [
        "workbench_version",
        "checked_at",
        "settings",
        "home",
        "sign_in",
        "connection",
        "linkedin_version",
        "database",
        "syncs",
        "coverage",
        "coverage_from",
        "snapshots",
        "disks",
        "attention",
        "exit_code",
    ]
    for part, kind in (
        ("sign_in", SignInFacts),
        ("database", DatabaseFacts),
        ("snapshots", SnapshotFacts),
    ):
        assert list(ran.json[part]) == list(kind.__dataclass_fields__)
    assert list(ran.json["syncs"][0]) == list(SyncFacts.__dataclass_fields__)
    assert list(ran.json["disks"][0]) == ["folder", "free_bytes"]
    assert list(ran.json["coverage"][0]) == list(Coverage.__dataclass_fields__)


def test_it_imports_nothing_heavy() -> None:
    heavy = ("polars", "duckdb", "alembic", "httpx", "marimo", "altair", "rich", "sqlalchemy")
    script = f"import sys, workbench.cli.commands.status; print([name for name in {heavy} if name in sys.modules])"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


# --- the embedded database --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stopped_embedded_database_with_data_is_asked_and_readers_see_the_same(tmp_path: Path) -> None:
    place = folders.open_folder("home-")
    settings = settings_of(tmp_path, WORKBENCH_HOME=place)
    home = embedded.default_home(settings.home)
    database = Database.of(settings)
    engine = database.engine()
    try:
        migrations.upgrade(engine)
        engine.dispose()
        ensure_reader(database)
        embedded.stop(home)

        mine, theirs = (gather(readers=readers, settings=settings, now=NOW) for readers in (False, True))
    finally:
        embedded.stop(home)
        shutil.rmtree(place)

    assert mine.database is not None
    assert (mine.database.state, mine.database.label) == ("current", "embedded/linkedin_ads")
    assert theirs.database == mine.database


def test_of_thousands_of_accounts_with_holes_doctor_names_a_few() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 9)
    hole = ((date(2026, 11, 3), date(2026, 11, 4)),)
    many = tuple(
        Coverage(number, None, resource, first, last, last, hole, "20261110T060000Z")
        for number in range(1, 2001)
        for resource in CORE_DAYS
    )
    found = list(data.coverage(Health("1", datetime(2026, 11, 10, tzinfo=UTC), coverage=many)))
    assert len(found) == 2 * 10 + 1
    assert found[-1].what == "There are more accounts with days missing: 1,990."
