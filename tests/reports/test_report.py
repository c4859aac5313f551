"""Reports: figures equal LinkedIn's, the same data have the same hash, files hold what the tables hold."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from sync.installation import Installation, truth

from reports.conftest import EMEA, PLAN
from workbench.analytics.setting_changes import BY_LINKEDIN
from workbench.cli.app import main
from workbench.errors import ValidationError
from workbench.front_door import Workbench
from workbench.queries.api import Queries, default
from workbench.queries.sources import Access
from workbench.reports.files import write_report
from workbench.reports.gather import make_report
from workbench.reports.html import html
from workbench.reports.model import Report
from workbench.reports.next_steps import blocks_of
from workbench.reports.publish import publish
from workbench.reports.scope import Wanted

MONTH = "2026-11"


def table(report: Report, name: str) -> pl.DataFrame:
    return next(one.frame for one in report.tables if one.name == name)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.slow
def test_figures_equal_the_truth_of_the_sandbox(installation: Installation) -> None:
    installation.first_sync()
    first, last = date(2026, 11, 1), installation.today - timedelta(1)
    told = [row for row in truth(installation)["campaign_daily_metrics"] if first <= row["date"] <= last]
    settings = installation.settings()
    queries = Queries(lambda: settings)
    checked = 0
    for account_id in sorted({row["account_id"] for row in told}):
        mine = [row for row in told if row["account_id"] == account_id]
        report = make_report(queries, "snapshots", Wanted((account_id,), period=MONTH), PLAN)
        spend: Counter[int] = Counter()
        for row in mine:
            spend[row["campaign_id"]] += row["cost_in_local_currency"]
        shown = table(report, "ad_sets").filter(pl.col("active_days") > 0)
        assert dict(shown.select("campaign_id", "cost_in_local_currency").iter_rows()) == dict(spend)
        totals = dict(table(report, "totals").select("metric", "value").iter_rows())
        for metric in ("impressions", "clicks", "one_click_leads", "external_website_conversions"):
            assert totals[metric] == sum(row[metric] for row in mine), metric
        assert totals["cost_in_local_currency"] == pytest.approx(float(sum(spend.values())))
        days = table(report, "days").select("date", "cost_in_local_currency").iter_rows()
        assert {day: cost for day, cost in days} == {
            day: sum(row["cost_in_local_currency"] for row in mine if row["date"] == day)
            for day in {row["date"] for row in mine}
        }
        checked += len(mine)
    queries.close()
    assert checked > 100


@pytest.mark.slow
def test_the_database_makes_the_report_of_its_snapshots_and_alone_all_but_the_changes(
    installation: Installation,
) -> None:
    installation.first_sync()
    settings = installation.settings()
    both, alone = Queries(lambda: settings), Queries(lambda: settings, Access(allowed=("database",)))
    known = both.query("accounts", source="database").drop_nulls("last_complete_day")
    asked = Wanted((known["account_id"].item(0),), period=MONTH)
    of_snapshots = make_report(both, "snapshots", asked, PLAN)

    assert make_report(both, "database", asked, PLAN).data_hash == of_snapshots.data_hash
    lonely = make_report(alone, "database", asked, PLAN)
    assert lonely.pin.snapshot == of_snapshots.pin.snapshot
    differ = [one.name for one in of_snapshots.tables if not one.frame.equals(table(lonely, one.name))]
    assert set(differ) <= {"changes"}
    both.close()
    alone.close()


@pytest.mark.slow  # opens the snapshots anew
def test_the_same_snapshot_makes_the_same_data_and_another_makes_other_data(report: Report) -> None:
    with Workbench() as client:  # nothing is remembered
        again = make_report(client._queries, "sample", Wanted((EMEA,)), PLAN)
        earlier = make_report(client._queries, "sample", Wanted((EMEA,), snapshot="20261121T060000Z"), PLAN)

    assert again.data_hash == report.data_hash
    assert earlier.data_hash != report.data_hash
    assert earlier.pin.period.last == date(2026, 11, 20)
    assert table(earlier, "days")["date"].max() <= date(2026, 11, 20)


def test_the_command_that_the_report_names_makes_its_files_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, report: Report
) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text("account,month,budget\n508310000,2026-11,36000\n")
    made = make_report(default, "sample", Wanted((EMEA,), period="28d"), PLAN)
    words = [*made.again[1:], "--plan", str(plan), "--output", str(tmp_path / "folder")]
    code, said, _ = run(capsys, *words)

    about = json.loads((tmp_path / "folder" / "about.json").read_text())
    assert code == 0
    assert about["made_again_by"] == [*made.again, "--plan", str(plan)]
    assert f"SHA-256 of the data: {about['data_sha256']}" in said
    assert (about["first_day"], about["last_day"]) == ("2026-10-25", "2026-11-21")


def test_a_folder_of_csv_says_what_each_file_holds(tmp_path: Path, report: Report) -> None:
    write_report(report, "csv", tmp_path / "report")
    about = json.loads((tmp_path / "report" / "about.json").read_text())

    assert (tmp_path / "report").stat().st_mode & 0o077 == 0
    assert about["snapshot"] == "20261122T060000Z"
    assert set(about["tables"]) >= {"plan", "changes", "objectives", "ad_sets", "totals", "days", "certificate"}
    for facts in about["tables"].values():
        content = (tmp_path / "report" / facts["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"]
        assert pl.read_csv(content, infer_schema=False).shape == (facts["rows"], len(facts["columns"]))


def test_excel_opens_every_sheet_without_a_repair_and_no_cell_is_a_formula(tmp_path: Path, report: Report) -> None:
    write_report(report, "xlsx", tmp_path / "report.xlsx")
    content = (tmp_path / "report.xlsx").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)

    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert book.sheetnames == [one.name for one in report.tables]
    for one in report.tables:
        rows = list(book[one.name].iter_rows())
        assert [cell.value for cell in rows[0]] == one.frame.columns
        assert len(rows) == one.frame.height + 1 + (one.frame.height == 0)  # Excel's tables have a row
        assert not [cell for row in rows for cell in row if cell.data_type in ("f", "e")]
    spend = [
        row[0].value
        for row in book["days"].iter_rows(min_row=2, min_col=_place(report, "days"), max_col=_place(report, "days"))
    ]
    assert spend == pytest.approx([float(cost) for cost in table(report, "days")["cost_in_local_currency"]])


def _place(report: Report, name: str) -> int:
    return table(report, name).columns.index("cost_in_local_currency") + 1


class Seen(HTMLParser):
    """What a page holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        names = ("src", "href", "xlink:href", "action", "data", "srcset")
        self.addresses += [value or "" for name, value in attrs if name in names]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> Seen:
    parser = Seen()
    parser.feed(text)
    return parser


