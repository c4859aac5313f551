"""Every report without a browser: the same figures as the questions give, as text and as an exported page; an argument
that names nothing is refused."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from installations import CHECKOUT, run_page, settings_of, synced
from sync.installation import Installation

from workbench import query
from workbench.analytics import formatting
from workbench.analytics.periods import period
from workbench.database import embedded

REPORTS = ("overview", "campaigns", "creatives", "audiences", "snapshots")
ARGUMENTS = ("--period", "28d", "--by", "MEMBER_SENIORITY")


@pytest.fixture(scope="module")
def synced_installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with synced(server, tmp_path_factory.mktemp("headless")) as installation:
        installation.sandbox.advance(1)
        assert installation.sync(force=True).exit_code == 0
        yield installation


@pytest.fixture
def installation(synced_installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name, value in settings_of(synced_installation).items():
        monkeypatch.setenv(name, value)
    return synced_installation


def _account(source: Any) -> dict[str, Any]:
    """The account with most money."""
    spend = query("kpis_by_account", source=source, **_days(source, None))
    busiest = spend.filter(period="current").sort("cost_in_local_currency", descending=True)["account_id"][0]
    return query("accounts", source=source).filter(account_id=busiest).row(0, named=True)


def _days(source: Any, accounts: tuple[int, ...] | None) -> dict[str, Any]:
    known = query("accounts", source=source)
    mine = known if accounts is None else known.filter(pl.col("account_id").is_in(accounts))
    until: Any = mine["last_complete_day"].max()
    now = period("28d", until=until)
    return {
        "account_ids": accounts,
        "first_day": now.first,
        "last_day": now.last,
        "previous_first_day": now.previous.first,
        "previous_last_day": now.previous.last,
    }


def figures(report: str, source: Any, account: dict[str, Any]) -> set[str]:
    """What the questions of a report answer for 28 days of one account, as people read it."""
    mine = (account["account_id"],)
    if report == "snapshots":
        return set(query("snapshots", source="snapshots")["snapshot"])
    if report == "audiences":
        rows = query("demographics", source=source, account_ids=mine, pivot="MEMBER_SENIORITY")
        total = rows["impressions"].sum()
        return {formatting.percent(count / total, 1) for count in rows["impressions"]}
    question = {"overview": "kpis", "campaigns": "campaigns", "creatives": "creatives"}[report]
    rows = query(question, source=source, **_days(source, mine)).filter(period="current")
    shown = ("cost_in_local_currency", "impressions")
    return {formatting.metric(name, value, account["currency"]) for name in shown for value in rows[name]}


@pytest.mark.slow
@pytest.mark.parametrize("source", [pytest.param("database", marks=pytest.mark.sweep), "snapshots"])
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_prints_what_its_questions_answer(report: str, source: str, installation: Installation) -> None:
    account = _account(source)
    arguments = (*ARGUMENTS, "--account", str(account["account_id"]), "--source", source)

    ran = run_page(report, *arguments, settings=settings_of(installation), folder=installation.folder)

    expected = figures(report, source, account)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert expected
    assert {figure for figure in expected if figure not in ran.stdout} == set()


@pytest.mark.sweep
@pytest.mark.parametrize("report", REPORTS)
def test_an_exported_report_takes_the_same_arguments_and_shows_the_same(
    report: str, installation: Installation, tmp_path: Path
) -> None:
    account = _account("snapshots")
    file = tmp_path / "report.html"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "marimo", "export", "html", str(CHECKOUT / "notebooks" / f"{report}.py")]
    choices = ["--", *ARGUMENTS, "--account", str(account["account_id"]), "--source", "snapshots"]

    subprocess.run(
        [*command, "--no-include-code", "-o", str(file), *choices],
        env={**kept, "PYTHONPATH": str(CHECKOUT), **settings_of(installation)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )

    text = html.unescape(_unescaped(html.unescape(_unescaped(file.read_text("utf-8")))))
    shown = figures(report, "snapshots", account)
    first_page = shown if report in ("overview", "snapshots", "audiences") else {max(shown, key=len)}
    assert {figure for figure in first_page if figure.removesuffix(" %") not in text} == set()


def _unescaped(text: str) -> str:
    r"""`\u20ac` as `€`."""
    return re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "arguments", "said"),
    [
        ("overview", ("--period", "28x"), "'28x' is not a period."),
        *(
            (report, (option, word), f"{option} {word} is not on offer.")
            for report, option, word in (
                ("overview", "--source", "oracle"),
                ("overview", "--account", "abc"),
                ("campaigns", "--objective", "FAME"),
            )
        ),
        pytest.param("audiences", ("--by", "SHOE_SIZE"), "--by SHOE_SIZE is not on offer.", marks=pytest.mark.sweep),
        ("creatives", ("--source", "snapshots", "--as-of", "soon"), "--as-of soon is not on offer."),
    ],
)
def test_an_argument_that_names_nothing_is_refused(
    report: str, arguments: tuple[str, ...], said: str, installation: Installation
) -> None:
    ran = run_page(report, *arguments, settings=settings_of(installation), folder=installation.folder)
    assert (ran.returncode != 0, ran.stdout) == (True, "")
    assert ran.stderr.splitlines()[0] == said


@pytest.mark.slow
def test_an_account_without_figures_says_so(installation: Installation) -> None:
    active = set(query("kpis_by_account", **_days("database", None))["account_id"])
    quiet = next(one for one in query("accounts")["account_id"] if one not in active)
    ran = run_page("overview", "--account", str(quiet), settings=settings_of(installation), folder=installation.folder)
    assert (ran.returncode, ran.stdout.startswith("No figures for ")) == (0, True)
    assert str(quiet) in ran.stdout


@pytest.mark.slow
def test_a_page_as_a_script_says_how_it_is_used_and_bears_a_closed_pipe(tmp_path: Path) -> None:
    script = [sys.executable, str(CHECKOUT / "notebooks/overview.py")]
    helped = subprocess.run([*script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        piped = subprocess.run(
            [*script, "--", "--source", "sample"], cwd=tmp_path, stdout=closed, stderr=subprocess.PIPE, check=False
        )

    assert "--period PERIOD      28d, 2026-11, or 2026-11-01..2026-11-15" in helped.stdout
    assert (helped.stderr, piped.returncode, piped.stderr) == ("", 0, b"")
