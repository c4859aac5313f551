"""Whose `.env` is obeyed: that of this user or of root, out of reach of every other account of the machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import ConfigurationError
from workbench.settings.fields import Settings, read_settings

ANOTHER = 54_321
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another account")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of one's own in `/tmp`, where every account may write."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-env-", dir="/tmp")).resolve()
    (folder / "a/b").mkdir(parents=True, mode=0o755)
    yield folder
    shutil.rmtree(folder)


def written(folder: Path) -> Path:
    file = folder / ".env"
    file.write_text("LINKEDIN_API_URL=http://127.0.0.1:6666\nLINKEDIN_CLIENT_SECRET=CANARY\n")
    file.chmod(0o600)
    return file


def refused(start: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(Settings, start=start)
    assert "CANARY" not in str(caught.value)
    return caught.value


def test_a_file_below_ones_own_folder_in_tmp_is_obeyed(place: Path) -> None:
    written(place / "a")
    assert read_settings(Settings, start=place / "a/b").LINKEDIN_API_URL == "http://127.0.0.1:6666"


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757])
def test_a_file_in_a_folder_where_all_may_write_is_refused_by_name(place: Path, mode: int) -> None:
    file = written(place)
    place.chmod(mode)
    error = refused(place / "a/b")
    assert error.what == f"The settings in {file} are not obeyed."
    assert error.why == f"Other accounts may write to {place} (mode {mode:04o})."


def test_a_folder_further_up_where_all_may_exchange_what_is_in_it_is_refused(place: Path) -> None:
    written(place / "a/b")
    place.chmod(0o777)
    assert str(place) in refused(place / "a/b").why
    place.chmod(0o1777)
    assert read_settings(Settings, start=place / "a/b").env_file == place / "a/b/.env"


@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_a_file_that_others_may_write_is_refused(place: Path, mode: int) -> None:
    file = written(place)
    file.chmod(mode)
    assert refused(place).why == f"Other accounts may write to {file} (mode {mode:04o})."


def test_a_group_that_is_not_ones_own_alone_counts_as_others(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(place)
    file.chmod(0o660)
    monkeypatch.setattr("workbench.settings.env_file._is_private_group", lambda group, owner: False)
    assert str(file) in refused(place).why
    monkeypatch.setattr("workbench.settings.env_file._is_private_group", lambda group, owner: True)
    assert read_settings(Settings, start=place).env_file == file


@as_root
@pytest.mark.parametrize("foreign", ["a/b/.env", "a/b", "a"])
def test_what_belongs_to_another_account_is_refused(place: Path, foreign: str) -> None:
    written(place / "a/b")
    os.chown(place / foreign, ANOTHER, ANOTHER)
    error = refused(place / "a/b")
    assert error.why == f"{place / foreign} belongs to another account ({ANOTHER})."
    assert "chown" in error.next_step


@as_root
def test_a_link_is_judged_by_where_it_leads(place: Path) -> None:
    file = written(place / "a")
    (place / "a/b/.env").symlink_to(file)
    assert read_settings(Settings, start=place / "a/b").LINKEDIN_API_URL == "http://127.0.0.1:6666"
    os.chown(file, ANOTHER, ANOTHER)
    assert str(file) in refused(place / "a/b").why


@as_root
def test_an_ordinary_user_obeys_roots_file(place: Path) -> None:
    written(place / "a").chmod(0o644)
    place.chmod(0o755)
    os.seteuid(ANOTHER)
    try:
        assert read_settings(Settings, start=place / "a/b").env_file == place / "a/.env"
    finally:
        os.seteuid(0)
