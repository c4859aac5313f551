"""The choice of a campaign or an ad set whose audience the page shows, where a sync asked for some.

So an audience is compared within one objective. The choice stands in the address as `of`: a level and an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting
from workbench.errors import ValidationError
from workbench.pages.components.url_params import asked_once
from workbench.pages.components.url_widgets import kept_menu

_WORDS = {"CAMPAIGN_GROUP": "campaign_group", "CAMPAIGN": "campaign"}
"""By LinkedIn's level, the word of the setting `DEMOGRAPHICS_BY` and of the address."""
_WHOLE = "The whole account"


@dataclass(frozen=True)
class Entity:
    """A campaign (API: campaign group) or an ad set (API: campaign).

    Attributes:
        level: in LinkedIn's name, `CAMPAIGN_GROUP` or `CAMPAIGN`.
        name: None where no listing has it.
        objective: LinkedIn's name of it; None where its ad sets have several, or it is not known.
    """

    level: str
    entity_id: int
    name: str | None
    objective: str | None

    @property
    def kind(self) -> str:
        """What LinkedIn's website calls it."""
        return formatting.term(_WORDS[self.level])

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name or self.entity_id}"

    @property
    def key(self) -> str:
        """It, as the address has it."""
        return f"{_WORDS[self.level]}:{self.entity_id}"


def entities(frame: pl.DataFrame) -> list[Entity]:
    """Campaigns, then ad sets, by objective and name.

    Args:
        frame: `entity_demographics` of one account.
    """
    columns = ("level", "entity_id", "entity_name", "objective_type")
    found = [Entity(*row) for row in frame.select(columns).unique().iter_rows()]
    return sorted(found, key=lambda one: (-len(one.level), one.objective or "", one.name or "", one.entity_id))


def labelled(found: Sequence[Entity]) -> dict[str, Entity | None]:
    """The whole account, then the entities, by what is read of each: its name and objective."""
    options: dict[str, Entity | None] = {_WHOLE: None}
    for one in found:
        said = f"{one.label} · {formatting.objective_words(one.objective)}"
        options[said if said not in options else f"{said} ({one.entity_id})"] = one
    return options


def menu(found: Sequence[Entity]) -> mo.ui.dropdown:
    """The menu of entities; the whole account is the default."""
    options = labelled(found)
    return kept_menu("of", options, label="Audience of", key=_key, searchable=len(options) > 1)


def chosen(menu: mo.ui.dropdown) -> Entity | None:
    """What is chosen; None: the whole account.

    Raises:
        ValidationError: the address names something of which there is no audience.
    """
    wanted = asked_once("of")
    if menu.value is None and wanted and wanted not in map(_key, menu.options.values()):
        raise ValidationError(
            f"There is no audience of {wanted} in this account.",
            why="The last sync did not ask for it, or LinkedIn shows no segment of it.",
            next_step="Take of=… out of the address to see the whole account. The owner can name it in DEMOGRAPHICS_BY"
            " and sync again.",
        )
    value = menu.value
    assert value is None or isinstance(value, Entity)  # noqa: S101  (what the menu offers)
    return value


def with_totals_of_account(totals: pl.DataFrame) -> pl.DataFrame:
    """`entity_demographics_totals` with the names of `demographics_totals`, for what reads these."""
    names = [name for name in totals.columns if name.startswith("entity_") and name != "entity_id"]
    return totals.rename({name: name.replace("entity_", "account_", 1) for name in names})


def _key(value: Any) -> str:
    return value.key if isinstance(value, Entity) else ""
