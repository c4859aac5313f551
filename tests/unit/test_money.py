"""LinkedIn's decimal strings become exact numbers: whatever passes as money is rounded once, half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from workbench.linkedin.kinds import Money
from workbench.paths import shipped
from workbench.snapshots.views import Views

EXACTLY = Context(prec=100)
AMOUNT = st.from_regex(r"-?[0-9]{1,18}(\.[0-9]{1,40})?([eE]-[0-9]{1,3})?", fullmatch=True, alphabet="-0123456789.eE")
NEARLY_HALF = st.integers(1, 31).map(lambda nines: f"7.0000000014{'9' * (nines - 1)}")


@pytest.fixture(scope="module")
def views() -> Views:
    return Views([])


@given(text=AMOUNT | NEARLY_HALF)
@example(text="-2E-18")
@example(text="0.00000000049999999995")
@example(text="999999999999999999.9999999995")
@example(text="0.0000000005E-0")
@example(text="999999999.9999999994")
@example(text="999999999.9999999995")
@example(text="-1000000000.0000000005")
def test_an_amount_is_rounded_once_from_what_linkedin_wrote(views: Views, text: str) -> None:
    TypeAdapter(Money).validate_python(text)

    row = views.connection.execute("select money($1)", [text]).fetchone()

    assert row == (Decimal(text).quantize(Decimal("1e-9"), ROUND_HALF_UP, EXACTLY),)


def test_the_views_have_one_way_only_to_read_money() -> None:
    for file in shipped("sql", "views").glob("*.sql"):
        assert "decimal(" not in file.read_text("utf-8").lower(), file
