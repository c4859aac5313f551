"""The installation's plan: what was agreed to, when a finding is too small, and what each month is to bring.

One TOML file (`WORKBENCH_PLAN`), read by the morning check and by reports:

    [check]
    smallest_money = 25

    [[agreed]]
    rule = "serving_hold"
    account = 512010000
    campaign = 186410000
    reason = "The budget of this flight is spent"
    by = "Ada"
    until = 2026-12-31

    [[month]]
    account = 512010000
    month = "2026-11"
    budget = 45000

    [[month]]
    account = 512010000
    month = "2026-11"
    objective = "LEAD_GENERATION"
    results = 120
    cost_per_result = 150
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.analytics.metrics import objective
from workbench.errors import ConfigurationError
from workbench.settings.env_file import refuse_foreign
from workbench.settings.fields import ReaderSettings

Rule = Literal[
    "spend_drop",
    "spend_spike",
    "no_result",
    "serving_hold",
    "over_day",
    "over_week",
    "stale",
    "incomplete",
    "unreconciled",
    "audience_network",
    "audience_expansion",
    "maximum_delivery",
    "creative_hold",
    "no_end_date",
]
"""What a finding can be: the rules of the morning check, two of the certificate, and those of the audit alone."""

AccountId = Annotated[int, Field(gt=0)]
Money = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Entry):
    """When a finding is too small to be said.

    Attributes:
        smallest_money: findings about less, in the account's currency, are listed as small; those without an amount
            are always said.
        days: complete days to the newest one that must be whole.
    """

    smallest_money: Money = Decimal(0)
    days: int = Field(default=28, ge=1, le=366)


class Agreed(_Entry):
    """A finding that was agreed to, up to a day; of one ad set, or of all of the account."""

    rule: Rule
    account: AccountId
    campaign: AccountId | None = None
    reason: str = Field(min_length=1)
    until: date
    by: str | None = Field(default=None, min_length=1)

    def covers(self, rule: str, account_id: int | None, campaign_id: int | None, today: date) -> bool:
        """Whether a finding of today was agreed to."""
        same = (self.rule, self.account) == (rule, account_id)
        return same and self.campaign in (None, campaign_id) and today <= self.until


class Month(_Entry):
    """What an account is to spend and to reach in a calendar month; money in the account's currency.

    With an objective, all of it concerns the ad sets of that objective only.
    """

    account: AccountId
    month: str = Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")
    budget: Money | None = None
    objective: str | None = None
    results: Money | None = None
    cost_per_result: Money | None = None

    @field_validator("objective")
    @classmethod
    def _one_spelling(cls, name: str | None) -> str | None:
        return objective(name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.objective is None and (self.results is not None or self.cost_per_result is not None):
            raise ValueError("results and cost_per_result need an objective, such as LEAD_GENERATION")
        if self.budget is None and self.objective is None:
            raise ValueError("it needs a budget, or an objective with results or cost_per_result")
        return self


class Plan(_Entry):
    """All of the file."""

    check: Thresholds = Thresholds()
    agreed: tuple[Agreed, ...] = ()
    month: tuple[Month, ...] = ()

    @field_validator("month")
    @classmethod
    def _each_once(cls, months: tuple[Month, ...]) -> tuple[Month, ...]:
        seen = [(one.account, one.month, one.objective) for one in months]
        twice = next((key for key in seen if seen.count(key) > 1), None)
        if twice:
            raise ValueError(f"account {twice[0]} has {twice[1]} twice for {twice[2] or 'its budget'}")
        return months

    def of_month(self, account_ids: Sequence[int], month: str) -> tuple[Month, ...]:
        """What was planned for some accounts in one month."""
        return tuple(one for one in self.month if one.account in account_ids and one.month == month)


def read_plan(settings: ReaderSettings) -> Plan:
    """The plan of the installation; an empty one where no file is there and none was named.

    Raises:
        ConfigurationError: the file cannot be used; says which entry is wrong.
    """
    file = settings.plan_file
    if file is None or (settings.WORKBENCH_PLAN is None and not file.exists()):
        return Plan()
    if file.exists():
        refuse_foreign(file, what="agreements and plans")
    return read_plan_file(file)


def read_plan_file(file: Path) -> Plan:
    """The plan in one file: TOML, or CSV with a line per month.

    Raises:
        ConfigurationError: as for `read_plan`.
    """
    try:
        text = file.read_text("utf-8-sig")
        found = {"month": _lines(text)} if file.suffix.lower() == ".csv" else tomllib.loads(text)
        return Plan.model_validate(found)
    except OSError as error:
        raise _unusable(file, f"It cannot be read: {error.strerror or error}.") from None
    except ValidationError as error:
        raise _unusable(file, "; ".join(map(_said, error.errors(include_input=False, include_url=False)))) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise _unusable(file, f"It is not {'CSV' if isinstance(error, csv.Error) else 'TOML'}: {error}.") from None


def _lines(text: str) -> list[dict[str, Any]]:
    """Lines of a CSV as entries; empty cells are left out."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    return [{name or "a column without a name": value for name, value in row.items() if value} for row in rows]


def _said(problem: Any) -> str:
    """One problem with its place, such as `agreed 2, until: …`; entries are counted from 1."""
    place = ", ".join(f"{part}" for part in problem["loc"] if not isinstance(part, int))
    numbers = [part + 1 for part in problem["loc"] if isinstance(part, int)]
    if numbers:
        first, _, rest = place.partition(", ")
        place = f"{first} {numbers[0]}, {rest}".removesuffix(", ")
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"


def _unusable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The plan {file} cannot be used.",
        why=why,
        next_step="Correct it; the README shows such a file, and WORKBENCH_PLAN names another.",
    )
