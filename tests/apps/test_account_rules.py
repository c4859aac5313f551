"""Which accounts a login may see, and how a login is known."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import httpx
import pytest
from guarded_servers import FIGURE, GuardedApp
from starlette.requests import HTTPConnection
from starlette.types import Scope

from workbench.errors import ConfigurationError
from workbench.web.account_rules import AccountRules
from workbench.web.marimo_patches import name_files_unguessably
from workbench.web.security import NamedPasswords, Password, PasswordLogin, ProxyLogin
from workbench.web.serve import must_know_logins
from workbench.web.viewers import Viewers


def _file(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    file = folder / "private"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_accounts_are_ids_or_urns() -> None:
    assert AccountRules.of(["512", " urn:li:sponsoredAccount:513"], None).allowed(None) == {512, 513}
    assert AccountRules.of([], None).allowed("anna") is None


@pytest.mark.parametrize("account", ["", "all", "-1", "1.5", "0", "\u0661", "urn:li:sponsoredCampaign:1", str(2**63)])
def test_what_is_no_account_is_refused(account: str) -> None:
    with pytest.raises(ConfigurationError, match="is not an ad account"):
        AccountRules.of([account], None)


def test_a_file_says_what_each_login_may_see(tmp_path: Path) -> None:
    rules = AccountRules.of(
        [], _file(tmp_path, 'anna = [512, "urn:li:sponsoredAccount:513"]\nboris = []\nboss = "all"\n')
    )
    assert [rules.allowed(login) for login in ("anna", "boris", "boss")] == [{512, 513}, frozenset(), None]
    assert [rules.allowed(login) for login in ("Anna", "", None)] == [frozenset()] * 3
    assert rules.allowed_to_any() is None
    assert AccountRules(logins={"anna": frozenset({1}), "boris": frozenset({2})}).allowed_to_any() == {1, 2}


@pytest.mark.parametrize("text", ["anna = 512", "anna = [true]", "anna = ['x']", "anna", "[anna]\naccounts = 1"])
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        AccountRules.of([], _file(tmp_path, text))


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigurationError, match=r"accounts file .* cannot be used"):
        AccountRules.of([], _file(tmp_path, "anna = [512]", mode=mode))


def test_a_file_needs_logins_and_no_other_rule(tmp_path: Path) -> None:
    file = _file(tmp_path, "anna = [512]")
    with pytest.raises(ConfigurationError, match="cannot be given together"):
        AccountRules.of(["512"], file)
    with pytest.raises(ConfigurationError, match="needs logins"):
        must_know_logins(AccountRules.of([], file), password=False, proxy=False)


def test_each_login_has_a_password_of_its_own(tmp_path: Path) -> None:
    passwords = NamedPasswords.from_file(_file(tmp_path, "anna:first:password\n\nboris:second password\n"))
    assert passwords.matches("first:password", "anna")
    assert not any(
        passwords.matches(*pair) for pair in [("second password", "anna"), ("first:password", ""), ("", "x")]
    )


@pytest.mark.parametrize(
    "text", ["a long password", "anna:short", ":a long password", "anna:long enough\nanna:long enough"]
)
def test_lines_of_another_form_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="Line"):
        NamedPasswords.from_file(_file(tmp_path, text))


def test_the_form_asks_for_a_login_where_there_are_several() -> None:
    passwords = NamedPasswords({"anna": Password("first password"), "boris": Password("second password")})
    with GuardedApp(lambda addresses: PasswordLogin(passwords, addresses)) as app:

        def enter(login: str, password: str) -> tuple[httpx.Client, httpx.Response]:
            client = app.client()
            fields = {"login": login, "password": password, "next": "/"}
            return client, client.post("/login", data=fields, headers={"origin": app.origin})

        assert 'name="login"' in app.client().get("/").text
        client, answer = enter("anna", "first password")
        assert answer.status_code == 303
        assert FIGURE in client.get("/").text
        assert enter("boris", "first password")[1].status_code == 403


def test_a_proxy_names_one_login() -> None:
    def named(*headers: tuple[bytes, bytes]) -> str | None:
        return ProxyLogin().name(HTTPConnection({"type": "http", "headers": list(headers)}))

    header = b"x-forwarded-user"
    assert named((header, b"anna")) == "anna"
    assert named() is None
    assert named((header, b"anna"), (header, b"boris")) is None


def test_outside_a_kernel_nothing_may_be_seen_but_by_the_health_check() -> None:
    viewers = Viewers(AccountRules(logins={"anna": frozenset({1}), "boris": frozenset({2})}), lambda _: "anna")
    assert viewers.accounts() == frozenset()
    assert viewers.for_all(lambda: {"seen": viewers.accounts()})() == {"seen": {1, 2}}
    assert viewers.accounts() == frozenset()
    assert Viewers(AccountRules(everyone=frozenset({3})), lambda _: None).accounts() == {3}


def test_one_id_leads_each_login_to_a_session_of_its_own() -> None:
    logins = iter(["anna", "boris", "anna"])
    viewers, seen = Viewers(AccountRules(logins={}), lambda _: next(logins)), []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append((scope["query_string"], scope["meta"]))

    for _ in range(3):
        scope = {"type": "websocket", "query_string": b"session_id=s_abc&account=1", "headers": []}
        asyncio.run(viewers.around(app)(scope, None, None))  # type: ignore[arg-type]
    assert seen[0] == seen[2] != seen[1]
    assert b"s_abc" not in seen[0][0] + seen[1][0]
    assert [meta for _, meta in seen[:2]] == [{"workbench_login": "anna"}, {"workbench_login": "boris"}]


def test_the_names_of_files_cannot_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    from marimo._runtime.virtual_file import virtual_file

    monkeypatch.setattr(virtual_file, "random", random)
    name_files_unguessably()
    names = set()
    for _ in range(2):
        random.seed(1)
        names.add(virtual_file.random_filename("csv").rpartition("-")[2])
    assert len(names) == 2
