"""What Chromium makes of it: pages work behind the guard, and pages of other origins get nothing."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from browsers import MILLISECONDS, complaints, patient
from editors import Editor
from guarded_servers import FIGURE, GuardedApp, PagesServer, until
from playwright.sync_api import Browser, BrowserContext, Page

from workbench.web.security import Password, PasswordLogin

pytestmark = pytest.mark.browser

# Everything a page can try against another origin; each answers with what it could read.
ATTEMPTS = """async ({http, ws, figure}) => {
  const outcome = {}
  const attempt = async (name, job) => {
    try { outcome[name] = await job() } catch (error) { outcome[name] = 'refused' }
  }
  const text = (options) => fetch(http, options).then((answer) => answer.text()).then((body) =>
    body.includes(figure) ? 'READ' : body === '' ? 'nothing' : 'other text')
  await attempt('fetch', () => text({}))
  await attempt('fetch with cookies', () => text({credentials: 'include'}))
  await attempt('opaque fetch', () => text({credentials: 'include', mode: 'no-cors'}))
  await attempt('post', () => text({credentials: 'include', method: 'POST', mode: 'no-cors', body: 'x'}))
  await attempt('websocket', () => new Promise((done, failed) => {
    const socket = new WebSocket(ws)
    socket.onopen = () => done('OPEN')
    socket.onerror = () => failed()
  }))
  await attempt('frame', () => new Promise((done) => {
    const frame = document.createElement('iframe')
    frame.onload = () => done(frame.contentDocument === null ? 'cross-origin' : 'READABLE')
    frame.src = http
    document.body.append(frame)
  }))
  await attempt('script', () => new Promise((done, failed) => {
    const script = document.createElement('script')
    script.onload = () => done('LOADED')
    script.onerror = failed
    script.src = http + 'assets/app-1a2b.js'
    document.body.append(script)
  }))
  return outcome
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = patient(browser.new_context(viewport={"width": 1300, "height": 1000}))
    yield context
    context.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[int]:
    """Another server of this machine; the port it listens on."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title><p>another page</p>")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_page_works_behind_the_guard_without_a_complaint(context: BrowserContext, pages: PagesServer) -> None:
    page = context.new_page()
    said, hosts = complaints(page), set[str]()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if "//" in request.url else None)

    page.goto(pages.address())
    page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)
    page.get_by_text("Spend 3702").wait_for(timeout=MILLISECONDS)
    page.get_by_role("row").nth(3).wait_for(timeout=MILLISECONDS)
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("Spend 4936").wait_for(timeout=MILLISECONDS)

    assert page.url == f"{pages.origin}/overview/"
    assert page.get_by_text("arguments={}").is_visible()
    assert page.evaluate("document.cookie") == ""
    assert (said, hosts) == ([], {f"127.0.0.1:{pages.port}"})


def test_turning_a_page_loads_no_script_again(context: BrowserContext, pages: PagesServer) -> None:
    page = context.new_page()
    page.goto(pages.address())
    page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)
    first = _transferred(page)
    page.goto(f"{pages.origin}/campaigns/")
    page.get_by_text("Spend 3702").wait_for(timeout=MILLISECONDS)
    second = _transferred(page)

    assert any(first.values())
    assert {url: octets for url, octets in second.items() if octets and url in first} == {}
    assert first.keys() & second.keys() != set()


def _transferred(page: Page) -> dict[str, int]:
    """The scripts of a page, and how many bytes of each came over the wire."""
    entries = "performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('.js'))"
    return dict(page.evaluate(f"{entries}.map(entry => [entry.name, entry.transferSize])"))


def test_markup_from_outside_runs_nothing(context: BrowserContext, pages: PagesServer) -> None:
    page = context.new_page()
    said = complaints(page)
    page.goto(pages.address())
    page.goto(f"{pages.origin}/campaigns/")
    page.get_by_text("hostile").wait_for(timeout=MILLISECONDS)
    page.get_by_text("Spend 3702").wait_for(timeout=MILLISECONDS)

    assert page.title() == "Campaigns"
    assert any("inline event handler violates" in line for line in said)


def test_a_failed_cell_shows_no_detail(context: BrowserContext, pages: PagesServer) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(pages.address())
    page.goto(f"{pages.origin}/status/")
    page.get_by_text("An internal error occurred").first.wait_for(timeout=MILLISECONDS)

    assert not any(word in line for line in (page.content(), *said) for word in ("hunter2", "Traceback"))


def test_a_link_on_another_site_opens_the_page_without_the_token_in_its_address(
    context: BrowserContext, guarded: GuardedApp, elsewhere: int
) -> None:
    page = context.new_page()
    page.goto(f"http://localhost:{elsewhere}/")
    page.evaluate("url => { location = url }", guarded.login.address(guarded.origin))
    page.get_by_text(FIGURE).wait_for()
    assert page.url == f"{guarded.origin}/"

    page.goto(f"http://localhost:{elsewhere}/")
    page.evaluate("url => { location = url }", f"{guarded.origin}/")
    page.get_by_text(FIGURE).wait_for()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_page_of_another_origin_gets_nothing(
    context: BrowserContext, guarded: GuardedApp, elsewhere: int, name: str, signed_in: bool
) -> None:
    """On 127.0.0.1 the other page is of the same site, so the browser sends our cookie along: the Origin decides."""
    page = context.new_page()
    if signed_in:
        page.goto(guarded.login.address(guarded.origin))
        assert FIGURE in page.content()
    page.goto(f"http://{name}:{elsewhere}/")

    target = {"http": f"{guarded.origin}/", "ws": f"ws://127.0.0.1:{guarded.port}/ws", "figure": FIGURE}
    outcome = page.evaluate(ATTEMPTS, target)

    assert outcome == {
        "fetch": "refused",
        "fetch with cookies": "refused",
        "opaque fetch": "refused",
        "post": "refused",
        "websocket": "refused",
        "frame": "cross-origin",
        "script": "refused",
    }
    assert not any(FIGURE in frame.content() for frame in page.frames)


def test_the_same_attempts_succeed_on_our_own_page(context: BrowserContext, guarded: GuardedApp) -> None:
    """Else the test above could pass by mistake."""
    page = context.new_page()
    page.goto(guarded.login.address(guarded.origin))

    target = {"http": f"{guarded.origin}/", "ws": f"ws://127.0.0.1:{guarded.port}/ws", "figure": FIGURE}
    outcome = page.evaluate(ATTEMPTS, target)

    expected = {"fetch": "READ", "fetch with cookies": "READ", "websocket": "OPEN", "script": "LOADED"}
    assert {name: outcome[name] for name in expected} == expected


def test_notebooks_refuse_a_page_of_another_origin_too(
    context: BrowserContext, pages: PagesServer, elsewhere: int
) -> None:
    page = context.new_page()
    page.goto(pages.address())
    page.get_by_text("Spend 3702").wait_for(timeout=MILLISECONDS)
    page.goto(f"http://127.0.0.1:{elsewhere}/")

    ws = f"ws://127.0.0.1:{pages.port}/overview/ws?session_id=s_a1b2c3"
    outcome = page.evaluate(ATTEMPTS, {"http": f"{pages.origin}/overview/", "ws": ws, "figure": "marimo"})

    assert {outcome[name] for name in outcome} == {"refused", "cross-origin"}
    assert not any("marimo" in frame.content() for frame in page.frames)


def test_the_editor_runs_cells_behind_the_guard_and_no_other_page_reaches_it(
    context: BrowserContext, editor: Editor, elsewhere: int
) -> None:
    page = context.new_page()
    said = complaints(page)
    page.goto(editor.address)
    page.goto(f"{editor.base}/?file=overview.py")
    page.get_by_text("SECRET-IN-THE-CODE").wait_for(timeout=MILLISECONDS)
    until(lambda: _ran_a_cell(page), seconds=60)
    assert [line for line in said if "Security Policy" in line] == []

    page.goto(f"http://127.0.0.1:{elsewhere}/")
    ws = f"{editor.base.replace('http', 'ws')}/ws?session_id=s_a1b2c3&file=overview.py"
    outcome = page.evaluate(ATTEMPTS, {"http": f"{editor.base}/", "ws": ws, "figure": "marimo"})

    assert {outcome[name] for name in outcome} == {"refused", "cross-origin"}


def _ran_a_cell(page: Page) -> bool:
    """Whether the page's title shows, which the first cell makes; a click counts as soon as there is a kernel."""
    page.get_by_test_id("run-button").first.dispatch_event("click")
    page.wait_for_timeout(500)
    return page.get_by_role("heading", name="Overview").is_visible()


def test_a_person_signs_in_with_the_password(context: BrowserContext) -> None:
    with GuardedApp(lambda addresses: PasswordLogin(Password("correct horse"), addresses)) as guarded:
        page = context.new_page()
        said = complaints(page)
        page.goto(f"{guarded.origin}/?weeks=3")
        page.get_by_label("Password").fill("wrong horse")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("That is not the password.").wait_for()
        page.get_by_label("Password").fill("correct horse")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text(FIGURE).wait_for()

        assert page.url == f"{guarded.origin}/?weeks=3"
        assert not any("Security Policy" in line for line in said)
