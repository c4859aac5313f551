"""Settings are changed in `.env` and nothing else of it: other lines, comments, order and meaning stay."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from workbench.settings.env_lines import updated, write

VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\x85")).filter(
    lambda text: "${" not in text and text == text.strip()
)


@given(value=VALUES, other=VALUES)
def test_what_is_written_is_read_back(value: str, other: str) -> None:
    text = updated(
        "# mine\nOTHER=1\nPOSTGRES_PASSWORD=old\n", {"POSTGRES_PASSWORD": value, "LINKEDIN_CLIENT_ID": other}
    )

    read = dotenv_values(stream=StringIO(text))
    assert read == {"OTHER": "1", "POSTGRES_PASSWORD": value, "LINKEDIN_CLIENT_ID": other}
    assert text.startswith("# mine\nOTHER=1\nPOSTGRES_PASSWORD=")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=1 # note\n\n# comment\nB=2", "A=x # note\n\n# comment\nB=2\n"),
        ("B='A=1\nA=2'\nA=3\n", "B='A=1\nA=2'\nA=x\n"),
        ("A=1\nB=2\nA=3\n", "A=x\nB=2\n"),
        ("\n\nexport A=1\n", "\n\nA=x\n"),
        ("not a line\nA=1\n", "not a line\nA=x\n"),
        ("B=2", "B=2\nA=x\n"),
    ],
    ids=["note", "several lines", "twice", "export", "no setting", "missing"],
)
def test_every_other_line_stays(before: str, after: str) -> None:
    assert updated(before, {"A": "x"}) == after


def test_a_new_file_begins_with_where_to_look(tmp_path: Path) -> None:
    assert "workbench config --example" in updated("", {"A": "x"}).splitlines()[1]


def test_the_file_is_private_and_a_link_to_it_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "settings", tmp_path / "link"
    real.write_text("A=1\n")
    real.chmod(0o644)
    link.symlink_to(real)

    write(link, "A=2\n")

    assert (link.is_symlink(), real.read_text(), real.stat().st_mode & 0o777) == (True, "A=2\n", 0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write another account's file")
def test_root_leaves_the_file_to_its_owner(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.touch()
    os.chown(file, 54_321, 54_321)

    write(file, "A=1\n")

    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (54_321, 0o600)
