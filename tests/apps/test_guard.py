"""The guard in front of a small app, over real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import httpx
import pytest
import websockets
from guarded_servers import FIGURE, INSIDE, GuardedApp, until
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ConfigurationError
from workbench.web.connections import quiet_handler
from workbench.web.security import Addresses, ProxyLogin, TokenLogin
from workbench.web.security.complaints import Complaints
from workbench.web.security.sessions import Sessions, Tokens

PROXIED = "https://reports.example.org"


# --- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_each_name_of_loopback_is_answered_on_our_port(guarded: GuardedApp, host: str) -> None:
    client = guarded.signed_in()

    assert client.get("/", headers={"host": f"{host}:{guarded.port}"}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.example:{port}",
        "127.0.0.1:{port}:80",
        "127.0.0.1:{port}:443",
        "person@127.0.0.1:{port}",
        "[::1]:{port}:80",
        "",
    ],
)
def test_a_name_that_is_not_ours_is_refused_even_with_the_cookie(guarded: GuardedApp, host: str) -> None:
    answer = guarded.signed_in().get("/", headers={"host": host.format(port=guarded.port)})

    assert (answer.status_code, FIGURE in answer.text) == (421, False)


@pytest.mark.parametrize("host", ["10.1.2.3:8780", "[fd00::7]:8780", "pod-7.cluster.local", "Übersicht.example"])
def test_a_probe_may_ask_for_the_health_under_any_host_and_for_nothing_else(guarded: GuardedApp, host: str) -> None:
    headers = {"host": host.encode("latin-1")}
    assert guarded.client().get("/health", headers=headers).status_code == 200
    assert guarded.client().head("/health", headers=headers).status_code == 200
    assert guarded.client().post("/health", headers=headers).status_code == 421
    assert guarded.signed_in().get("/", headers=headers).status_code == 421
    assert guarded.client().get("/health/", headers=headers).status_code == 421
    from_a_page = {**headers, "origin": b"http://" + headers["host"]}
    assert guarded.client().get("/health", headers=from_a_page).status_code == 403
    assert guarded.client().get("/health", headers={**headers, "sec-fetch-site": b"cross-site"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://übersicht.example", "xn--bersicht-55a.example"),
        ("https://ÜBERSICHT.example", "xn--bersicht-55a.example"),
        ("https://straße.example:8443", "xn--strae-oqa.example:8443"),
        ("https://報告.example", "xn--4rrr4g.example"),
        ("https://xn--bersicht-55a.example", "XN--bersicht-55a.example"),
        ("https://under_score.example", "under_score.example"),
    ],
)
def test_a_host_is_known_however_its_letters_are_written(typed: str, sent: str) -> None:
    listed = Addresses.of(typed)
    assert listed.knows_host(sent)
    assert listed.origins == {f"https://{sent.lower()}"}


def test_a_host_that_no_browser_could_write_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Addresses.of("https://" + "ü" * 70 + ".example")


@pytest.mark.slow
@given(st.text(max_size=40))
def test_no_host_is_known_but_the_listed(host: str) -> None:
    listed = Addresses.of("http://127.0.0.1:8080", PROXIED)

    known = {"127.0.0.1:8080", "reports.example.org", "reports.example.org:443"}
    assert listed.knows_host(host) == (host.lower() in known)


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org", "https://", "https://a/b", "https://u:p@a", "http://a:x", "http://a?q"],
)
def test_an_origin_that_is_none_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Addresses.of(url)


def test_origins_are_compared_as_browsers_write_them() -> None:
    assert Addresses.of("https://Reports.Example.org:443", "http://[::1]:80").origins == {PROXIED, "http://[::1]"}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/body"), ("GET", "/")])
def test_a_request_of_another_origin_is_refused(guarded: GuardedApp, method: str, path: str, origin: str) -> None:
    answer = guarded.signed_in().request(method, path, headers={"origin": origin.format(port=guarded.port)})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("reports.example.org", "http://127.0.0.1:{port}"),
        ("reports.example.org", "http://localhost:{port}"),
        ("reports.example.org", "http://[::1]:{port}"),
        ("127.0.0.1:{port}", PROXIED),
        ("127.0.0.1:{port}", "http://localhost:{port}"),
        ("reports.example.org", "http://reports.example.org"),
    ],
)
@pytest.mark.anyio
async def test_an_origin_of_ours_is_not_that_of_every_host_of_ours(host: str, origin: str) -> None:
    """What listens on our port on a reader's own machine is not ours, though it bears one of our names."""
    with GuardedApp(lambda addresses: ProxyLogin(), more_origins=(PROXIED,)) as guarded:
        headers = {"host": host.format(port=guarded.port), "origin": origin.format(port=guarded.port)}
        answers = [guarded.client().request(method, "/body", headers=headers).status_code for method in ("GET", "POST")]
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await _greet(guarded, origin=headers["origin"], host=headers["host"])
        assert guarded.client().post("/body", headers={**headers, "origin": _own(headers["host"])}).status_code == 200
        assert await _greet(guarded, origin=_own(headers["host"]), host=headers["host"]) == "hello"

    assert answers == [403, 403]


