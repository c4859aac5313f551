"""A report opened from disk, offline: nothing is asked for, charts are drawn, paper holds all of it."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browsers import complaints

from workbench.reports.files import write_report
from workbench.reports.html import safe
from workbench.reports.model import Report

pytestmark = pytest.mark.browser


def test_a_report_opens_offline_and_prints(browser: Any, report: Report, tmp_path: Path) -> None:
    write_report(report, "html", tmp_path / "report.html")
    context = browser.new_context(offline=True, viewport={"width": 420, "height": 900})
    page = context.new_page()
    said, asked = complaints(page), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())

    assert said == []
    assert asked == [(tmp_path / "report.html").as_uri()]
    charts = page.locator("figure svg")
    assert charts.count() == 3
    for number in range(3):
        box = charts.nth(number).bounding_box()
        assert min(box["width"], box["height"]) > 100
    assert page.locator("h1").inner_text() == unescape(safe(report.title))
    assert page.evaluate("document.documentElement.scrollWidth") <= 420  # a phone scrolls tables, not the page
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert 3 <= printed.count(b"/Type /Page\n") <= 8
    context.close()