@pytest.mark.slow  # the first chart of a process takes two seconds
def test_the_page_needs_nothing_beside_it(report: Report) -> None:
    made = html(report)
    found = seen(made)

    assert (found.tags["script"], found.tags["b"], found.addresses) == (0, 0, [])
    assert not re.search(r"@import|url\((?!#)", made)
    assert found.tags["svg"] == 3
    ids = re.findall(r'\bid="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    for said in (report.headline, report.data_hash, "Leads <b>first</b>", "Pause & think", "Planned and reached"):
        assert said in found.text.replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")
    assert made == html(report)


@pytest.mark.slow
def test_names_of_a_hostile_account_are_text_on_every_page(installation: Installation, tmp_path: Path) -> None:
    installation.first_sync()
    settings = installation.settings()
    queries = Queries(lambda: settings)
    accounts = queries.query("accounts", source="snapshots").drop_nulls("last_complete_day")["account_id"].to_list()
    reports = [make_report(queries, "snapshots", Wanted((one,), period=MONTH), PLAN) for one in accounts]
    publish(reports, tmp_path / "pages")
    queries.close()

    plain = seen(html(make_report(default, "sample", Wanted((EMEA,)), PLAN))).tags
    for file in (tmp_path / "pages").glob("*.html"):
        found = seen(file.read_text("utf-8"))
        assert set(found.tags) <= {*plain, "a", "br"}, file
        assert all(re.fullmatch(r"[0-9]+_2026-11\.html", address) for address in found.addresses)
    for one in reports:
        write_report(one, "pdf", tmp_path / "report.pdf")
        assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
        write_report(one, "xlsx", tmp_path / "report.xlsx")
        openpyxl.load_workbook(tmp_path / "report.xlsx")


def test_a_url_is_no_folder_to_publish_into(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, said = run(capsys, "publish", "s3://bucket/pages", "--source", "sample")
    assert (code, "It is a URL" in said, list(tmp_path.glob("s3*"))) == (78, True, [])


@pytest.mark.slow
def test_pages_of_earlier_periods_stay_in_the_index_which_names_no_page_that_is_not_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("publish", str(tmp_path / "pages"), "--source", "sample", "--account", str(EMEA), "--period")
    assert run(capsys, *words, "2026-10")[0] == 0
    assert run(capsys, *words, "2026-11")[0] == 0
    index = tmp_path / "pages" / "index.html"
    assert seen(index.read_text()).addresses == [f"{EMEA}_2026-11.html", f"{EMEA}_2026-10.html"]
    assert oct(index.stat().st_mode)[-3:] == "644"
    (tmp_path / "pages" / f"{EMEA}_2026-10.html").unlink()
    code, _, said = run(capsys, *words, "2020-01")
    assert (code, "none of these days was fetched whole" in said) == (70, True)
    assert seen(index.read_text()).addresses == [f"{EMEA}_2026-11.html"]


def test_the_plan_is_compared_with_what_was_reached(report: Report) -> None:
    rows = {(row["objective"], row["figure"]): row for row in table(report, "plan").iter_rows(named=True)}
    spent = float(table(report, "days")["cost_in_local_currency"].sum())

    assert rows[None, "Spend"]["reached"] == pytest.approx(spent)
    assert rows[None, "Spend"]["share"] == pytest.approx(spent / 36000)
    assert rows[None, "Spend"]["forecast_low"] > spent
    leads = table(report, "objectives").filter(pl.col("objective") == "LEAD_GENERATION").row(0, named=True)
    assert rows["LEAD_GENERATION", "Leads"]["reached"] == leads["key_result"]
    cost = float(leads["cost_in_local_currency"]) / leads["key_result"]
    assert rows["LEAD_GENERATION", "Cost per result"]["reached"] == pytest.approx(cost)
    other = make_report(default, "sample", Wanted((EMEA,), period="2026-11-03..2026-11-09"), PLAN)
    assert "plan" not in [one.name for one in other.tables]


def test_a_month_is_compared_with_the_same_days_of_the_month_before(report: Report) -> None:
    assert (report.pin.previous and report.pin.previous.first, report.pin.period.first) == (
        date(2026, 10, 1),
        date(2026, 11, 1),
    )
    assert report.pin.previous
    assert report.pin.previous.last == date(2026, 10, 21)
    october = make_report(default, "sample", Wanted((EMEA,), period="2026-10"), PLAN)
    assert october.pin.previous
    assert october.pin.previous.last == date(2026, 9, 30)
    first = make_report(default, "sample", Wanted((EMEA,), period="2026-09"), PLAN)
    assert first.pin.previous is None  # August is not known whole
    assert "not known whole" in " ".join(text for section in first.sections for text in section.sentences)
    assert "more than" not in first.headline
    assert "less than" not in first.headline


def test_settings_that_changed_are_listed_with_who_changed_them(report: Report) -> None:
    rows = table(report, "changes")

    assert rows.height > 0
    assert [who == "LinkedIn" for who in rows["who"]] == [field in BY_LINKEDIN for field in rows["field"]]


def test_what_cannot_be_reported_on_is_said() -> None:
    with pytest.raises(ValidationError, match="together"):
        make_report(default, "sample", Wanted((EMEA, 508310041)), PLAN)
    with pytest.raises(ValidationError, match="Account 1 cannot"):
        make_report(default, "sample", Wanted((1,)), PLAN)
    with pytest.raises(ValidationError, match="no finished snapshot"):
        make_report(default, "sample", Wanted((EMEA,), snapshot="20200101T000000Z"), PLAN)
    with pytest.raises(ValidationError, match="not a period"):
        make_report(default, "sample", Wanted((EMEA,), period="soon"), PLAN)


def test_days_that_are_not_known_are_never_nothing() -> None:
    august = make_report(default, "sample", Wanted((EMEA,), period="2026-08"), PLAN)
    first = default.query("accounts", source="sample", account_ids=[EMEA])["first_day"].item()
    assert august.headline.endswith(f"{first.day - 1} days of these are not known, and not in these figures.")
    with pytest.raises(ValidationError, match="nothing to report on 1–31 Jan 2020"):
        make_report(default, "sample", Wanted((EMEA,), period="2020-01"), PLAN)


def test_wrong_words_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = run(capsys, "report", "--source", "sample", "--account", str(EMEA), "--output", "report.docx")
    assert (code, "ends in none of" in said) == (2, True)
    code, _, said = run(capsys, "report", "--source", "sample")
    assert (code, "Name one with --account" in said) == (2, True)


def test_two_accounts_of_one_currency_are_one_client() -> None:
    both = make_report(default, "sample", Wanted((EMEA, 508310123), name="Northwind"), PLAN)
    assert both.headline.startswith("Northwind spent €")
    assert both.again[2:6] == ("--account", str(EMEA), "--account", "508310123")
    assert Decimal(str(table(both, "days")["cost_in_local_currency"].sum())) > 0


def test_free_text_keeps_headings_paragraphs_and_lists() -> None:
    found = blocks_of("# Next **month**\n\nWe will\nspend more.\n- [one](http://x)\n* two\n3. three\n\x1b[31mred\n")

    assert [(one.kind, one.text) for one in found] == [
        ("heading", "Next month"),
        ("paragraph", "We will spend more."),
        ("item", "[one](http://x)"),
        ("item", "two"),
        ("item", "three"),
        ("paragraph", "\N{REPLACEMENT CHARACTER}[31mred"),
    ]
