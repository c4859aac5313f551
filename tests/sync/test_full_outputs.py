"""What cannot be said, as a disk is full or a reader has gone, changes nothing about what is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from marks import needs_dev_full, sweep_except
from sqlalchemy import URL

from sync.installation import Installation, differences
from workbench.paths import CHECKOUT, shipped
from workbench.sandbox import Sandbox

pytestmark = needs_dev_full
NOTEBOOK = shipped("notebooks", "sync.py")
GONE = "2> >(exec head -n 1 >/dev/null)"  # a reader that leaves after one line


@pytest.mark.slow
def test_a_sync_whose_disk_is_full_does_its_work_and_says_by_its_code_what_it_lacks(installation: Installation) -> None:
    installation.sandbox.faults.add("MEMBER_SENIORITY", "forbid", times=None)

    assert installation.run("sync", redirect=">/dev/full 2>&1").code == 10

    assert [difference.partition(":")[0] for difference in differences(installation)] == ["audience_demographics"]
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["partial"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "redirect",
    sweep_except(
        ">/dev/full 2>&1",
        ">&- 2>&-",
        GONE,
        of=[">/dev/full", "2>/dev/full", ">/dev/full 2>&1", ">&-", "2>&-", ">&- 2>&-", GONE],
    ),
    ids=str,
)
def test_a_sync_whose_output_cannot_be_written_does_its_work_and_ends_with_its_own_code(
    installation: Installation, redirect: str
) -> None:
    assert installation.run("sync", redirect=redirect).code == 0

    assert differences(installation) == []
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["done"]
    installation.sandbox.faults.add(".", "unauthorized", times=None)
    assert installation.run("sync", "--force", redirect=redirect).code == 77


@pytest.mark.slow
@pytest.mark.parametrize("redirect", sweep_except("2>/dev/full", GONE, of=[">/dev/full", "2>/dev/full", GONE]), ids=str)
def test_the_notebook_as_a_script_whose_output_cannot_be_written_ends_with_the_same_codes(
    database_url: URL, tmp_path: Path, redirect: str
) -> None:
    """Closed streams are not for it: marimo cannot be imported without them."""
    with Sandbox() as sandbox:  # it lives in the time of this machine
        installation = Installation(sandbox, database_url, tmp_path)

        def script(*arguments: str) -> int:
            command = ["/bin/bash", "-c", f'exec "$@" {redirect}', "bash", sys.executable, str(NOTEBOOK), *arguments]
            environment = {**os.environ, **installation.environment()}
            return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120).returncode

        assert script("--days", "3") == 0
        assert installation.value("select count(*) from campaign_daily_metrics") > 0
        sandbox.faults.add(".", "unauthorized", times=None)
        assert script("--days", "3", "--force") == 77


def test_closed_streams_are_held_so_that_no_file_takes_their_place() -> None:
    opened = (
        "import os, sys; from workbench.console import hold_streams; hold_streams(); "
        "sys.exit(os.open('/', os.O_RDONLY) if os.get_inheritable(1) else 1)"
    )
    command = ["/bin/bash", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, opened]

    assert subprocess.run(command, check=False, cwd=CHECKOUT).returncode >= 3


@pytest.mark.slow
def test_an_answer_in_json_that_cannot_be_written_is_a_failure_of_its_own(installation: Installation) -> None:
    ran = installation.run("sync", "--json", redirect=">/dev/full")

    assert ran.code == 70
    assert "The answer could not be written." in ran.err
    assert "Traceback" not in ran.err
    assert differences(installation) == []


@pytest.mark.slow
def test_a_failure_in_json_that_cannot_be_written_stays_that_failure(installation: Installation) -> None:
    installation.sandbox.faults.add("MEMBER_SENIORITY", "forbid", times=None)
    partial = installation.run("sync", "--json", redirect=">/dev/full")
    installation.sandbox.faults.add(".", "unauthorized", times=None)
    signed_out = installation.run("sync", "--json", "--force", redirect=">/dev/full")
    wrong = installation.run("sync", "--json", settings={"LINKEDIN_CONCURRENCY": "abc"}, redirect=">/dev/full")

    assert [partial.code, signed_out.code, wrong.code] == [10, 77, 78]
    assert "LINKEDIN_ACCESS_TOKEN" in signed_out.err
    assert "LINKEDIN_CONCURRENCY" in wrong.err
    for ran in (partial, signed_out, wrong):
        assert "The answer could not be written." in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", sweep_except(["status"], of=[["--help"], ["status"], ["sync", "--help"]]), ids=" ".join
)
def test_a_command_whose_words_find_no_room_says_so(installation: Installation, arguments: list[str]) -> None:
    full, closed = (installation.run(*arguments, redirect=redirect) for redirect in (">/dev/full", ">&-"))

    assert full.code == 70
    assert "The answer could not be written." in full.err
    assert closed.code == 0
    assert "Traceback" not in full.err + closed.err


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_word_that_finds_no_room_is_a_failure_of_its_own_with_and_without_a_buffer(unbuffered: str) -> None:
    said = "from workbench.cli.app import main; main(['--version'])"
    command = ["/bin/bash", "-c", 'exec "$0" -c "$1" >/dev/full', sys.executable, said]

    ran = subprocess.run(
        command, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 70
    assert "The answer could not be written." in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_snapshots_are_all_loaded_though_the_output_cannot_be_written(installation: Installation) -> None:
    installation.first_sync()
    installation.sync(force=True)
    for table in ("campaigns", "coverage", "creative_daily_metrics"):
        installation.query(f"with gone as (delete from {table} returning 1) select count(*) from gone")

    assert installation.run("load", "--all", redirect=">/dev/full 2>&1").code == 0

    assert differences(installation) == []
