"""`workbench new`: write a file that works, to begin with."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from workbench.answers.question_list import find_question
from workbench.cli.app import PLAIN
from workbench.console import tell
from workbench.errors import StorageError, ValidationError
from workbench.files import make_private_folder
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(no_args_is_help=True, **PLAIN)

TEMPLATE = """\
-- What did each campaign group spend, week by week?
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


@app.callback()
def new() -> None:
    """Write a file with a question of your own, to begin with.

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
    folder = read_settings(ReaderSettings).question_dir
    file = folder / f"{name}.sql"
    if file.exists():
        raise _not_written(name, f"{file} is there already.")
    if _is_taken(name):
        raise _not_written(name, "The workbench has a question or answer of this name.")
    try:
        make_private_folder(folder)
        file.write_text(TEMPLATE, "utf-8")
    except OSError as error:
        raise StorageError(
            f"The file {file} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Make its folder writable, or set WORKBENCH_QUESTIONS to another.",
        ) from error
    tell(f"Written: {file}", err=False)
    tell(f"Ask it: workbench query {name} --source sample --first-day 2026-10-01 --last-day 2026-10-31", err=False)


def _is_taken(name: str) -> bool:
    try:
        find_question(name)
    except ValidationError:
        return False
    return True


def _not_written(name: str, why: str) -> ValidationError:
    return ValidationError(f"No question {name} was written.", why=why, next_step="Choose another name.")
