"""A reader who may see some accounts gets nothing of others: hostile addresses and widget values, over real sockets."""

from __future__ import annotations

import asyncio
import html
import io
import json
import os
import re
import zipfile
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
import websockets
from reader_servers import ReaderServer, serving, synced_installation
from sync.installation import Installation

from workbench.database.connection import Database
from workbench.web.app import READER_PAGES

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

WAYS = ("passwords", "proxy", "account")
PASSWORDS = {"anna": "anna's long password", "boris": "boris's long password"}
_WORDS = {
    "ad_accounts": ("account_id", "name"),
    "campaign_groups": ("campaign_group_id", "name"),
    "campaigns": ("campaign_id", "name"),
    "creatives": ("creative_id", "name"),
}
_SECONDS = 120


@dataclass(frozen=True)
class World:
    """A served installation: whose accounts are whose, and what only others' accounts are called."""

    way: str
    server: ReaderServer
    accounts: Mapping[str, int]
    own: Mapping[str, frozenset[str]]
    foreign: Mapping[str, frozenset[str]]
    sums: Mapping[str, frozenset[int]]
    foreign_sums: Mapping[str, frozenset[int]]
    others: Mapping[str, int]
    clients: Mapping[str, httpx.Client]

    def other(self, login: str) -> int:
        return self.others[login]


