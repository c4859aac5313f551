"""What pages draw: tiles, tables, panels; and that what comes from outside stays text."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from workbench import app_context, charts
from workbench.app_context import Context, serve_as
from workbench.errors import AuthenticationError, StorageError, WorkbenchError
from workbench.pages import (
    failure,
    heading,
    navigation,
    note,
    objectives,
    say,
    small_table,
    text_table,
    tiles,
    tiles_text,
    tiles_view,
)
from workbench.pages.components.page_queries import figure
from workbench.pages.components.tables import _format
from workbench.pages.start import first_steps
from workbench.pages.sync_status import Watch

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WRITERS = {"sync", "start"}
HOSTILE = '<img src=x onerror="alert(1)">**bold** [a](javascript:alert(1)) {{x}} $y$'


def kpis(current: int, previous: int | None) -> pl.DataFrame:
    periods = [("current", current)] + ([("previous", previous)] if previous is not None else [])
    return pl.DataFrame(
        [
            {
                "currency": "EUR",
                "period": name,
                "impressions": 1000 * clicks,
                "clicks": clicks,
                "cost_in_local_currency": Decimal(clicks),
                "one_click_leads": clicks // 2,
            }
            for name, clicks in periods
        ]
    )


def test_tiles_say_the_figure_its_change_and_how_it_was_before() -> None:
    equal = pl.DataFrame({"currency": ["EUR"], "days": [7], "known_days": [7], "previous_one_click_leads": [8.0]})
    assert tiles_text(tiles(kpis(30, 20), "LEAD_GENERATION", equal)) == (
        "EUR\n"
        "  Spend: €30.00 (+50.0 %; before €20.00)\n"
        "  Impressions: 30,000 (+50.0 %; before 20,000)\n"
        "  Clicks: 30 (+50.0 %; before 20)\n"
        "  CTR: 0.10 % (0.0 %; before 0.10 %)\n"
        "  CPC: €1.00 (0.0 %; before €1.00)\n"
        "  CPM: €1.00 (0.0 %; before €1.00)\n"
        "  Leads: 15 (+87.5 %; before 8)\n"
        "  Cost per lead: €2.00 (−20.0 %; before €2.50)"
    )


def test_leads_of_periods_of_different_age_are_neither_compared_nor_coloured() -> None:
    leads, cost = tiles(kpis(30, 20), "LEAD_GENERATION")["EUR"][-2:]
    assert (leads.value, leads.change, leads.previous, leads.good) == ("15", "n/a", "n/a", None)
    assert (cost.value, cost.change, cost.previous, cost.good) == ("€2.00", "n/a", "n/a", None)
    clicks = tiles(kpis(30, 20), "WEBSITE_VISIT")["EUR"][2]
    assert clicks.change == "+50.0 %"


def test_results_beside_the_key_result_are_shown_where_there_are_any() -> None:
    frame = kpis(30, 20).with_columns(qualified_leads=pl.col("clicks") // 10)
    assert "Qualified leads: 3 (+50.0 %; before 2)" in tiles_text(tiles(frame, "LEAD_GENERATION"))
    none = frame.with_columns(qualified_leads=0)
    assert "Qualified" not in tiles_text(tiles(none, "LEAD_GENERATION"))
    assert "Qualified" not in tiles_text(tiles(frame, "WEBSITE_VISIT"))


def test_what_is_not_collected_not_known_and_not_listed_are_three_things() -> None:
    names = ("LEAD_GENERATION", "VIDEO_VIEWS", "SOMETHING_NEW", None)
    frame = pl.concat([kpis(4, 2).with_columns(pl.lit(name, pl.String).alias("objective_type")) for name in names])
    assert [(row["Objective"], row["Key result"], row["Results"]) for row in objectives(frame, "EUR")] == [
        ("Lead generation", "Leads", "2"),
        ("Video views", "Video views", "n/a"),
        ("Something new", "This objective has no key result that we know", "n/a"),
        ("Of ad sets not listed", "These ad sets are not listed, so their objective is unknown", "n/a"),
    ]


def test_a_ratio_without_its_denominator_is_not_available_rather_than_zero() -> None:
    shown = {tile.label: (tile.value, tile.change) for tile in tiles(kpis(0, 0))["EUR"]}
    assert shown["CTR"] == shown["CPC"] == shown["CPM"] == ("n/a", "n/a")


def test_a_dearer_click_is_bad_news_and_more_clicks_are_good() -> None:
    frame = kpis(30, 20).with_columns(pl.Series("clicks", [25, 20]))
    good = {tile.label: tile.good for tile in tiles(frame)["EUR"]}
    assert (good["Clicks"], good["CPC"], good["CTR"], good["Spend"]) == (True, False, False, None)


def test_no_string_from_outside_becomes_markup() -> None:
    frame = kpis(3, 2).with_columns(currency=pl.lit(HOSTILE))
    accounts = pl.DataFrame({"currency": [HOSTILE], "name": [HOSTILE]})
    drawn = [
        note(HOSTILE, HOSTILE, points=[HOSTILE]),
        heading(HOSTILE, HOSTILE),
        failure(WorkbenchError(HOSTILE, why=HOSTILE, next_step=HOSTILE, request_id=HOSTILE)),
        small_table([{HOSTILE: HOSTILE}]),
        tiles_view(tiles(frame), accounts),
        navigation("overview", {"account": HOSTILE}),
    ]
    for panel in drawn:
        assert "<img" not in panel.text
        assert "**bold**" not in panel.text
        assert "](javascript" not in panel.text
        assert "$y$" not in panel.text


@pytest.mark.parametrize("column", ["name", "status", "objective", "entity_id"])
@pytest.mark.parametrize(
    "value", ["data:image/svg+xml;base64,PHN2Zz4=", "DATA:image/png,x", "https://evil.example/x.png", "javascript:x"]
)
def test_an_address_in_a_table_is_nothing_to_load_or_to_click(column: str, value: str) -> None:
    """The shapes that marimo's tables draw as a picture or a link, as it stands in its own script."""
    shown = _format(column, pl.String(), None)(value)
    assert not re.match(r"(data|blob|javascript):", shown, re.IGNORECASE)
    assert "://" not in shown
    assert shown.replace("\u2060", "").lower() == value.lower().replace("_", " ")


