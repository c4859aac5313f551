"""The pieces of the page about snapshots: the list, two of them compared, SQL of one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from workbench.analytics import formatting, snapshot_diff
from workbench.analytics.formatting import text
from workbench.answers.api import found_by_name
from workbench.errors import StorageError, ValidationError, WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.navigation import section
from workbench.pages.components.style import styled
from workbench.pages.components.tables import data_table, small_table, table_view, text_table
from workbench.pages.components.url_params import is_script
from workbench.pages.components.url_widgets import kept_menu
from workbench.paths import shipped
from workbench.queries.api import Source, connect, default, query
from workbench.schema.snapshot_names import day_of
from workbench.snapshots.arrow import frame

SUM_FIGURES = frozenset({"Days", "Before", "After", "Change"})
WEEK_FIGURES = frozenset(snapshot_diff.WEEKS) - {"Days", "Account", "Objective"}
_AMOUNTS = frozenset({"Size", "Took", "Spend", "Before", "After"})
MOST_ROWS = 10_000  # of an answer in SQL
_EVERY_ACCOUNT = "All accounts"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two snapshots, and the accounts they are compared for.

    Attributes:
        before, after: their names; what was known when each was made.
        account_ids: None for every account.
    """

    before: str
    after: str
    account_ids: tuple[int, ...] | None

    def answers(self, *questions: str) -> tuple[pl.DataFrame, ...]:
        """One frame per question of `sql/history`; a failure ends the cell with what, why and what next."""
        try:
            return tuple(self._answer(question) for question in questions)
        except WorkbenchError as error:
            messages.stop(error)

    def _answer(self, question: str) -> pl.DataFrame:
        facts = {"account_ids": self.account_ids, "before": self.before, "after": self.after}
        return query(question, source="snapshots", as_of=None, **facts)


def snapshots() -> pl.DataFrame:
    """Every finished snapshot, newest first; none is no failure."""
    try:
        return query("snapshots", source="snapshots")
    except StorageError as error:
        if error.nothing_synced:
            return pl.DataFrame()
        messages.stop(error)
    except WorkbenchError as error:
        messages.stop(error)


def listed(known: pl.DataFrame) -> mo.ui.dictionary | None:
    """The list as a table with its exports; None if there is no snapshot."""
    if known.is_empty():
        return None
    rows = snapshot_diff.listed(known)
    return table(rows, "snapshots")


def listed_view(table: mo.ui.dictionary | None) -> mo.Html:
    """The list, or that there is nothing yet."""
    if table is None:
        if is_script():
            print("There is no snapshot yet. Run `workbench sync`.")  # noqa: T201  (a script prints)
        return messages.no_snapshot_yet(
            "Every sync leaves one: all that LinkedIn answered, word for word. From two on, this page shows what is "
            "new, which figures LinkedIn corrected afterwards, and which settings were changed.",
            "To make the first one, connect LinkedIn and sync once.",
        )
    return mo.vstack([section("Snapshots", "the newest first"), table_view(table)])


def missing_view(known: pl.DataFrame) -> mo.Html:
    """A box about what the newest snapshot lacks, and why; nothing where it is complete."""
    if known.is_empty() or not known["incomplete_parts"][0]:
        return mo.Html("")
    name = known["snapshot"][0]
    rows = snapshot_diff.incomplete(query("snapshot_parts", source="snapshots", snapshot=name)).to_dicts()
    title = section("Missing from the newest", f"{name}; missing is not zero, the next sync asks again")
    return mo.vstack([title, small_table(list[Mapping[str, Any]](rows))])


def pair(known: pl.DataFrame) -> mo.ui.dictionary:
    """The menus of two snapshots and of the account; the default is the newest, and the newest a week before it."""
    menu = _menu(known)
    second = next((label for label, name in menu.items() if name == _week_before(known)), None)
    return mo.ui.dictionary(
        {
            "before": kept_menu("before", menu, default=second, label="Before"),
            "after": kept_menu("after", menu, label="After"),
            "account": kept_menu("account", _accounts(known), label="Account"),
        }
    )


