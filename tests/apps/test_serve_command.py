"""`workbench serve` as a process over sockets: the report pages, a login, and nothing of what lies beside them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from guarded_servers import CHECKOUT, until
from marks import slow_except
from reader_servers import (
    CANARY,
    PASSWORD,
    ReaderServer,
    Wire,
    checkout_with_secrets,
    home_with_secrets,
    page_messages,
    password_file,
    serving,
    synced_installation,
    with_snapshots_alone,
)

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.embedded import default_home
from workbench.web.app import READER_PAGES

# What writes, signs in or asks LinkedIn.
WRITERS = {
    "pipeline.background",
    "linkedin.auth.redirect_listener",
    "linkedin.client",
    "linkedin.auth.background_login",
    "cli.demo_environment",
    "linkedin.ad_analytics",
    "linkedin.endpoints",
    "pipeline.fetch.fetcher",
    "pipeline.fetch.part_builder",
    "snapshots.journal",
    "pipeline.fetch.part_tracker",
    "pipeline.load.loader",
    "pipeline.load.account_loader",
    "database.write_lock",
    "database.migrations",
    "pipeline.fetch.names",
    "linkedin.auth.oauth",
    "pipeline.api",
    "pipeline.resume",
    "pipeline.planning",
    "pipeline.loading",
    "pipeline.sync_run",
    "pipeline.sync_windows",
    "linkedin.auth.login",
    "pipeline.sync_log",
    "linkedin.auth.token_provider",
    "linkedin.auth.token",
    "database.upsert",
    "snapshots.writer",
    "pages.start",
    "pages.sync",
}


@pytest.fixture(scope="module")
def from_database() -> Iterator[ReaderServer]:
    """An installation as it was before there was a role that only reads: syncing makes none."""
    with synced_installation("serve") as installation:
        with Database.of(installation.settings()).connect() as connection:
            assert connection.execute("select from pg_roles where rolname = %s", [embedded.READER]).fetchone() is None
        with serving(installation.folder, "--password-file", str(password_file(installation.folder))) as server:
            yield server


@pytest.fixture(scope="module")
def database_that_is_never_asked() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture(scope="module")
def from_snapshots(database_that_is_never_asked: Wire) -> Iterator[ReaderServer]:
    """Snapshots copied from the machine that syncs, and a database that is configured all the same."""
    url = f"postgresql://app:{CANARY}password@127.0.0.1:{database_that_is_never_asked.port}/ads"
    with with_snapshots_alone(DATABASE_URL=url) as folder:
        arguments = ("--snapshots-only", "--password-file", str(password_file(folder)))
        with serving(folder, *arguments) as server:
            yield server


@pytest.fixture(params=slow_except("from_snapshots", of=["from_database", "from_snapshots"]))
def server(request: pytest.FixtureRequest) -> ReaderServer:
    found: ReaderServer = request.getfixturevalue(request.param)
    return found


# --- what all visitors may know --------------------------------------------------------------------------------------


def test_health_needs_no_login_and_asks_nothing(server: ReaderServer) -> None:
    with server.client() as client:
        answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"healthy": True})


@pytest.mark.parametrize(
    ("which", "source"),
    [
        pytest.param("from_database", "database", marks=pytest.mark.slow),
        ("from_snapshots", "snapshots"),
    ],
)
def test_readiness_tells_the_age_of_the_data_and_nothing_else(
    request: pytest.FixtureRequest, which: str, source: str
) -> None:
    server: ReaderServer = request.getfixturevalue(which)
    with server.client() as client:
        until(lambda: client.get("/ready").status_code == 200)  # opening the snapshots may take its time
        answer = client.get("/ready")

    facts = answer.json()
    assert (answer.status_code, set(facts)) == (200, {"ready", "source", "complete_until", "age_days"})
    assert (facts["ready"], facts["source"]) == (True, source)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", facts["complete_until"])
    assert isinstance(facts["age_days"], int)


@pytest.mark.slow
def test_imports_are_done_before_the_first_visitor(from_snapshots: ReaderServer) -> None:
    with serving(from_snapshots.folder, "--snapshots-only") as server:
        until(lambda: {"altair", "polars", "workbench.pages", "workbench.queries.api"} <= server.imported())


def test_another_name_than_ours_is_refused_but_to_probes(server: ReaderServer) -> None:
    headers = {"host": "rebound.example"}
    answers = [httpx.get(f"{server.origin}{path}", headers=headers) for path in ("/health", "/ready", "/")]

    assert [answer.status_code for answer in answers] == [200, 200, 421]


# --- who may look ---------------------------------------------------------------------------------------------------


def test_the_address_that_is_printed_holds_no_token_where_a_password_is_asked(server: ReaderServer) -> None:
    assert server.address == f"{server.origin}/"


def test_a_stranger_gets_a_form_for_every_page_and_no_figure(server: ReaderServer) -> None:
    with server.client() as client:
        answers = [client.get(f"/{page}/") for page in READER_PAGES]

    assert {answer.status_code for answer in answers} == {403}
    assert all('type="password"' in answer.text and "marimo" not in answer.text for answer in answers)


def test_the_password_of_the_file_lets_in_and_another_does_not(server: ReaderServer) -> None:
    with server.client() as client:
        wrong = client.post("/login", data={"password": "not this one", "next": "/"})
        right = client.post("/login", data={"password": PASSWORD, "next": "/audiences/"})
        page = client.get("/audiences/")

    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    assert (right.status_code, right.headers["location"]) == (303, "/audiences/")
    assert "HttpOnly" in right.headers["set-cookie"]
    assert page.status_code == 200


def test_only_report_pages_are_there(server: ReaderServer) -> None:
    with server.signed_in() as client:
        there = {page: client.get(f"/{page}/").status_code for page in READER_PAGES}
        elsewhere = {page: client.get(f"/{page}/").status_code for page in ("start", "sync", "snapshots")}

    assert there == dict.fromkeys(READER_PAGES, 200)
    assert elsewhere == {"start": 404, "sync": 404, "snapshots": 404}


@pytest.mark.slow
def test_a_token_is_asked_where_there_is_no_password_and_once(from_snapshots: ReaderServer) -> None:
    with serving(from_snapshots.folder, "--snapshots-only") as server, server.client() as client:
        first = client.get(server.address)
        client.cookies.clear()
        stranger = client.get(server.address)

    assert (first.status_code, stranger.status_code) == (303, 403)


@pytest.mark.slow
def test_it_is_found_under_the_path_it_is_told(from_snapshots: ReaderServer) -> None:
    arguments = ("--snapshots-only", "--base-url", "/ads")
    with serving(from_snapshots.folder, *arguments) as server, server.client() as client:
        client.get(server.address)
        until(lambda: client.get("/ads/ready").status_code == 200)  # opening the snapshots may take its time
        answers = {path: client.get(path).status_code for path in ("/ads/health", "/ads/ready", "/ads/overview/")}

    assert answers == dict.fromkeys(answers, 200)


def test_other_machines_need_a_login(from_snapshots: ReaderServer) -> None:
    ended = _serve(from_snapshots.folder, "--snapshots-only", "--host", "0.0.0.0")  # noqa: S104

    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, "Serving on 0.0.0.0 needs a login.")


@pytest.mark.slow
def test_a_database_role_that_can_write_is_refused(from_database: ReaderServer) -> None:
    """The `DATABASE_URL` of the sync, say, where a person has a database of their own."""
    facts = embedded.connection_parameters(embedded.ensure(default_home(from_database.folder / "home")))
    url = f"postgresql://{facts['user']}@/{facts['dbname']}?host={facts['host']}&port={facts['port']}"

    ended = _serve(from_database.folder, exported={"DATABASE_URL": url})

    said = ended.stderr.splitlines()
    assert (ended.returncode, said[0]) == (
        78,
        "Pages for others are not served with a database role that can write.",
    )
    assert "workbench db grant-reader" in ended.stderr


@pytest.mark.anyio
async def test_a_reader_signs_out_by_a_link_on_every_page(from_snapshots: ReaderServer) -> None:
    with from_snapshots.signed_in() as client:
        output = "\n".join(await page_messages(from_snapshots, client, "status"))
        answers = [client.post("/logout").status_code, client.get("/status/").status_code]

    assert ("Sign out" in output, "&#47;logout" in output) == (True, True)
    assert answers == [303, 403]


# --- what a page is made of -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.anyio
async def test_every_page_runs_and_nothing_secret_is_in_what_it_is_told(server: ReaderServer) -> None:
    with server.signed_in() as client:
        for page in READER_PAGES:
            output = "\n".join([client.get(f"/{page}/").text, *await page_messages(server, client, page)])
            assert [word for word in _secrets_of(server) if word in output] == [], page
            assert "internal error" not in output.lower(), page

    assert CANARY not in server.logs()


@pytest.mark.anyio
async def test_a_reader_cannot_ask_another_source_than_the_one_that_is_served(from_snapshots: ReaderServer) -> None:
    with from_snapshots.signed_in() as client:
        messages = await page_messages(from_snapshots, client, "overview", query="&source=database")

    assert not any("Database" in message for message in messages)


@pytest.mark.anyio
async def test_without_a_database_the_status_page_speaks_of_snapshots_alone(from_snapshots: ReaderServer) -> None:
    with from_snapshots.signed_in() as client:
        output = "\n".join(await page_messages(from_snapshots, client, "status"))

    assert {word: word in output for word in ("Newest snapshot", "Last sync", "nothing synced yet")} == {
        "Newest snapshot": True,
        "Last sync": False,
        "nothing synced yet": False,
    }


def test_the_process_has_opened_no_token_and_loaded_nothing_that_writes(server: ReaderServer) -> None:
    """After every page has been shown: what its own interpreter noted down, file by file, module by module."""
    opened = server.opened()

    assert any(file.endswith("/overview.py") for file in opened)
    assert [file for file in opened if file.endswith("/token.json")] == []
    assert {name for name in server.loaded() if name.removeprefix("workbench.") in WRITERS} == set()


@pytest.mark.slow
@pytest.mark.anyio
async def test_neither_the_checkout_s_settings_nor_marimo_s_reach_a_server_or_its_pages() -> None:
    """An `.env` beside the notebooks, and a person's `marimo.toml`: marimo by itself would serve and export both."""
    with with_snapshots_alone() as folder:
        home = home_with_secrets(folder)
        served_from = checkout_with_secrets(folder)
        arguments = ("--snapshots-only", "--password-file", str(password_file(folder)))
        with (
            serving(folder, *arguments, exported={"HOME": str(home)}, checkout=served_from) as server,
            server.signed_in() as client,
        ):
            for page in ("overview", "report"):
                shown = "\n".join([client.get(f"/{page}/").text, *await page_messages(server, client, page)])
                assert re.findall(f"{CANARY}[a-z]*", shown) == [], page
            exported = {name for name in server.exported() if name.startswith(("LINKEDIN_", "DATABASE_", "SNAPSHOT_"))}
            opened = server.opened()
            ready = client.get("/ready").json()

    assert str(served_from / "notebooks" / "overview.py") in opened
    assert (exported, {file for file in opened if file.endswith("/.env")}) == (set(), {str(folder / ".env")})
    assert ready["ready"] is True


