"""How long a page takes to follow a filter: `python tests/benchmarks/filters.py [--size medium] [--days 365]`.

A real browser turns a menu of each report, on the database and on snapshots, then on a database of a million rows of
metrics. It is timed until every cell has run (answered) and until every chart is drawn, with the CPU that the server
took, beside the bare questions: what that page asks anew, asked alone in this process and never remembered. The ratio
is what pages add.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from measured_installation import LinkedIn, libpq, linkedin, measured, measured_installation, show, workbench

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "notebooks")]

import psycopg  # noqa: E402
from browsers import Runs, chromium  # noqa: E402  (found in the folder above)
from installations import Served, served  # noqa: E402  (found in the folder above)
from playwright.sync_api import Page  # noqa: E402

from workbench.analytics.periods import period  # noqa: E402
from workbench.queries import api  # noqa: E402
from workbench.queries.api import Source, query  # noqa: E402
from workbench.queries.sql_files import find  # noqa: E402

TIMEOUT = 120_000
PERIODS = ("Last 90 complete days", "Last 28 complete days", "Last 14 complete days")
PIVOTS = {"Seniority": "MEMBER_SENIORITY", "Industry": "MEMBER_INDUSTRY", "Company": "MEMBER_COMPANY"}
CHOICES = {
    "overview": ("Period", PERIODS),
    "campaigns": ("Period", PERIODS),
    "creatives": ("Period", PERIODS),
    "audiences": ("By", tuple(PIVOTS)),
}
"""By page, the menu that is turned and what is chosen in it."""
ASKED = {
    "overview": "kpis kpis_by_objective daily_series daily_series_by_account campaign_groups campaigns kpis_by_account",
    "campaigns": "campaigns daily_series_by_campaign kpis_by_account",
    "creatives": "creatives kpis_by_account",
    "audiences": "demographics",
}
"""By page, the questions whose answers change with that menu."""
HEAD = ("Page", "Answered", "Drawn", "Slowest", "Server CPU", "Bare", "Answered ÷ bare", "kB")
LARGE = 1_000_000
_APART = 10**12
"""Added to an id, it makes one that LinkedIn has not given."""
_DRAWN = """() => [...document.querySelectorAll("marimo-vega")].every(
    one => one.shadowRoot?.querySelector("canvas, svg"))"""


@dataclass(frozen=True)
class Change:
    """One turn of a menu: seconds until answered and drawn, of the server's CPU, kilobytes of messages."""

    answered: float
    drawn: float
    cpu: float
    kilobytes: float


class Heard(Runs):
    """Also how much was said."""

    bytes = 0

    def _heard(self, frame: str | bytes) -> None:
        self.bytes += len(frame)
        super()._heard(frame)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--size", default="medium", choices=("small", "medium", "large"))
    arguments.add_argument("--days", default=365, type=int)
    options = arguments.parse_args()
    api._REMEMBERED = 0  # what is measured bare is asked each time
    with measured_installation() as place, linkedin(options.size) as sandbox:
        settings = place.installation(sandbox)
        measured(workbench("sync", "--days", str(options.days)), settings, place.folder)
        settings = {name: value for name, value in settings.items() if not name.startswith("LINKEDIN_")}
        os.environ.update(settings)
        title = f"A filter changed, {options.size}, {options.days} days"
        _measure(f"{title}, {_rows(settings):,} rows of metrics", ("database", "snapshots"), settings, place.folder)
        _multiply(settings["DATABASE_URL"], LARGE // _rows(settings) + 1)
        _measure(f"{title}, many times over: {_rows(settings):,} rows", ("database",), settings, place.folder)


def _measure(title: str, sources: tuple[Source, ...], settings: dict[str, str], folder: Path) -> None:
    with served(list(CHOICES), settings=settings, folder=folder) as app, chromium() as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(app.address)
        show(title, HEAD, [_line(page, app, source, report) for source in sources for report in CHOICES])


def _line(page: Page, app: Served, source: Source, report: str) -> tuple[object, ...]:
    changes = _changes(page, app, source, report)
    bare = statistics.median(_bare(source, report, word) for word in CHOICES[report][1])
    answered, drawn, cpu, kilobytes = (
        statistics.median(getattr(change, name) for change in changes)
        for name in ("answered", "drawn", "cpu", "kilobytes")
    )
    slowest = max(change.drawn for change in changes)
    return f"{report}, {source}", answered, drawn, slowest, cpu, bare, answered / bare, round(kilobytes)


def _changes(page: Page, app: Served, source: Source, report: str) -> list[Change]:
    heard = Heard(page)
    page.goto(f"{app.origin}/{report}/?source={source}", timeout=TIMEOUT)
    _until_drawn(page)
    label, words = CHOICES[report]
    return [_change(page, heard, app, label, word) for word in words]


def _change(page: Page, heard: Heard, app: Served, label: str, word: str) -> Change:
    server = LinkedIn("", "", app.process.pid)
    began, before, cpu = time.perf_counter(), heard.bytes, server.cpu()
    with heard.one_more():
        page.get_by_label(label, exact=True).select_option(label=word)
    answered = time.perf_counter() - began
    _until_drawn(page)
    return Change(answered, time.perf_counter() - began, server.cpu() - cpu, (heard.bytes - before) / 1024)


def _until_drawn(page: Page) -> None:
    page.locator(".wb-foot").wait_for(timeout=TIMEOUT)
    page.wait_for_function(_DRAWN, timeout=TIMEOUT)


def _bare(source: Source, report: str, word: str) -> float:
    """Seconds that the questions of one choice take by themselves, the second time they are asked."""
    seconds = 0.0
    for _ in range(2):
        began = time.perf_counter()
        for question in ASKED[report].split():
            query(question, source=source, **_params(source, question, word))
        seconds = time.perf_counter() - began
    return seconds


def _params(source: Source, question: str, word: str) -> dict[str, Any]:
    until = query("accounts", source=source)["last_complete_day"].max()
    assert isinstance(until, date)
    chosen = period(f"{word.split()[1]}d" if word in PERIODS else "7d", until=until)
    facts = {
        "account_ids": None,
        "first_day": chosen.first,
        "last_day": chosen.last,
        "previous_first_day": chosen.previous.first,
        "previous_last_day": chosen.previous.last,
        "pivot": PIVOTS.get(word),
    }
    return {name: value for name, value in facts.items() if name in find(question).params}


_METRICS = ("campaign_daily_metrics", "creative_daily_metrics")


def _rows(settings: dict[str, str]) -> int:
    with psycopg.connect(libpq(settings["DATABASE_URL"])) as connection:
        counts = [connection.execute(f"select count(*) from {table}").fetchone() for table in _METRICS]
        return sum(count[0] for count in counts if count)


def _multiply(url: str, times: int) -> None:
    """As many campaigns and creatives, with as many days, as so many such accounts would have in one."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        for table in ("campaigns", "creatives", *_METRICS):
            found = connection.execute(
                "select column_name from information_schema.columns where table_name = %s and is_generated = 'NEVER'",
                [table],
            )
            names = [name for (name,) in found]
            moved = [f"{n} + {_APART} * time" if n in ("campaign_id", "creative_id") else n for n in names]
            connection.execute(
                f"insert into {table} ({', '.join(names)}) select {', '.join(moved)} "
                f"from {table}, generate_series(1, {times - 1}) as time"
            )
        connection.execute("vacuum analyze")


if __name__ == "__main__":
    main()
