"""`workbench mcp` to a real client of the SDK: tools, limits, accounts, errors; over stdio and over HTTP."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import anyio
import httpx
import pytest
from polars.exceptions import PanicException

from workbench.answers.question_list import questions
from workbench.errors import ConfigurationError
from workbench.queries.api import Queries, query
from workbench.queries.sources import SOURCES, Access
from workbench.web import mcp_tools
from workbench.web.mcp_server import http_app, mcp_server
from workbench.web.mcp_tools import Toolbox

EMEA = 508310000
DAYS = {"first_day": "2026-11-01", "last_day": "2026-11-21"}
TOKEN = "a-token-that-is-hard-to-guess"


@cache
def queries_of(only: frozenset[int] | None) -> Queries:
    """Opened once for all tests of this module."""
    return Queries(access=Access(allowed=("sample",), readers=True, accounts=lambda: only))


def toolbox(*, only: frozenset[int] | None = None, **facts: Any) -> Toolbox:
    return Toolbox(queries_of(only), "sample", **facts)


def asked(box: Toolbox, name: str, **arguments: Any) -> tuple[bool, Any]:
    """Whether a call failed, and its JSON or its message, by a client in this process."""

    import mcp  # a second, which other workers need not spend

    async def call() -> Any:
        async with mcp.Client(mcp_server(box)) as client:
            return await client.call_tool(name, arguments)

    answer = anyio.run(call)
    (content,) = answer.content
    return bool(answer.is_error), content.text if answer.is_error else json.loads(content.text)


def listed(box: Toolbox) -> dict[str, Any]:
    import mcp

    async def ask() -> Any:
        async with mcp.Client(mcp_server(box)) as client:
            return await client.list_tools()

    return {tool.name: tool for tool in anyio.run(ask).tools}


def test_every_question_and_answer_of_the_source_is_a_tool_with_types_and_units() -> None:
    tools = listed(toolbox())

    assert set(tools) == {info.name for info in questions() if "sample" in info.sources}
    kpis = tools["kpis"]
    assert kpis.input_schema["required"] == ["first_day", "last_day"]
    assert kpis.input_schema["properties"]["first_day"] == {"type": "string", "format": "date"}
    assert kpis.input_schema["properties"]["account_ids"]["anyOf"][0] == {"type": "array", "items": {"type": "integer"}}
    assert "cost_in_local_currency (account currency)" in kpis.description
    assert all(tool.annotations.read_only_hint for tool in tools.values())


def test_tools_can_be_listed_of_every_source() -> None:
    for source in SOURCES:
        box = Toolbox(Queries(access=Access(allowed=(source,), readers=True)), source)
        assert {tool.name for tool in box.tools()} == {info.name for info in questions() if source in info.sources}


def test_an_answer_is_that_of_query_with_its_sentences() -> None:
    failed, said = asked(toolbox(), "kpis", **DAYS, account_ids=[EMEA])
    (row,) = query(
        "kpis", source="sample", first_day="2026-11-01", last_day="2026-11-21", account_ids=[EMEA]
    ).to_dicts()
    assert not failed
    assert said["frames"]["kpis"][0]["impressions"] == row["impressions"]
    assert said["frames"]["kpis"][0]["cost_in_local_currency"] == pytest.approx(float(row["cost_in_local_currency"]))
    failed, said = asked(toolbox(), "pacing", monthly_plan=36000.5, account_ids=[EMEA])
    assert not failed
    assert said["sentences"]
    assert said["frames"]["pacing"][0]["budget"] == 36000.5


def test_rows_beyond_the_limit_are_left_out_and_said() -> None:
    failed, said = asked(toolbox(most_rows=3), "daily_series", **DAYS)
    assert (failed, len(said["frames"]["daily_series"]), said["truncated"]) == (False, 3, True)
    assert said["rows_left_out"]["daily_series"] > 3


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("kpis", {}, "first_day"),
        ("kpis", {**DAYS, "first_day": "soon"}, "first_day"),
        ("kpis", {**DAYS, "limit": 5}, "limit is no parameter"),
        ("nothing", {}, "no tool"),
        ("sql", {"statement": "select 1"}, "no tool"),
        ("sync_steps", {}, "no tool"),
    ],
)
def test_a_wrong_call_is_an_error_that_says_why(name: str, arguments: dict[str, Any], why: str) -> None:
    failed, said = asked(toolbox(), name, **arguments)
    assert (failed, why in said) == (True, True)


def test_only_the_accounts_that_are_shown_can_be_seen() -> None:
    box = toolbox(only=frozenset({EMEA}))
    for arguments in ({}, {"account_ids": [EMEA, 508310041]}):
        failed, said = asked(box, "accounts", **arguments)
        assert not failed
        assert [row["account_id"] for row in said["frames"]["accounts"]] == [EMEA]
    with pytest.raises(ConfigurationError, match="SQL cannot be allowed"):
        toolbox(only=frozenset({EMEA}), allow_sql=True)


def test_sql_is_there_only_where_it_is_allowed_and_cannot_write() -> None:
    box = toolbox(allow_sql=True, most_rows=2)
    failed, said = asked(box, "sql", statement="select account_id from ad_accounts order by 1")
    assert (failed, said["frames"]["rows"][0]["account_id"], said["truncated"]) == (False, EMEA, True)
    failed, said = asked(box, "sql", statement="drop table ad_accounts")
    assert (failed, "cannot be run" in said) == (True, True)


def test_a_row_that_is_too_large_is_left_out_and_the_server_lives_on() -> None:
    box = toolbox(allow_sql=True)
    failed, said = asked(box, "sql", statement="select repeat('x', 600000) as long")
    assert (failed, said["frames"]["rows"], said["rows_left_out"]) == (False, [], {"rows": 1})
    failed, said = asked(box, "sql", statement="select interval 1 day as i, {'a': 1} as s, 1::hugeint as h, 2 as h")
    assert (failed, said["frames"]["rows"]) == (False, [{"i": "1 day", "s": "{'a': 1}", "h": 1, "h_2": 2}])
    failed, said = asked(box, "sql", statement="select date 'infinity' as d")
    assert (failed, "outside the years" in said) == (True, True)


def test_a_panic_of_a_library_does_not_end_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object, **__: object) -> None:
        raise PanicException("out-of-range date")

    monkeypatch.setattr(mcp_tools, "run_sql", panic)
    failed, said = asked(toolbox(allow_sql=True), "sql", statement="select 1")
    assert (failed, said) == (True, "The tool failed; the log says why.")


@pytest.mark.slow
def test_a_client_starts_the_command_and_speaks_to_it_by_stdio() -> None:
    import mcp

    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "workbench", "mcp", "--source", "sample", "--account", str(EMEA)],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )

    async def talk() -> tuple[Any, Any]:
        async with mcp.Client(command) as client:
            return await client.list_tools(), await client.call_tool("accounts", {})

    tools, answer = anyio.run(talk)
    assert "pacing" in {tool.name for tool in tools.tools}
    assert [row["account_id"] for row in json.loads(answer.content[0].text)["frames"]["accounts"]] == [EMEA]


@pytest.fixture
def address() -> Iterator[str]:
    import uvicorn

    from workbench.web.server import free_port

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(http_app(toolbox(), TOKEN, port), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join()


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def test_over_http_only_a_request_with_the_token_from_this_machine_is_answered(address: str) -> None:
    accepts = {"Accept": "application/json, text/event-stream"}
    carries = {**accepts, "Authorization": f"Bearer {TOKEN}"}
    ask: Callable[..., httpx.Response] = httpx.post
    assert ask(address, json=INITIALIZE, headers=accepts).status_code == 401
    assert ask(address, json=INITIALIZE, headers={**accepts, "Authorization": "Bearer no"}).status_code == 401
    for host in ("evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8790.evil.example"):
        assert ask(address, json=INITIALIZE, headers={**carries, "Host": host}).status_code == 421
    for origin in ("http://evil.example", "http://localhost:1", "null"):
        assert ask(address, json=INITIALIZE, headers={**carries, "Origin": origin}).status_code == 403
    answered = ask(address, json=INITIALIZE, headers=carries)
    assert answered.status_code == 200
    assert "linkedin-ads-workbench" in answered.text
