"""Names are shown as they are, joined emoji and combining marks included; what steers a terminal is not."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.analytics import formatting
from workbench.console import printable
from workbench.errors import one_line

NAMES = ["👩‍💻 Studio", "Cafe\u0301", "क्‍ष", "می‌خواهم", "❤️", "日本"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_keeps_its_joiners_and_marks(name: str) -> None:
    assert printable(name) == name
    assert one_line(name) == name
    assert name in formatting.csv(pl.DataFrame({"name": [name]})).decode("utf-8-sig")


@pytest.mark.parametrize("shown", [printable, one_line])
@pytest.mark.parametrize("steering", ["\u202e", "\u2066", "\x1b", "\x9b", "\x07", "\r"])
def test_what_steers_is_made_harmless(shown: object, steering: str) -> None:
    assert callable(shown)
    assert steering not in shown(f"a{steering}b")