def test_with_snapshots_only_no_database_is_asked_or_made(
    from_snapshots: ReaderServer, database_that_is_never_asked: Wire
) -> None:
    assert database_that_is_never_asked.came == 0
    assert not (default_home(from_snapshots.folder / "home")).exists()


def test_report_pages_import_nothing_that_writes() -> None:
    loaded = _imported_by(*READER_PAGES)

    assert "pages" in loaded
    assert loaded & WRITERS == set()


@pytest.mark.slow
def test_a_page_that_syncs_would_be_noticed() -> None:
    assert {"pipeline.background", "pages.sync"} <= _imported_by("sync") & WRITERS


def _imported_by(*pages: str) -> set[str]:
    """All that the pages' cells import, with all that this imports in turn, in an interpreter of their own."""
    code = (
        "import sys, ast, pathlib\n"
        "trees = [ast.parse(pathlib.Path(file).read_text()) for file in sys.argv[1:]]\n"
        "nodes = [node for tree in trees for node in ast.walk(tree)]\n"
        "found = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]\n"
        "exec(compile(ast.Module(found, []), 'imports', 'exec'))\n"
        "print(*(name for name in sys.modules if name.startswith('workbench.')))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *(str(CHECKOUT / "notebooks" / f"{page}.py") for page in pages)],
        env={"PYTHONPATH": str(CHECKOUT)},
        text=True,
        capture_output=True,
        check=True,
    )
    return {name.removeprefix("workbench.") for name in ran.stdout.split()}