def private(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return str(file)


def words_by_account(installation: Installation) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    with Database.of(installation.settings()).connect() as connection:
        for table, columns in _WORDS.items():
            for account, *words in connection.execute(f"select account_id, {', '.join(columns)} from {table}"):
                found.setdefault(account, set()).update(str(word) for word in words if word is not None)
    return found


def foreign_to(own: int, words: Mapping[int, set[str]]) -> frozenset[str]:
    """Long enough not to stand in a random id, and said of no account of the reader's own."""
    others = set().union(*(said for account, said in words.items() if account != own))
    return frozenset(word for word in others - words[own] if len(word) >= 8)


def sums_of(installation: Installation, accounts: list[int] | None) -> frozenset[int]:
    """Impressions and clicks of accounts (None: of all) over the windows that pages begin with, if large enough."""
    found: set[int] = set()
    with Database.of(installation.settings()).connect() as connection:
        for days in (7, 14, 28, 30, 60, 90, 1000):
            for late in (0, 1):
                row = connection.execute(
                    """
                    select sum(impressions), sum(clicks) from campaign_daily_metrics
                    where (%(accounts)s::bigint[] is null or account_id = any(%(accounts)s))
                      and date <= (select max(date) from campaign_daily_metrics) - %(late)s
                      and date > (select max(date) from campaign_daily_metrics) - %(late)s - %(days)s
                    """,
                    {"accounts": accounts, "days": days, "late": late},
                ).fetchone()
                found |= {int(value) for value in row or () if value is not None and value >= 10_000}
    return frozenset(found)


@pytest.fixture(scope="module")
def synced() -> Iterator[Installation]:
    with synced_installation("accounts") as installation:
        yield installation


@contextmanager
def served(installation: Installation, way: str) -> Iterator[World]:
    folder, words = installation.folder, words_by_account(installation)
    anna, boris = sorted(words, key=lambda account: -len(words[account]))[:2]
    rules = private(folder / f"accounts-{way}.toml", f'anna = [{anna}]\nboris = ["urn:li:sponsoredAccount:{boris}"]\n')
    lines = private(folder / f"passwords-{way}", "".join(f"{name}:{word}\n" for name, word in PASSWORDS.items()))
    options = {
        "passwords": ["--password-file", lines, "--accounts-file", rules],
        "proxy": ["--proxy-login", "--accounts-file", rules, "--snapshots-only"],
        "account": ["--password-file", private(folder / f"password-{way}", PASSWORDS["anna"]), "--account", str(anna)],
    }
    with serving(folder, *options[way]) as server:
        owns = {"anna": anna} if way == "account" else {"anna": anna, "boris": boris}
        clients = {login: signed_in(server, login, way) for login in owns}
        others = {"anna": boris, "boris": anna}
        sums = {login: sums_of(installation, [account]) for login, account in owns.items()}
        visible_sums = {
            login: frozenset().union(*(sums_of(installation, them) for them in ([other], list(words), None)))
            for login, other in others.items()
        }
        foreign_sums = {login: visible_sums[login] - sums[login] for login in owns}
        own = {login: frozenset(words[account]) for login, account in owns.items()}
        foreign = {login: foreign_to(account, words) for login, account in owns.items()}
        yield World(way, server, owns, own, foreign, sums, foreign_sums, others, clients)
        for client in clients.values():
            client.close()


def signed_in(server: ReaderServer, login: str, way: str) -> httpx.Client:
    client = server.client()
    if way == "proxy":
        client.headers["x-forwarded-user"] = login
        return client
    answer = client.post("/login", data={"login": login, "password": PASSWORDS[login], "next": "/"})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def worlds(synced: Installation) -> Iterator[Callable[[str], World]]:
    """Each of the ways, served when the first test asks for it."""
    with ExitStack() as running:
        yield cache(lambda way: running.enter_context(served(synced, way)))


@pytest.fixture(params=WAYS)
def world(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    return worlds(request.param)


# Every page with passwords, over the database; what differs in the other ways is who a reader is and, behind a proxy,
# that the figures come from snapshots: one page of figures by ad, one of audiences and one of exports show that.
every_page = pytest.mark.parametrize(
    ("world", "page"),
    [
        *(("passwords", page) for page in READER_PAGES),
        *(("proxy", page) for page in ("creatives", "audiences", "report")),
        ("account", "overview"),
    ],
    indirect=["world"],
)


@dataclass
class OpenPage:
    """A page of a reader who sends what he likes."""

    client: httpx.Client
    page: str
    session: str
    socket: Any
    messages: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Keep what the server says until it has done all that it was asked: it answers in order."""
        last = f"last-{os.urandom(4).hex()}"
        asked = self.post("function_call", functionCallId=last, namespace="none", functionName="none", args={})
        assert asked.status_code == 200, asked.text
        while last not in self.messages[-1]:
            self.messages.append(str(await asyncio.wait_for(self.socket.recv(), _SECONDS)))

    def post(self, command: str, **body: Any) -> httpx.Response:
        headers = {"marimo-session-id": self.session, "accept": "application/json"}
        return self.client.post(f"/{self.page}/api/kernel/{command}", json=body, headers=headers)

    def widgets(self) -> list[str]:
        return sorted(set(re.findall(r"object-id=\\?['\"]([\w-]+)", "".join(self.messages))))

    def tables(self) -> list[str]:
        text = "".join(self.messages)
        return sorted(set(re.findall(r"object-id=\\?['\"]([\w-]+)\\?['\"][^>]*><marimo-table", text)))

    def downloads(self) -> list[str]:
        text = "".join(self.messages)
        return sorted(set(re.findall(r"object-id=\\?['\"]([\w-]+)\\?['\"][^>]*><marimo-download", text)))

    async def exported(self) -> list[bytes]:
        """Every file of the page: what its own buttons load, and what marimo makes of a table."""
        calls = [(button, "load", {}) for button in self.downloads()]
        calls += [(table, "download_as", {"format": form}) for table in self.tables() for form in ("csv", "json")]
        for number, (namespace, name, arguments) in enumerate(calls):
            self.post(
                "function_call", functionCallId=f"x{number}", namespace=namespace, functionName=name, args=arguments
            )
        await self.listen()
        messages = "".join(self.messages)
        answers = [self.client.get(f"/{self.page}/{file}") for file in set(re.findall(r"@file/[\w.-]+", messages))]
        assert {answer.status_code for answer in answers} <= {200}
        inline = re.findall(r"data:[\w/+.-]+;base64,([\w+/=]+)", messages)
        return [*(answer.content for answer in answers), *map(b64decode, inline)]


@asynccontextmanager
async def opened(
    world: World, login: str, page: str, query: str = "", session: str | None = None
) -> AsyncIterator[OpenPage]:
    client, session = world.clients[login], session or f"s_{os.urandom(3).hex()}"
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    if "x-forwarded-user" in client.headers:
        headers["x-forwarded-user"] = client.headers["x-forwarded-user"]
    async with websockets.connect(
        f"ws://127.0.0.1:{world.server.port}/{page}/ws?session_id={session}{query}",
        origin=websockets.Origin(world.server.origin),
        additional_headers=headers,
        proxy=None,
        max_size=None,
    ) as socket:
        shown = OpenPage(client, page, session, socket)
        while not shown.messages or "completed-run" not in shown.messages[-1]:
            shown.messages.append(str(await asyncio.wait_for(socket.recv(), _SECONDS)))
        yield shown


def numbers_in(text: str, numbers: frozenset[int]) -> set[int]:
    """Those that stand in a text by themselves, with or without separators."""
    said = {int(one.replace(",", "")) for one in re.findall(r"(?<![\w.,-])\d[\d,]{4,12}(?![\w-]|[.,]\d*[1-9])", text)}
    return said & numbers


def as_read(sent: str) -> str:
    """Text as people read it, however deep it lies in JSON and HTML; and as it was sent."""
    text = sent
    for _ in range(3):
        text = html.unescape(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
    return text + sent


def text_of(file: bytes) -> str:
    if file.startswith(b"PAR1"):
        return pl.read_parquet(io.BytesIO(file)).write_json()
    if file.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(file)) as folder:
            return "\n".join(folder.read(name).decode("utf-8-sig") for name in folder.namelist())
    if file.startswith(b"%PDF"):
        return ""  # the same tables and sentences as the HTML file beside it
    return file.decode("utf-8-sig")


def assert_nothing_foreign(sent: str, world: World, login: str, asked: str = "") -> None:
    """What the reader himself has sent may come back; nothing else of others."""
    plain = as_read(sent)
    found = {word for word in world.foreign[login] if word in plain and word not in asked}
    assert not found, f"{login} was sent {sorted(found)[:5]}"
    assert not (sums := numbers_in(plain, world.foreign_sums[login])), f"{login} was sent {sorted(sums)[:5]}"


@every_page
async def test_an_address_shows_no_other_account(world: World, page: str) -> None:
    for login, own in world.accounts.items():
        other = world.other(login)
        queries = ["", f"&account={other}", "&account=", f"&account={own},{other}", "&account=all", "&source=sample"]
        # The rules are the same for every login, and however they are told. Audience and Report read the address by
        # themselves, all others as Overview does.
        every_address = (login, world.way) == ("anna", "passwords") and page in ("overview", "audiences", "report")
        for query in queries if every_address else queries[:2] if login == "anna" else queries[1:2]:
            async with opened(world, login, page, query) as shown:
                await shown.listen()
            assert_nothing_foreign("".join(shown.messages), world, login, asked=query)
            if not query:
                assert [word for word in world.own[login] if word in "".join(shown.messages)], "".join(shown.messages)[
                    -9000:
                ]


@every_page
async def test_no_value_of_a_widget_shows_another_account(world: World, page: str) -> None:
    other = world.other("anna")
    hostile: list[Any] = [
        [],
        [str(other)],
        [other],
        str(other),
        other,
        ["all"],
        None,
        {"value": [str(other)]},
        [0, 1, 2],
    ]
    async with opened(world, "anna", page) as shown:
        await shown.listen()
        widgets = shown.widgets()
        assert widgets
        for value in hostile:
            answer = shown.post("set_ui_element_value", objectIds=widgets, values=[value] * len(widgets))
            assert answer.status_code == 200, answer.text
            await shown.listen()
        for widget in widgets:
            assert shown.post("set_ui_element_value", objectIds=[widget], values=[[str(other)]]).status_code == 200
        await shown.listen()
    assert_nothing_foreign("".join(shown.messages), world, "anna", asked=str(other))


@every_page
async def test_no_export_holds_another_account(world: World, page: str) -> None:
    other = world.other("anna")
    async with opened(world, "anna", page, f"&account={other}") as first, opened(world, "anna", page) as second:
        for shown in (first, second):
            await shown.listen()
            files = await shown.exported()
            text = "\n".join(map(text_of, files))
            assert_nothing_foreign(text + "".join(shown.messages), world, "anna", asked=str(other))
    if page == "report":
        assert len(second.downloads()) == 4
        assert [word for word in world.own["anna"] if word in text]
    if second.tables():
        assert second.downloads()
        assert [word for word in world.own["anna"] if word in text] or page == "audiences", files
        assert any(file.startswith(b"PAR1") for file in files)


async def test_the_overview_says_ones_own_sums(world: World) -> None:
    """So that the sums of others, which it must not say, would be found."""
    for login in world.accounts:
        async with opened(world, login, "overview") as shown:
            await shown.listen()
        assert numbers_in(as_read("".join(shown.messages)), world.sums[login])


async def test_a_message_of_an_error_names_no_other_account(world: World) -> None:
    other = world.other("anna")
    campaign = next(word for word in sorted(world.foreign["anna"]) if word.isdigit())
    for page in READER_PAGES if world.way == "passwords" else ("overview", "creatives"):
        for query in (f"&campaign={campaign}&creative={campaign}&account={other}", "&period=9999d&account=x"):
            async with opened(world, "anna", page, query) as shown:
                await shown.listen()
            assert_nothing_foreign("".join(shown.messages), world, "anna", asked=query)


async def test_the_page_of_another_login_is_out_of_reach(world: World) -> None:
    if "boris" not in world.clients:
        pytest.skip("there is one login")
    async with opened(world, "anna", "overview") as anna:
        await anna.listen()
        stolen = OpenPage(world.clients["boris"], "overview", anna.session, anna.socket)
        answer = stolen.post("set_ui_element_value", objectIds=anna.widgets(), values=[[]] * len(anna.widgets()))
        assert answer.status_code != 200
        before = len(anna.messages)
        async with opened(world, "boris", "overview", session=anna.session) as boris:
            await boris.listen()
        await anna.listen()
        assert not [message for message in anna.messages[before:] if json.loads(message)["op"] == "cell-op"]
    assert_nothing_foreign("".join(boris.messages), world, "boris")
    assert [word for word in world.own["boris"] if word in "".join(boris.messages)]


async def test_a_login_without_accounts_sees_none(world: World) -> None:
    if "x-forwarded-user" not in world.clients["anna"].headers:
        pytest.skip("a password has a login")
    with world.server.client() as client:
        for headers in ({}, {"x-forwarded-user": "nobody"}):
            client.headers.update(headers)
            nobody = replace(world, clients={"nobody": client})
            async with opened(nobody, "nobody", "overview") as shown:
                await shown.listen()
            every = world.foreign["anna"] | world.foreign["boris"]
            assert not [word for word in every if word in "".join(shown.messages)]
