"""What another account wrote is not used: questions, plans, targets of messages, passwords, folders for exports."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from workbench.answers.plan import read_plan
from workbench.errors import ConfigurationError, ValidationError
from workbench.files import write_output
from workbench.paths import shipped
from workbench.queries.own_questions import find_own, own_catalogue
from workbench.queries.parquet_export import export_parquet
from workbench.reports.messages import targets_of
from workbench.reports.publish import LISTED, publish
from workbench.settings.fields import ReaderSettings
from workbench.snapshots.parquet_cache import Cache
from workbench.web.own_notebooks import own_notebooks
from workbench.web.security.passwords import private_text

ANOTHER = 54_321
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another account")
STRANGE = {
    "file": "1_2026-11.html",
    **dict.fromkeys(("name", "title", "sentence", "last_day", "snapshot", "data_sha256"), "x"),
}
QUESTION = "-- How many?\n--\n-- Returns: one row\n-- Columns: n (bigint)\nselect cast(1 as bigint) as n\n"


def a_question(file: Path) -> None:
    file.rename(file.with_name("mine.sql"))
    find_own("mine", file.parent)


def a_notebook(file: Path) -> None:
    file.rename(file.with_name("mine.py"))
    _, wrong = own_notebooks(file.parent)
    raise wrong[0]


def a_plan(file: Path) -> None:
    read_plan(ReaderSettings(WORKBENCH_PLAN=file))


def targets(file: Path) -> None:
    targets_of([f"@{file}"], {})


def a_password(file: Path) -> None:
    private_text(file, "password file")


@as_root
@pytest.mark.parametrize("use", [a_question, a_notebook, a_plan, targets, a_password])
def test_a_file_of_another_account_is_not_used(tmp_path: Path, use: Callable[[Path], None]) -> None:
    file = tmp_path / "file"
    file.write_text(QUESTION)
    file.chmod(0o600)
    os.chown(file, ANOTHER, ANOTHER)
    with pytest.raises((ConfigurationError, ValidationError)) as caught:
        use(file)
    assert "another account" in caught.value.why


def test_a_question_that_others_may_write_is_listed_as_unusable(tmp_path: Path) -> None:
    file = tmp_path / "mine.sql"
    file.write_text(QUESTION)
    assert not isinstance(own_catalogue(tmp_path)["mine"], ValidationError)
    tmp_path.chmod(0o777)
    assert isinstance(own_catalogue(tmp_path)["mine"], ValidationError)


def export(folder: Path) -> None:
    export_parquet(shipped("snapshots", "sample"), folder, Cache(folder.parent / "cache"))


def pages(folder: Path) -> None:
    publish([], folder)


@pytest.mark.parametrize("write", [export, pages])
@pytest.mark.parametrize("foreign", [pytest.param(True, marks=as_root), False])
def test_nothing_is_exported_into_a_folder_where_others_may_lay_links(
    tmp_path: Path, foreign: bool, write: Callable[[Path], None]
) -> None:
    kept = tmp_path / "mine" / "old.parquet"
    kept.parent.mkdir()
    kept.touch()
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "campaigns").symlink_to(kept.parent)
    os.chown(folder, ANOTHER if foreign else -1, -1)
    folder.chmod(0o755 if foreign else 0o1777)
    with pytest.raises(ConfigurationError, match="Nothing is written into the folder"):
        write(folder)
    assert kept.exists()


def test_no_other_account_can_lock_an_export(tmp_path: Path) -> None:
    export(tmp_path / "export")
    lock = tmp_path / "export" / ".export.lock"
    assert not lock.exists() or lock.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    ["[1]", '{"a": 1}', "[" * 100_000, '[{"file": "1_2026-11.html"}]', json.dumps([STRANGE]), None],
)
def test_a_list_of_pages_that_is_none_of_ours_counts_as_empty(tmp_path: Path, text: str | None) -> None:
    """None: a pipe, at which reading would wait for ever."""
    (tmp_path / "1_2026-11.html").touch()
    if text is None:
        os.mkfifo(tmp_path / LISTED)
    else:
        (tmp_path / LISTED).write_text(text)
    publish([], tmp_path)
    assert (tmp_path / LISTED).read_text() == "[]"


def test_nothing_is_made_where_an_export_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a folder for an export"):
        export_parquet(shipped("snapshots", "sample"), tmp_path / "a\\b", Cache(tmp_path / "cache"))
    assert not list(tmp_path.glob("a*"))


def test_an_output_replaces_a_link_and_leaves_what_it_leads_to(tmp_path: Path) -> None:
    victim, output = tmp_path / "victim", tmp_path / "answer.csv"
    victim.write_text("kept")
    output.symlink_to(victim)
    write_output(output, b"answer")
    assert (victim.read_text(), output.read_text(), output.stat().st_mode & 0o777) == ("kept", "answer", 0o600)


@as_root
def test_an_output_is_not_written_into_the_pipe_of_another_account(tmp_path: Path) -> None:
    pipe = tmp_path / "report.html"
    os.mkfifo(pipe, 0o666)
    os.chown(pipe, ANOTHER, ANOTHER)
    with os.fdopen(os.open(pipe, os.O_RDWR | os.O_NONBLOCK), "rb") as reading:
        with pytest.raises(PermissionError, match="belongs to another account"):
            write_output(pipe, b"figures")
        assert reading.read() is None


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="a folder of Linux")
def test_an_output_in_shared_memory_is_a_file_like_any_other(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    with TemporaryDirectory(dir="/dev/shm") as folder:
        output = Path(folder, "answer.csv")
        output.symlink_to(victim)
        write_output(output, b"answer")
        assert (victim.read_text(), output.read_text(), output.stat().st_mode & 0o777) == ("kept", "answer", 0o600)


def test_an_output_that_is_a_pipe_is_written_into_it() -> None:
    reading, writing = os.pipe()
    write_output(Path(f"/dev/fd/{writing}"), b"answer")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"answer"