def test_other_colons_stay_as_they_are() -> None:
    assert _format("name", pl.String(), None)("Big data:driven, 10:30") == "Big data:driven, 10:30"


def test_a_failure_says_what_why_and_what_next() -> None:
    drawn = failure(WorkbenchError("It broke", why="Too old", next_step="Sync again")).text
    assert [word in drawn for word in ("It broke", "Why</b> Too old", "Next</b> Sync again")] == [True] * 3


def test_nothing_synced_yet_leads_on_instead_of_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_context, "_current", Context(pages=("start", "sync", "overview")))
    drawn = failure(StorageError("Nothing has been synced to the database yet.", nothing_synced=True)).text
    assert [link in drawn for link in ("../start/", "../sync/", "?source=sample")] == [True] * 3


def test_the_navigation_has_the_pages_of_this_app_and_marks_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_context, "_current", Context())
    serve_as(Context(pages=("overview", "status")))
    drawn = navigation("status").text
    assert drawn.count('<a href="../') == 2
    assert '<a href="../status/" aria-current="page">Status</a>' in drawn


def test_a_terminal_gets_aligned_columns() -> None:
    assert text_table([{"A": "1", "Name": "x"}, {"A": "1,000", "Name": "y"}]) == "A      Name\n1      x\n1,000  y"


def test_the_first_steps_say_which_is_next() -> None:
    steps = first_steps(AuthenticationError("Not signed in."), Watch("idle"), synced=False)
    assert [(step.title, step.state) for step in steps] == [
        ("Connect LinkedIn", "required"),
        ("Sync", "blocked"),
        ("Explore", "ready"),
        ("Share", "blocked"),
    ]


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.py")), ids=lambda file: file.stem)
def test_a_notebook_imports_pages_pieces_only_and_fits_in_250_lines(notebook: Path) -> None:
    text = notebook.read_text("utf-8")
    imported = {
        f"{node.module}.{name.name}" if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    readers = {"pages", "charts", "analytics", "cli", "query", "connect", "WorkbenchError"}
    foreign = {
        name for name in imported if name.split(".")[0] not in ("marimo", "polars", "sys", "datetime", "workbench")
    }
    ours = {name.split(".")[1] for name in imported if name.startswith("workbench.")}
    assert (foreign, ours - readers) == (set(), set())
    writing = {"workbench.pages.sync", "workbench.pages.start"}
    assert bool(imported & writing) == (notebook.stem in WRITERS)
    assert len(text.splitlines()) < 250


@pytest.mark.slow
def test_the_pieces_of_report_pages_load_nothing_that_writes_or_signs_in() -> None:
    program = "import sys, workbench.pages; print(*sorted(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=NOTEBOOKS.parent
    )
    forbidden = {
        f"workbench.{name}"
        for name in ("pipeline.api", "pipeline.background", "linkedin.auth.login", "linkedin.auth.oauth")
    }
    assert forbidden & set(ran.stdout.split()) == set()


def test_no_string_from_outside_commands_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[2Jb\r=2\nc"
    said = text_table([{"Ad": name, "Spend": "€1.00"}])
    assert said.splitlines()[1:] == ["a�[2Jb�=2�c  €1.00"]
    say(f"{name}\nnext")
    assert capsys.readouterr().out == "a�[2Jb�=2\nc\nnext\n"


def test_a_chart_as_wide_as_the_screen_folds_its_caption_on_a_phone() -> None:
    shares = {"segment_name": ["a"], "share_of_impressions": [1.0], "share_of_clicks": [1.0]}
    said = ("Share by job function", 'a "name" \u2028 of LinkedIn\'s', "10–22 Nov 2026")
    title = figure(charts.segments(pl.DataFrame(shares)), *said)._chart.to_dict()["title"]["text"]["expr"]
    condition, folded, whole = re.fullmatch(r"(.*) \? (\[.*\]) : (\[.*\])", title).groups()  # type: ignore[union-attr]
    assert json.loads(whole) == [" · ".join(said)]
    assert " ".join(json.loads(folded)).split() == " · ".join(said).split()
    assert all(len(line) <= 36 for line in json.loads(folded))
    width = int(condition.removeprefix("containerSize()[0] < "))
    assert width >= 7 * len(json.loads(whole)[0])


def test_a_chart_of_a_fixed_width_has_its_caption_in_one_line() -> None:
    week = {"creative_id": [1], "name": ["a"], "week": [date(2026, 11, 16)], "impressions": [2_000], "ctr": [0.01]}
    small = figure(charts.creative_weeks(pl.DataFrame(week)), "CTR by week", "10–22 Nov 2026")._chart.to_dict()
    assert small["title"]["text"] == ["CTR by week · 10–22 Nov 2026"]