def _own(host: str) -> str:
    return PROXIED if PROXIED.endswith(host) else f"http://{host}"


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["host", "origin"])
async def test_of_two_hosts_or_origins_neither_is_believed(guarded: GuardedApp, name: str) -> None:
    """HTTP servers refuse two Hosts themselves; an app that mounts ours may have another server."""
    own = {"host": f"127.0.0.1:{guarded.port}", "origin": guarded.origin}
    headers = [(key.encode(), value.encode()) for key, value in (*own.items(), (name, own[name]))]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b""}

    refusal = guarded.addresses.refusal(scope)

    assert refusal is not None
    assert refusal.status == {"host": 421, "origin": 403}[name]


def test_what_changes_something_must_say_where_it_comes_from(guarded: GuardedApp) -> None:
    client = guarded.signed_in()

    assert client.post("/body", content=b"abc").status_code == 403
    assert client.post("/body", content=b"abc", headers={"origin": guarded.origin}).json() == {"bytes": 3}


@pytest.mark.parametrize(
    ("mode", "destination", "status"),
    [("no-cors", "image", 403), ("cors", "empty", 403), ("navigate", "iframe", 403), ("navigate", "document", 200)],
)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_lead_here_but_take_nothing(
    guarded: GuardedApp, site: str, mode: str, destination: str, status: int
) -> None:
    fetch = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}

    assert guarded.signed_in().get("/", headers=fetch).status_code == status


@pytest.mark.parametrize(
    "path",
    ["/../etc/passwd", "/a/../b", "/%2e%2e/x", "/%252e%252e/x", "/..%2fx", "/..%5cx", "/a%00", "/a%0d%0ab", "/./x"],
)
def test_a_path_that_climbs_or_hides_is_refused(guarded: GuardedApp, path: str) -> None:
    """In an app that has an answer to every path; asked byte for byte, as no browser would."""
    headers = f"Host: 127.0.0.1:{guarded.port}", f"Cookie: {_cookie(guarded.signed_in())}"

    assert FIGURE in guarded.ask("/anything/else", *headers)
    answer = guarded.ask(path, *headers)
    assert (answer.split()[1], "There is no such page." in answer, FIGURE in answer) == ("404", True, False)


# --- WebSockets --------------------------------------------------------------------------------------------------


async def _greet(guarded: GuardedApp, *, origin: str | None, cookie: str = "", host: str | None = None) -> str:
    url = f"ws://{host or f'127.0.0.1:{guarded.port}'}/ws"
    async with websockets.connect(
        url,
        origin=None if origin is None else websockets.Origin(origin),
        additional_headers={"cookie": cookie},
        proxy=None,
        host="127.0.0.1",
        port=guarded.port,
    ) as socket:
        await socket.send("hello")
        return str(await socket.recv())


def _cookie(client: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


@pytest.mark.anyio
async def test_our_page_opens_a_websocket(guarded: GuardedApp) -> None:
    assert await _greet(guarded, origin=guarded.origin, cookie=_cookie(guarded.signed_in())) == "hello"


@pytest.mark.anyio
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
async def test_a_websocket_without_our_origin_is_refused_even_with_the_cookie(
    guarded: GuardedApp, origin: str | None
) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await _greet(guarded, origin=origin, cookie=_cookie(guarded.signed_in()))


@pytest.mark.anyio
async def test_a_websocket_under_another_name_is_refused(guarded: GuardedApp) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await _greet(guarded, origin=guarded.origin, cookie=_cookie(guarded.signed_in()), host="rebound.example")


@pytest.mark.anyio
async def test_a_websocket_without_a_session_is_refused(guarded: GuardedApp) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await _greet(guarded, origin=guarded.origin, cookie=f"{guarded.login.cookie}=invented")


@pytest.mark.anyio
@pytest.mark.parametrize(("message", "code"), [("x" * 1001, 1009), ("fail", 1011)])
async def test_a_websocket_ends_when_a_message_is_too_large_or_fails(
    guarded: GuardedApp, message: str, code: int
) -> None:
    headers = {"cookie": _cookie(guarded.signed_in())}
    url, origin = f"ws://127.0.0.1:{guarded.port}/ws", websockets.Origin(guarded.origin)
    async with websockets.connect(url, origin=origin, additional_headers=headers, proxy=None) as socket:
        await socket.send(message)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "")


