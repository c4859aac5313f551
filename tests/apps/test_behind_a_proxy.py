"""Where others put the report pages: under a path of their own app, and behind their reverse proxy with TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from browsers import MILLISECONDS, chromium, patient
from mounting_app import GREETING, PREFIX
from playwright.sync_api import Page
from reader_servers import PASSWORD, ReaderServer, page_messages, password_file, serving, with_snapshots_alone
from reverse_proxy import ReverseProxy

from workbench.web.app import READER_PAGES

MOUNTING_APP = (str(Path(__file__).with_name("mounting_app.py")),)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with with_snapshots_alone() as folder:
        yield folder


@pytest.fixture(scope="module")
def mounted(folder: Path) -> Iterator[ReaderServer]:
    with serving(folder, program=MOUNTING_APP) as server:
        yield server


@contextmanager
def proxied(folder: Path, *, base_url: str, strip: str = "") -> Iterator[ReverseProxy]:
    """`workbench serve` behind a proxy, started as the README says."""
    with ReverseProxy(folder, strip=strip) as proxy:
        arguments = ["--snapshots-only", "--base-url", base_url, "--password-file", str(password_file(folder))]
        with serving(folder, *arguments, "--origin", proxy.origin, "--trusted-proxies", "127.0.0.1") as server:
            assert server.address == f"{proxy.origin}{base_url}/"
            proxy.target = server.port
            yield proxy


@contextmanager
def a_browser() -> Iterator[Page]:
    with chromium() as browser:
        context = patient(browser.new_context(viewport={"width": 1300, "height": 2000}, ignore_https_errors=True))
        yield context.new_page()


def _through(proxy: ReverseProxy) -> httpx.Client:
    """A browser without a screen that believes any certificate."""
    return httpx.Client(base_url=proxy.origin, verify=False, headers={"accept": "text/html"})  # noqa: S501


def _shows_figures(page: Page) -> None:
    page.locator('[data-cell-name="tiles"]').get_by_text("Spend").first.wait_for(timeout=MILLISECONDS)
    page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)


# --- in another app -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_app_that_mounts_the_pages_keeps_its_own(mounted: ReaderServer) -> None:
    with mounted.client() as client:
        assert client.get("/").text == GREETING
        assert client.get(f"{PREFIX}/overview/").status_code == 403
        assert client.get(f"{PREFIX}/health").json() == {"healthy": True}
        assert client.get(f"{PREFIX}/ready").json()["source"] == "snapshots"


@pytest.mark.slow
@pytest.mark.anyio
async def test_mounted_pages_are_read_only_without_being_told(mounted: ReaderServer) -> None:
    """One source, and on the page about status nothing of the installation."""
    with serving(mounted.folder, program=MOUNTING_APP) as server, server.client() as client:
        client.get(server.address)
        there = {page: client.get(f"{PREFIX}/{page}/").status_code for page in (*READER_PAGES, "start", "sync")}
        output = "\n".join(await page_messages(server, client, f"{PREFIX.lstrip('/')}/status"))

    assert there == {**dict.fromkeys(READER_PAGES, 200), "start": 404, "sync": 404}
    assert "Newest snapshot" in output
    assert [word for word in ("Sign-in", "token.json", str(server.folder), "Database") if word in output] == []


@pytest.mark.browser
def test_mounted_pages_work_in_a_browser_and_end_with_their_app(folder: Path) -> None:
    with serving(folder, program=MOUNTING_APP) as server, a_browser() as page:
        page.goto(server.address)
        page.get_by_role("link", name="Results").click()
        _shows_figures(page)
        page.get_by_role("link", name="Status").click()
        page.get_by_text("Newest snapshot").wait_for(timeout=MILLISECONDS)
        assert page.url.partition("?")[0] == f"{server.origin}{PREFIX}/status/"

        server.process.terminate()  # while the page is open
        said, _ = server.process.communicate(timeout=120)

    assert said == "All of it has ended.\n"


# --- behind a reverse proxy -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("strip", ["", "/ads"], ids=["passes the path on", "strips the path"])
def test_a_proxy_may_pass_the_path_on_or_strip_it(folder: Path, strip: str) -> None:
    with proxied(folder, base_url="/ads", strip=strip) as proxy, _through(proxy) as client:
        form = client.get("/ads/overview/?period=90d")
        entry = {"password": PASSWORD, "next": "/ads/overview/?period=90d"}
        entered = client.post("/ads/login", data=entry, headers={"origin": proxy.origin})
        page = client.get(entered.headers["location"])
        answers = {path: client.get(path).status_code for path in ("/ads/health", "/ads/ready")}

    assert (form.status_code, 'action="/ads/login"' in form.text) == (403, True)
    assert (entered.headers["location"], page.status_code) == ("/ads/overview/?period=90d", 200)
    flags = {flag.partition("=")[0]: flag for flag in entered.headers["set-cookie"].split("; ")[1:]}
    assert flags == {"HttpOnly": "HttpOnly", "Path": "Path=/ads/", "SameSite": "SameSite=strict", "Secure": "Secure"}
    assert answers == {"/ads/health": 200, "/ads/ready": 200}


@pytest.mark.slow
def test_attempts_at_the_password_are_counted_by_visitor(folder: Path) -> None:
    """A trusted proxy says who is who."""
    with proxied(folder, base_url="") as proxy:

        def tries(origin: str, visitor: str) -> int:
            headers = {"origin": proxy.origin, "host": proxy.origin.partition("//")[2], "x-forwarded-for": visitor}
            return httpx.post(
                f"{origin}/login",
                data={"password": "wrong"},
                headers=headers,
                verify=False,  # noqa: S501
            ).status_code

        direct = f"http://127.0.0.1:{proxy.target}"  # from 127.0.0.1, which is believed
        assert [tries(direct, "192.0.2.1") for _ in range(6)] == [403] * 5 + [429]
        assert tries(direct, "192.0.2.2") == 403
        assert [tries(proxy.origin, f"192.0.2.{number}") for number in range(10, 16)] == [403] * 5 + [429]


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [(), ("--trusted-proxies", "192.0.2.1")], ids=["none is", "another is"])
def test_an_untrusted_proxy_cannot_pretend_to_be_another_visitor(folder: Path, trusted: tuple[str, ...]) -> None:
    arguments = ["--snapshots-only", "--password-file", str(password_file(folder)), *trusted]
    with serving(folder, *arguments) as server, server.client() as client:
        tried = [
            client.post("/login", data={"password": "wrong"}, headers={"x-forwarded-for": f"192.0.2.{number}"})
            for number in range(10, 16)
        ]

    assert [answer.status_code for answer in tried] == [403] * 5 + [429]


@pytest.mark.browser
@pytest.mark.parametrize("strip", ["", "/ads"], ids=["passes the path on", "strips the path"])
def test_a_person_reads_the_pages_through_tls(folder: Path, strip: str) -> None:
    with proxied(folder, base_url="/ads", strip=strip) as proxy, a_browser() as page:
        page.goto(f"{proxy.origin}/ads/")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Results").click()
        _shows_figures(page)
        page.get_by_role("link", name="Audience").click()
        page.locator(".wb-foot").first.wait_for(timeout=MILLISECONDS)

        assert page.url.partition("?")[0] == f"{proxy.origin}/ads/audiences/"
        cookies = {cookie["name"][:19]: (cookie["secure"], cookie["httpOnly"]) for cookie in page.context.cookies()}
        assert cookies == {"__Secure-workbench_": (True, True)}
        assert page.evaluate("document.cookie") == ""
