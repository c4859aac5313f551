"""Opening a browser: its command line, which every account of the machine may read, holds no secret."""

from __future__ import annotations

import os
import stat
import webbrowser
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from workbench import temporary_folder
from workbench.browser import open_privately

ADDRESS = "https://www.linkedin.com/oauth/v2/authorization?state=CANARY&scope=r_ads%20r_ads_reporting&x=\"'<b>"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What a browser is started with."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    monkeypatch.setattr(temporary_folder, "_made", {})
    said: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: said.append(url) or True)
    return said


class _Places(HTMLParser):
    """Where a page leads by itself, and by a click."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("http-equiv") == "refresh":
            self.found.append((attributes["content"] or "").partition("url=")[2])
        if tag == "a":
            self.found.append(attributes["href"])


def test_a_browser_gets_the_name_of_a_private_page_that_leads_on(opened: list[str]) -> None:
    before = os.umask(0)
    try:
        assert open_privately(ADDRESS)
    finally:
        os.umask(before)
    (shown,) = opened
    page = Path(urlsplit(shown).path)
    places = _Places()
    places.feed(page.read_text("utf-8"))
    assert (urlsplit(shown).scheme, "CANARY" in shown, places.found) == ("file", False, [ADDRESS, ADDRESS])
    assert (stat.S_IMODE(page.stat().st_mode), stat.S_IMODE(page.parent.stat().st_mode)) == (0o600, 0o700)


def test_without_a_private_place_no_browser_is_opened(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.browser.fresh_name", lambda: "")
    assert not open_privately(ADDRESS)
    assert opened == []


def test_nothing_else_opens_a_browser_by_itself() -> None:
    package = Path(temporary_folder.__file__).parent
    assert [file.name for file in package.rglob("*.py") if "webbrowser" in file.read_text("utf-8")] == ["browser.py"]