# --- the one-time token ------------------------------------------------------------------------------------------


def test_a_token_opens_once_leaves_the_address_and_becomes_a_strict_cookie(guarded: GuardedApp) -> None:
    client = guarded.client()
    address = guarded.login.address(guarded.origin)

    first = client.get(f"{address}&weeks=3")

    assert (first.status_code, first.headers["location"]) == (303, "/?weeks=3")
    name, *flags = first.headers["set-cookie"].split("; ")
    assert (name.split("=")[0], sorted(flags)) == (guarded.login.cookie, ["HttpOnly", "Path=/", "SameSite=strict"])
    assert FIGURE in client.get("/").text


def test_a_used_token_is_refused_elsewhere_and_harmless_where_it_was_used(guarded: GuardedApp) -> None:
    client, other = guarded.client(), guarded.client()
    address = guarded.login.address(guarded.origin)
    client.get(address)

    assert other.get(address).status_code == 403
    again = client.get(address)
    assert (again.status_code, again.headers["location"], "set-cookie" in again.headers) == (303, "/", False)


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=%00", "?token=%ED%A0%80"])
def test_without_the_right_token_nothing_is_shown(guarded: GuardedApp, query: str) -> None:
    guarded.login.address(guarded.origin)

    answer = guarded.client().get(f"/{query}")

    assert (answer.status_code, FIGURE in answer.text, "set-cookie" in answer.headers) == (403, False, False)


def test_a_head_request_does_not_spend_a_token(guarded: GuardedApp) -> None:
    client, address = guarded.client(), guarded.login.address(guarded.origin)

    assert client.head(address).status_code == 403
    assert client.get(address).status_code == 303


def test_a_link_on_another_site_reaches_the_page_by_one_reload(guarded: GuardedApp) -> None:
    """The browser withholds the strict cookie at first, and sends it when our own page reloads itself."""
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    stranger = guarded.client()

    first = stranger.get("/", headers=link)
    assert (first.status_code, 'http-equiv="refresh"' in first.text, FIGURE in first.text) == (200, True, False)
    assert stranger.get("/", headers={**link, "sec-fetch-site": "same-origin"}).status_code == 403


def test_a_cookie_of_our_name_from_a_sibling_host_keeps_no_visitor_out(guarded: GuardedApp) -> None:
    valid, tossed = _cookie(guarded.signed_in()), f"{guarded.login.cookie}=tossed"

    answers = [
        guarded.client().get("/", headers={"cookie": f"{a}; {b}"}) for a, b in ((valid, tossed), (tossed, valid))
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_tokens_and_sessions_end() -> None:
    now = [0.0]
    tokens, sessions = Tokens(life=10, clock=lambda: now[0]), Sessions(idle=10, life=25, clock=lambda: now[0])
    late, value = tokens.issue(), sessions.start()

    now[0] = 9
    assert sessions.alive(value)
    now[0] = 18
    assert sessions.alive(value)  # it was used in between
    assert not tokens.spend(late)
    now[0] = 26
    assert not sessions.alive(value)  # over for good, however busy

    idle = sessions.start()
    now[0] = 36
    assert not sessions.alive(idle)


def test_behind_tls_the_cookie_is_secure() -> None:
    with GuardedApp(TokenLogin, more_origins=(PROXIED,)) as guarded:
        through_proxy = {"host": "reports.example.org"}
        answer = guarded.client().get(guarded.login.address(guarded.origin), headers=through_proxy)

    assert "; Secure" in answer.headers["set-cookie"]


def test_two_workbenches_on_one_machine_keep_their_cookies_apart() -> None:
    assert TokenLogin(Addresses.loopback(8001)).cookie != TokenLogin(Addresses.loopback(8002)).cookie


def test_a_proxy_that_signs_people_in_still_leaves_addresses_to_us() -> None:
    with GuardedApp(lambda addresses: ProxyLogin(), more_origins=(PROXIED,)) as guarded:
        client = guarded.client()
        assert FIGURE in client.get("/", headers={"host": "reports.example.org"}).text
        assert client.get("/", headers={"host": "rebound.example"}).status_code == 421
        assert client.post("/body", headers={"origin": "http://evil.example"}).status_code == 403


# --- limits and failures -----------------------------------------------------------------------------------------


def _chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 413)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_a_limit_whether_its_length_is_announced_or_not(
    guarded: GuardedApp, count: int, status: int, announced: bool
) -> None:
    content = b"x" * 100 * count if announced else _chunks(count)

    assert guarded.signed_in(origin=guarded.origin).post("/body", content=content).status_code == status


