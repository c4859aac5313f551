"""`workbench new`: write a file that works, to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from workbench.answers.question_list import find_question
from workbench.cli.app import PLAIN
from workbench.console import tell
from workbench.errors import StorageError, ValidationError
from workbench.files import atomic_write, make_private_folder
from workbench.schema.pages import NAMES, OWN_NAME
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(no_args_is_help=True, **PLAIN)

TEMPLATE = """\
-- What did each campaign (API: campaign group) spend, week by week?
--
-- Params:  $account_ids (bigint[], null: every account), $first_day (date), $last_day (date, inclusive)
-- Returns: one row per week, from Monday, and campaign group; oldest week first
-- Columns: week (date), account_id (bigint), currency (text), campaign_group_id (bigint),
--          campaign_group_name (text), clicks (bigint), cost_in_local_currency (numeric, account currency)
select
    cast(date_trunc('week', m.date) as date) as week,
    m.account_id,
    a.currency,
    c.campaign_group_id,
    g.name as campaign_group_name,
    cast(sum(m.clicks) as bigint) as clicks,
    cast(sum(m.cost_in_local_currency) as numeric(38, 18)) as cost_in_local_currency
from campaign_daily_metrics as m
join ad_accounts as a on a.account_id = m.account_id
join campaigns as c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
left join campaign_groups as g on g.account_id = c.account_id and g.campaign_group_id = c.campaign_group_id
where m.date between cast($first_day as date) and cast($last_day as date)
  and (cast($account_ids as bigint[]) is null or m.account_id = any(cast($account_ids as bigint[])))
group by 1, 2, 3, 4, 5
order by 1, 2, 4
"""


NOTEBOOK = """\
# Label: {label}
# Readers: no
import marimo

app = marimo.App(width="medium", app_title="{label}")

with app.setup:
    from datetime import date

    import marimo as mo

    from workbench import query
    from workbench.analytics.metrics import add_ratios
    from workbench.pages.components.navigation import heading, navigation


@app.cell
def top():
    mo.vstack([navigation("{name}"), heading("{label}", "What each objective cost, by currency.")])
    return


@app.cell
def figures():
    frame = query(
        "kpis_by_objective",
        source="sample",  # "database" or "snapshots" for your own figures
        first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31),
    )
    rows = add_ratios(frame).select("currency", "objective_type", "impressions", "cost_in_local_currency", "cpm")
    return (rows,)


@app.cell
def table(rows):
    mo.ui.table(rows)
    return


if __name__ == "__main__":
    app.run()
"""


@app.callback()
def new() -> None:
    """Write a file with a question or a notebook of your own, to begin with.

    Example: workbench new question spend_by_group
    """


@app.command("question")
def new_question(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: small letters, digits and underscores.")],
) -> None:
    """Write a question of your own that works, to be changed; it is asked like those of the workbench.

    Example: workbench new question spend_by_group
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name):
        raise typer.BadParameter("Use small letters, digits and underscores, a letter first.", param_hint="NAME")
    file = read_settings(ReaderSettings).question_dir / f"{name}.sql"
    if file.exists():
        raise _not_written("question", name, f"{file} is there already.")
    if _is_taken(name):
        raise _not_written("question", name, "The workbench has a question or answer of this name.")
    _write(file, TEMPLATE, "WORKBENCH_QUESTIONS")
    tell(f"Ask it: workbench query {name} --source sample --first-day 2026-10-01 --last-day 2026-10-31", err=False)


@app.command("notebook")
def new_notebook(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: small letters and underscores.")],
) -> None:
    """Write a notebook of your own that works, to be changed; it stands beside the pages of the workbench.

    Example: workbench new notebook lead_costs
    """
    if not OWN_NAME.fullmatch(name):
        raise typer.BadParameter("Use small letters and underscores, a letter first.", param_hint="NAME")
    file = read_settings(ReaderSettings).notebook_dir / f"{name}.py"
    if file.exists():
        raise _not_written("notebook", name, f"{file} is there already.")
    if name in NAMES:
        raise _not_written("notebook", name, "The workbench has a page of this name.")
    text = NOTEBOOK.format(name=name, label=name.replace("_", " ").capitalize())
    _write(file, text, "WORKBENCH_NOTEBOOKS")
    tell("Change it: workbench open --edit --own", err=False)
    tell("See it beside the other pages: workbench open", err=False)


def _write(file: Path, text: str, setting: str) -> None:
    try:
        make_private_folder(file.parent)
        with atomic_write(file, locked=False) as written:
            written.write(text.encode())
    except OSError as error:
        raise StorageError(
            f"The file {file} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step=f"Make its folder writable, or set {setting} to another.",
        ) from error
    tell(f"Written: {file}", err=False)


def _is_taken(name: str) -> bool:
    try:
        find_question(name)
    except ValidationError:
        return False
    return True


def _not_written(what: str, name: str, why: str) -> ValidationError:
    return ValidationError(f"No {what} {name} was written.", why=why, next_step="Choose another name.")