def _week_before(known: pl.DataFrame) -> str | None:
    """The newest snapshot that is a week older than the newest, or the oldest; None if there is one only."""
    newest, *earlier = known["snapshot"].to_list() or [""]
    old = [name for name in earlier if (day_of(newest) - day_of(name)).days >= 7]
    return next(iter([*old, *earlier[-1:]]), None)


def _menu(known: pl.DataFrame) -> dict[str, str]:
    """The entries of a menu: when a snapshot was made → its name, which is shown too where two share a minute."""
    labels = [(snapshot_diff.label(row), row["snapshot"]) for row in known.iter_rows(named=True)]
    times = Counter(label for label, _ in labels)
    return {label if times[label] == 1 else f"{label} · {name}": name for label, name in labels}


def pair_view(known: pl.DataFrame, pair: mo.ui.dictionary) -> mo.Html | None:
    """The menus as one row; nothing where there is nothing to choose."""
    if known.height < 2:
        return None
    row = mo.hstack(list(pair.elements.values()), justify="start", align="end", gap=1, wrap=True)
    return mo.vstack([section("What changed between two of them"), row])


def compare(known: pl.DataFrame, pair: mo.ui.dictionary) -> Comparison:
    """The two snapshots to compare. With fewer than two, the cell ends with the reason."""
    mo.stop(known.is_empty())
    if known.height < 2:
        why = "There is one snapshot. The next sync makes the second; then this shows what changed between them."
        _print(f"{_list_text(known)}\n\n{why}")
        mo.stop(True, messages.note("Nothing to compare yet.", why, kind="plain"))
    value: dict[str, Any] = dict(pair.value)
    before, after = sorted((value["before"], value["after"]))
    if before == after:
        _print("The same snapshot twice: choose two.")
        mo.stop(True, messages.note("This is the same snapshot twice.", "Choose an earlier one to compare it with."))
    return Comparison(before=before, after=after, account_ids=(value["account"],) if value["account"] else None)


def summary_view(said: str, comparison: Comparison) -> mo.Html:
    """The answer in one sentence."""
    between = f"{comparison.before} → {comparison.after}"
    lead = f'<p style="font-size:17px;margin:4px 0 0">{text(said)}</p>'
    return mo.Html(styled(f'{lead}<div class="wb-period"><span>{text(between)}</span></div>'))


def table(rows: pl.DataFrame, name: str) -> mo.ui.dictionary:
    """Finished rows as a table with its exports."""
    amounts = set() if "Setting" in rows.columns else _AMOUNTS
    return data_table(rows, {column: column for column in rows.columns}, name=name, amounts=amounts)


def weeks(comparison: Comparison) -> pl.DataFrame:
    """Periods that both snapshots know whole and say differently: spend, results and cost per result of each."""
    try:
        facts = {"account_ids": comparison.account_ids, "before": comparison.before, "after": comparison.after}
        found = found_by_name(default, "restatements", "snapshots", None, facts)
        names = dict(query("accounts", source="snapshots").select("account_id", "name").iter_rows())
        return snapshot_diff.restated_weeks(found.frames["restated_weeks"], names)
    except WorkbenchError as error:
        messages.stop(error)


def weeks_view(rows: pl.DataFrame) -> mo.Html:
    """The periods under their heading; nothing where none differs."""
    if rows.is_empty():
        return mo.Html("")
    title = section("Past weeks, then and now", "periods that the earlier snapshot knew whole; late results arrive")
    return mo.vstack([title, small_table(list[Mapping[str, Any]](rows.to_dicts()), numbers=WEEK_FIGURES)])


def part(
    title: str, aside: str, table: mo.ui.dictionary, rows: pl.DataFrame, nothing: str, sums: pl.DataFrame | None = None
) -> mo.Html:
    """One of the three tables under its heading and its sums, or that it is empty."""
    if rows.is_empty():
        return mo.vstack([section(title), messages.note(nothing, kind="plain")])
    small = [] if sums is None else [small_table(list[Mapping[str, Any]](sums.to_dicts()), numbers=SUM_FIGURES)]
    return mo.vstack([section(title, aside), *small, table_view(table)])


