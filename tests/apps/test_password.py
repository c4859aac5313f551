"""Signing in with the readers' password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from guarded_servers import FIGURE, GuardedApp
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from workbench.errors import ConfigurationError
from workbench.web.security import Addresses, Password, PasswordLogin, ProxyLogin, TokenLogin, passwords
from workbench.web.security.passwords import Attempts
from workbench.web.security.sessions import Sessions

PASSWORD = "correct horse & battery=stäple"


@pytest.fixture
def guarded() -> Iterator[GuardedApp]:
    with GuardedApp(lambda addresses: PasswordLogin(Password(PASSWORD), addresses)) as app:
        yield app


def _sign_in(client: httpx.Client, guarded: GuardedApp, password: str, next_path: str = "/") -> httpx.Response:
    return client.post("/login", data={"password": password, "next": next_path}, headers={"origin": guarded.origin})


def test_a_stranger_sees_a_form_and_no_figure(guarded: GuardedApp) -> None:
    answer = guarded.client().get("/?weeks=3")

    assert (answer.status_code, FIGURE in answer.text) == (403, False)
    assert 'type="password"' in answer.text
    assert 'name="next" value="/?weeks=3"' in answer.text
    assert answer.headers["referrer-policy"] == "same-origin"  # with no-referrer the form's Origin would be null


def test_the_password_opens_the_page_that_was_asked_for(guarded: GuardedApp) -> None:
    client = guarded.client()

    answer = _sign_in(client, guarded, PASSWORD, "/?weeks=3")

    assert (answer.status_code, answer.headers["location"]) == (303, "/?weeks=3")
    assert "HttpOnly; Path=/; SameSite=strict" in answer.headers["set-cookie"]
    assert FIGURE in client.get("/").text
    assert client.get("/login").headers["location"] == "/"


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", "\0"])
def test_another_password_opens_nothing(guarded: GuardedApp, password: str) -> None:
    client = guarded.client()

    answer = _sign_in(client, guarded, password)

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert FIGURE not in client.get("/").text


def test_a_form_that_is_not_ours_is_an_attempt_like_any_other(guarded: GuardedApp) -> None:
    many = "&".join(f"field{number}=x" for number in range(20))
    client = guarded.client(origin=guarded.origin, **{"content-type": "application/x-www-form-urlencoded"})

    assert [client.post("/login", content=many).status_code for _ in range(6)] == [403] * 5 + [429]


def test_a_form_on_another_page_cannot_sign_anybody_in(guarded: GuardedApp) -> None:
    answer = guarded.client().post("/login", data={"password": PASSWORD}, headers={"origin": "http://evil.example"})

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "next_path", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "", "/login"]
)
def test_signing_in_never_leads_elsewhere(guarded: GuardedApp, next_path: str) -> None:
    answer = _sign_in(guarded.client(), guarded, PASSWORD, next_path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_address_asked_for_is_text_in_the_form(guarded: GuardedApp) -> None:
    url = httpx.URL(guarded.origin).copy_with(raw_path=b'/"><script>alert(1)</script>')

    assert "<script>" not in guarded.client().get(url).text


def test_after_five_attempts_a_client_waits_even_with_the_right_password(guarded: GuardedApp) -> None:
    client = guarded.client()
    assert [_sign_in(client, guarded, "wrong").status_code for _ in range(5)] == [403] * 5

    answer = _sign_in(client, guarded, PASSWORD)

    assert (answer.status_code, "set-cookie" in answer.headers) == (429, False)
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_attempts_are_bounded_for_each_client_and_for_all() -> None:
    now = [0.0]
    attempts = Attempts(each=2, everyone=3, reserve=0, clock=lambda: now[0])

    assert [attempts.wait(client) for client in ("a", "a", "a", "b", "c")] == [0, 0, 60, 0, 60]
    now[0] = 59
    assert attempts.wait("c") == 1
    now[0] = 60
    assert attempts.wait("c") == 0
    attempts.forgive("c")
    assert [attempts.wait("c"), attempts.wait("c")] == [0, 0]


def test_all_addresses_of_one_ipv6_network_have_one_share() -> None:
    attempts = Attempts(each=2, clock=lambda: 0.0)

    tries = (
        "2001:db8:0:7::1",
        "2001:db8:0:7:ffff::2",
        "2001:DB8:0:7::3",
        "2001:db8:0:8::1",
        "fe80::1%eth0",
        "fe80::2%lo",
    )
    assert [attempts.wait(client) for client in tries] == [0, 0, 60, 0, 0, 0]
    attempts.forgive("2001:db8:0:7::9")
    assert attempts.wait("2001:db8:0:7::3") == 0


def _guess(attempts: Attempts, clients: list[str]) -> int:
    """How many guesses are let through."""
    return sum(attempts.wait(client) == 0 for client in clients)


@pytest.mark.parametrize("client", ["198.51.100.7", "2001:db8:ffff::1"])
def test_guesses_from_a_few_networks_keep_no_newcomer_out(client: str) -> None:
    attempts = Attempts(clock=lambda: 0.0)
    v4 = [f"203.0.{third}.{last}" for third in range(10) for last in range(100)] * 5
    v6 = [f"2001:db8:{third:x}:{fourth:x}::1" for third in range(10) for fourth in range(500)]

    assert _guess(attempts, v4 + v6) <= 120
    assert attempts.wait(client) == 0


def test_a_customers_whole_block_has_one_share() -> None:
    block = [f"2001:db8:7:{fourth:x}::1" for fourth in range(1000)]

    assert _guess(Attempts(clock=lambda: 0.0), block) == 20
    assert _guess(Attempts(clock=lambda: 0.0), [f"203.0.113.{last}" for last in range(256)]) == 20


def test_even_with_the_reserve_guesses_are_bounded() -> None:
    anywhere = [f"{first}.{second}.0.1" for first in range(1, 100) for second in range(50)]

    assert _guess(Attempts(clock=lambda: 0.0), anywhere) == 150


def test_an_ipv4_address_is_the_same_however_it_is_written() -> None:
    attempts = Attempts(each=1, clock=lambda: 0.0)

    assert [attempts.wait(client) for client in ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2")] == [0, 60, 0]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 90)), max_size=60))
def test_no_client_gets_more_than_its_share_of_any_minute(tries: list[tuple[str, float]]) -> None:
    now = [0.0]
    attempts = Attempts(each=3, everyone=4, reserve=1, clock=lambda: now[0])
    granted: list[tuple[float, str]] = []
    for client, pause in tries:
        now[0] += pause
        if attempts.wait(client) == 0:
            granted.append((now[0], client))

    for moment, who in granted:
        minute = [client for at, client in granted if moment - 60 < at <= moment]
        assert len(minute) <= 5
        assert minute.count(who) <= 3


def test_a_password_file_is_read_up_to_its_first_line(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\r\nnot this\n", encoding="utf-8", newline="")
    file.chmod(0o600)

    password = Password.from_file(file)

    assert (password.matches(PASSWORD), password.matches("not this")) == (True, False)
    assert PASSWORD not in repr(vars(password))


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601])
def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    file.chmod(mode)

    with pytest.raises(ConfigurationError) as refused:
        Password.from_file(file)

    assert (refused.value.next_step, PASSWORD in str(refused.value)) == (f"Run: chmod 600 {file}", False)


@pytest.mark.parametrize(("mode", "refused"), [(0o444, False), (0o446, True)])
def test_a_secret_of_a_container_may_be_readable_in_it_but_not_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, refused: bool
) -> None:
    monkeypatch.setattr(passwords, "SECRETS", tmp_path.resolve())
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    file.chmod(mode)

    with pytest.raises(ConfigurationError) if refused else nullcontext():
        assert Password.from_file(file).matches(PASSWORD)


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe"])
def test_a_password_file_without_a_usable_password_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(ConfigurationError):
        Password.from_file(file)


def test_a_missing_password_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Password.from_file(tmp_path / "none")


def test_signing_out_ends_the_session_in_every_tab(guarded: GuardedApp) -> None:
    left: list[str] = []

    async def leave(visitor: str) -> None:
        left.append(visitor)

    guarded.login.when_left = leave
    client, other = guarded.client(), guarded.client()
    assert [_sign_in(one, guarded, PASSWORD).status_code for one in (client, other)] == [303, 303]
    stolen = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    question = client.get("/logout")
    assert (question.status_code, FIGURE in question.text, FIGURE in client.get("/").text) == (200, False, True)

    answer = client.post("/logout", headers={"origin": guarded.origin})

    assert (answer.status_code, answer.headers["location"], dict(client.cookies)) == (303, "/", {})
    assert FIGURE not in guarded.client(**stolen).get("/").text
    assert FIGURE in other.get("/").text
    assert (len(left), len(left[0])) == (1, 64)


def test_no_other_page_signs_anybody_out(guarded: GuardedApp) -> None:
    client = guarded.client()
    _sign_in(client, guarded, PASSWORD)

    answers = [client.post("/logout", headers=headers) for headers in ({}, {"origin": "http://evil.example"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert FIGURE in client.get("/").text


@pytest.mark.parametrize(
    ("base_url", "prefix", "path"), [("", "__Host-", "/"), ("/ads", "__Secure-", "/ads/")], ids=["root", "below a path"]
)
def test_with_tls_no_other_host_can_set_the_cookie(base_url: str, prefix: str, path: str) -> None:
    origin = "https://reports.example.com"

    def login(addresses: Addresses) -> PasswordLogin:
        return PasswordLogin(Password(PASSWORD), addresses, base_url=base_url)

    with GuardedApp(login, more_origins=(origin,)) as guarded:
        client = guarded.client(host="reports.example.com", origin=origin)
        answer = client.post(f"{base_url}/login", data={"password": PASSWORD, "next": path})
        cookie = answer.headers["set-cookie"]
        value = cookie.partition(";")[0]
        plain = value.replace(prefix, "")
        inside = [client.get(path, headers={"cookie": sent}).status_code for sent in (value, plain)]

    assert cookie.startswith(f"{prefix}workbench_")
    assert {f"Path={path}", "Secure", "HttpOnly"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert inside == [200, 403]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_without_tls_nothing_is_said_about_it(guarded: GuardedApp) -> None:
    answer = guarded.client().get("/")

    assert "strict-transport-security" not in answer.headers


def test_a_cookie_counts_only_below_its_path() -> None:
    """The path may be a secret of ours: a stolen cookie alone opens nothing."""
    with GuardedApp(lambda addresses: TokenLogin(addresses, base_url="/s3cret")) as guarded:
        client = guarded.client()
        entered = client.get(guarded.login.address(guarded.origin))
        cookie = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
        answers = {path: client.get(path, headers=cookie).status_code for path in ("/s3cret/", "/", "/s3cretly/", "/x")}

    assert answers == {"/s3cret/": 200, "/": 403, "/s3cretly/": 403, "/x": 403}


@pytest.mark.parametrize(("names", "visitor"), [(["anna"], "anna"), ([], ""), (["anna", "berta"], "")])
def test_whom_the_proxy_names_is_a_visitor_of_his_own(names: list[str], visitor: str) -> None:
    headers = [(b"x-forwarded-user", name.encode()) for name in names]

    assert ProxyLogin().visitor(HTTPConnection({"type": "http", "headers": headers})) == visitor


def test_sessions_are_bounded_and_the_one_silent_longest_ends() -> None:
    now = [0.0]
    sessions = Sessions(most=2, clock=lambda: now[0])
    first, second = sessions.start(), sessions.start()
    now[0] = 1
    assert sessions.alive(first)

    third = sessions.start()

    assert [sessions.alive(value) for value in (first, second, third)] == [True, False, True]


def test_the_cookie_is_bound_to_the_base_url() -> None:
    login = PasswordLogin(Password(PASSWORD), Addresses.loopback(8080), base_url="/ads")

    assert [login._own_path(path) for path in ("/ads/status/", "/other/", "/ads/login")] == [
        "/ads/status/",
        "/ads/",
        "/ads/",
    ]