@pytest.mark.parametrize("path", ["/fails", "/answers-500", "/fails-half-way"])
def test_a_failure_shows_a_calm_page_and_no_detail(guarded: GuardedApp, path: str) -> None:
    answer = guarded.signed_in().get(path)

    assert answer.status_code == 500
    assert "This page could not be made." in answer.text
    assert not any(word in answer.text for word in (INSIDE, "hunter2", "Traceback", "RuntimeError", "first half"))


def test_what_failed_is_in_the_log(guarded: GuardedApp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "workbench.web.security"):
        guarded.signed_in().get("/fails")
        # Written once the answer is out, its traceback last; an earlier test's last failure may still come in between.
        until(lambda: INSIDE in caplog.text)

    assert caplog.messages.count("GET /fails failed") == 1


def test_a_failure_that_a_visitor_repeats_does_not_fill_the_log(
    guarded: GuardedApp, caplog: pytest.LogCaptureFixture
) -> None:
    """Its traceback is written once a minute; an earlier test's last failure may come in between."""
    with caplog.at_level(logging.INFO, "workbench.web.security"):
        client = guarded.signed_in()
        for _ in range(5):
            client.get("/fails")
        until(lambda: caplog.messages.count("GET /fails failed again: RuntimeError") >= 4)

    assert caplog.messages.count("GET /fails failed") in (1, 2)


def test_each_kind_of_complaint_is_due_once_a_minute_and_few_are_remembered() -> None:
    now = [0.0]
    complaints = Complaints(clock=lambda: now[0])

    assert [complaints.due(kind) for kind in ("a", "b", "a")] == [True, True, False]
    now[0] = 60
    assert [complaints.due(kind) for kind in ("a", "a")] == [True, False]
    assert all(complaints.due(f"kind {number}") for number in range(1000))
    assert len(complaints._logged) <= 100


@pytest.mark.anyio
async def test_failures_of_one_kind_are_logged_once_whatever_objects_they_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: object) -> None:
        raise OSError

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(quiet_handler())
    for _ in range(300):
        loop.call_soon(fail, object())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert len([record for record in caplog.records if "OSError" in record.getMessage()]) == 1


def test_no_token_is_ever_logged(guarded: GuardedApp, caplog: pytest.LogCaptureFixture) -> None:
    address = guarded.login.address(guarded.origin)
    token = address.partition("token=")[2]
    with caplog.at_level(logging.DEBUG, "workbench"):
        guarded.client().get(address, headers={"host": "rebound.example"})
        guarded.client().get(address)

    assert token not in caplog.text


# --- headers -----------------------------------------------------------------------------------------------------


def test_a_page_is_private_to_our_origin_and_never_kept(guarded: GuardedApp) -> None:
    headers = guarded.signed_in().get("/").headers

    expected = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    assert {name: headers.get(name) for name in expected} == expected
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_only_the_scripts_a_page_came_with_may_run(guarded: GuardedApp) -> None:
    policy = guarded.signed_in().get("/").headers["content-security-policy"]

    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    known = "'sha256-WWGUcyyY2fybgfURGPkK2Zhf2DHPCatehIhf5AE/+w8='"
    assert scripts == f"script-src 'self' 'unsafe-eval' {known}"
    assert "frame-ancestors 'none'" in policy


def test_assets_are_kept_and_still_need_a_session(guarded: GuardedApp) -> None:
    path = "/assets/app-1a2b.js"

    assert guarded.client().get(path).status_code == 403
    headers = guarded.signed_in().get(path).headers
    assert (headers["cache-control"], headers["etag"]) == ("private, max-age=31536000, immutable", '"1"')


def test_what_we_answer_in_an_asset_s_place_is_not_kept(guarded: GuardedApp) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

    answer = guarded.client().get("/assets/app-1a2b.js", headers=link)

    assert ('http-equiv="refresh"' in answer.text, answer.headers["cache-control"]) == (True, "no-store")


def test_a_public_path_needs_no_login(guarded: GuardedApp) -> None:
    assert guarded.client().get("/health").status_code == 200