def is_edited() -> bool:
    """Whether this notebook is open in the editor, whose user may run any code."""
    return mo.app_meta().mode == "edit"


def sql_source(known: pl.DataFrame) -> Source:
    """The source that SQL is run on: the snapshots, or the sample where there are none."""
    return "sample" if known.is_empty() else "snapshots"


def examples() -> dict[str, str]:
    """The example statements: the question that each answers → its SQL."""
    files = sorted(shipped("sql", "examples").glob("*.sql"))
    texts = [file.read_text(encoding="utf-8").strip() for file in files]
    return {text.partition("\n")[0].removeprefix("--").strip(): text for text in texts}


def ask(connection: duckdb.DuckDBPyConnection, statement: str) -> pl.DataFrame:
    """The first 10,000 rows of the answer to one statement.

    Args:
        connection: from `workbench.connect`, not shared.

    Raises:
        ValidationError: DuckDB refuses it, or it answers nothing; the message is DuckDB's own.
    """
    cursor = connection.cursor()
    try:
        relation = cursor.sql(statement)
        rows = frame(relation.limit(MOST_ROWS)) if relation is not None else None
    except duckdb.Error as error:
        raise _refused(str(error)) from error
    finally:
        cursor.close()
    if rows is None:
        raise _refused("A statement that answers with rows is needed, such as a select.")
    return rows


def example_choice() -> mo.ui.dropdown:
    """The menu of example statements."""
    menu = examples()
    return mo.ui.dropdown(menu, value=next(iter(menu)), label="Begin with", allow_select_none=False, full_width=True)


def sql_answer(statement: str, source: Source) -> mo.ui.dictionary | mo.Html:
    """The answer to a statement as a table with its exports, or the error."""
    connection = connect(source)
    try:
        return table(ask(connection, statement), "answer")  # type: ignore[arg-type]  # DuckDB's
    except WorkbenchError as error:
        return messages.failure(error)
    finally:
        connection.close()  # type: ignore[union-attr]  # DuckDB's, as it is not the database


def sql_view(answer: mo.ui.dictionary | mo.Html) -> mo.Html:
    """The answer or the error, drawn."""
    return table_view(answer) if isinstance(answer, mo.ui.dictionary) else answer


def page_text(known: pl.DataFrame, said: str, comparison: Comparison, tables: Mapping[str, pl.DataFrame]) -> str:
    """The page's figures as text, for a terminal or a mail."""
    parts = [_list_text(known)]
    parts.append(f"{comparison.before} → {comparison.after}: {said}")
    parts += [f"{title}\n{text_table(list[Mapping[str, Any]](rows.to_dicts()))}" for title, rows in tables.items()]
    return "\n\n".join(parts)


def footer(known: pl.DataFrame) -> mo.Html:
    """The footer: the number of snapshots, their size and API version."""
    if known.is_empty():
        return mo.Html("")
    versions = ", ".join(sorted(set(known["linkedin_version"])))
    total = formatting.size(int(known["bytes"].sum()))
    count = "One snapshot" if known.height == 1 else f"{formatting.number(known.height)} snapshots"
    said = (
        f"{count}, {total} compressed · API version {versions}. A snapshot is what "
        "LinkedIn answered, kept as it came. A comparison shows what was known when each was made."
    )
    return mo.Html(styled(f'<footer class="wb-foot">{text(said)}</footer>'))


def _list_text(known: pl.DataFrame) -> str:
    return "Snapshots\n" + text_table(list[Mapping[str, Any]](snapshot_diff.listed(known).to_dicts()))


def _print(said: str) -> None:
    if is_script():
        print(said)  # noqa: T201  (a script prints)


def _accounts(known: pl.DataFrame) -> dict[str, Any]:
    menu: dict[str, Any] = {_EVERY_ACCOUNT: None}
    if known.height:
        rows = query("accounts", source="snapshots").select("account_id", "name").iter_rows()
        menu |= {formatting.account(name, account_id): account_id for account_id, name in rows}
    return menu


def _refused(why: str) -> ValidationError:
    return ValidationError(
        "The statement was not answered.", why=why, next_step="Correct it; `show tables` names what there is."
    )