def test_every_way_to_serve_in_the_readme_is_understood() -> None:
    """Unit, container and examples name only options that there are."""
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    commands = re.findall(r'workbench"?,? "?serve\b([^\n`]*)', readme)
    options = set(re.findall(r"--[a-z-]+", " ".join(commands)))
    ran = subprocess.run(
        [sys.executable, "-m", "workbench", "serve", "--help"],
        env={"PYTHONPATH": str(CHECKOUT), "COLUMNS": "200"},
        text=True,
        capture_output=True,
        check=True,
    )

    assert len(commands) > 3
    assert {"--host", "--password-file", "--origin", "--trusted-proxies"} <= options
    assert {option for option in options if option not in ran.stdout} == set()


BROWSER = """#!{python}
import pathlib, re, sys, time, urllib.parse, urllib.request
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
page = pathlib.Path(urllib.parse.urlsplit(sys.argv[1]).path)
address = re.search('url=(.*?)"', page.read_text())[1]
answered = opener.open(address).status
pathlib.Path({said!r}).write_text(f"{{answered}} {{page.stat().st_mode & 0o777:o}} {{sys.argv[1:]}} {{page}}")
time.sleep(20)
"""


@pytest.mark.slow
@pytest.mark.parametrize("arguments", slow_except(("--edit",), of=[(), ("--edit",)]))
def test_open_shows_a_page_that_answers_and_waits_for_no_browser(
    from_snapshots: ReaderServer, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Some browsers block the program that opens them, and an editor prints its address before it listens."""
    said = tmp_path / "answered"
    (tmp_path / "browser").write_text(BROWSER.format(python=sys.executable, said=str(said)))
    (tmp_path / "browser").chmod(0o755)
    exported = {"DISPLAY": ":0", "BROWSER": f"{tmp_path}/browser %s", "WORKBENCH_HOME": str(tmp_path / "home")}
    with (
        serving(from_snapshots.folder, *arguments, command="open", exported=exported) as server,
        server.client() as client,
    ):
        until(lambda: said.exists() and said.read_text())
        stranger = client.get(server.address)
        status, mode, shown, page = said.read_text().split()

    assert (status, mode, stranger.status_code) == ("200", "600", 403)
    assert server.address.partition("token=")[2] not in shown
    assert not Path(page).exists()
    assert re.fullmatch(re.escape(server.origin) + r"/[\w-]*/?\?token=[\w-]{43}", server.address)


@pytest.mark.slow
def test_the_owners_cookie_is_sent_to_no_other_server_of_this_machine(from_snapshots: ReaderServer) -> None:
    """A browser knows no ports where cookies are concerned: only a path that cannot be guessed keeps them apart."""
    with serving(from_snapshots.folder, "--no-browser", command="open") as server, server.client() as client:
        base = server.address.removeprefix(server.origin).partition("/?")[0]
        stranger = [
            client.get(path) for path in ("/", "/start/", "/start/manifest.json", "/start/assets/x.js", "/ready")
        ]
        health = client.get("/health")
        entered = client.get(server.address)
        cookie = entered.headers["set-cookie"]
        session = {"cookie": cookie.partition(";")[0]}
        inside = client.get(f"{base}/start/", headers=session)
        outside = client.get("/start/", headers=session)

    assert re.fullmatch(r"/[\w-]{22}", base)
    assert f"path={base}/;" in f"{cookie};".lower().replace(base.lower(), base)
    assert [(base in answer.text or base in str(answer.headers)) for answer in [*stranger, health]] == [False] * 6
    assert (entered.status_code, health.status_code, inside.status_code) == (303, 200, 200)
    assert outside.status_code == 403  # there, the cookie is not even looked at
    assert [answer.status_code for answer in stranger[:4]] == [403] * 4


@pytest.mark.slow
def test_a_token_alone_serves_readers_under_a_path_that_cannot_be_guessed(from_snapshots: ReaderServer) -> None:
    with serving(from_snapshots.folder, "--snapshots-only") as server, server.client() as client:
        base = server.base.removeprefix(server.origin)
        entered = client.get(server.address)
        answers = [client.get(path).status_code for path in (f"{base}/overview/", "/overview/", "/health")]

    assert re.fullmatch(r"/[\w-]{22}", base)
    assert f"path={base}/" in entered.headers["set-cookie"].replace("Path", "path")
    assert answers == [200, 403, 200]


@pytest.mark.slow
def test_it_ends_at_a_signal(from_snapshots: ReaderServer) -> None:
    with serving(from_snapshots.folder, "--snapshots-only") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(120) == 0


def _secrets_of(server: ReaderServer) -> list[str]:
    return [CANARY, str(server.folder), str(CHECKOUT), PASSWORD]


def _serve(
    folder: Path, *arguments: str, exported: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", "serve", *arguments],
        env={"PYTHONPATH": str(CHECKOUT), "WORKBENCH_HOME": str(folder / "home"), **(exported or {})},
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=300,
    )
