"""What goes wrong between LinkedIn and us: retried where it passes, else it costs what it touches, and is said."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, some, statuses
from workbench.linkedin.client import Client

# --- the wire: once, and it is retried ------------------------------------------------------------------------------

PASSING: dict[str, dict[str, Any]] = {
    "429 without a wait": {"fault": "status", "status": 429},
    "429 with seconds": {"fault": "status", "status": 429, "retry_after": "1"},
    "429 with zero": {"fault": "status", "status": 429, "retry_after": "0"},
    "429 with a date": {"fault": "status", "status": 429, "retry_after": "Sun, 22 Nov 2026 12:00:03 GMT"},
    "429 with nonsense": {"fault": "status", "status": 429, "retry_after": "99999999999999999999"},
    "500": {"fault": "status", "status": 500},
    "502 in HTML": {"fault": "html", "status": 502},
    "503": {"fault": "status", "status": 503},
    "504": {"fault": "status", "status": 504},
    "an HTML page with 200": {"fault": "html", "status": 200},
    "an empty body": {"fault": "empty"},
    "truncated JSON": {"fault": "truncated_json"},
    "broken gzip": {"fault": "bad_gzip"},
    "reset before the answer": {"fault": "drop"},
    "reset in mid-body": {"fault": "cut"},
}


@pytest.mark.slow
def test_everything_that_passes_by_itself_is_retried_until_the_truth_is_there(installation: Installation) -> None:
    for number, fault in enumerate(PASSING.values()):
        for endpoint in ("adAccounts", "adCampaigns", "adCampaignGroups", "creatives", "adAnalytics"):
            installation.sandbox.faults.add(
                endpoint, nth=1 + (number // 5 if endpoint != "adAnalytics" else number), **fault
            )

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert sum(order.hit for order in installation.sandbox.faults.orders) >= len(PASSING)
    assert differences(installation) == []


# --- for ever, on one account's metrics: it costs that alone --------------------------------------------------------

LASTING: dict[str, dict[str, Any]] = {
    "500": {"fault": "status", "status": 500},
    "502": {"fault": "status", "status": 502},
    "503": {"fault": "status", "status": 503},
    "504": {"fault": "status", "status": 504},
    "429": {"fault": "status", "status": 429},
    "400": {"fault": "status", "status": 400, "body": '{"status":400,"message":"Bad"}'},
    "414": {"fault": "status", "status": 414},
    "an HTML page": {"fault": "html", "status": 200},
    "truncated JSON": {"fault": "truncated_json"},
    "an empty body": {"fault": "empty"},
    "broken gzip": {"fault": "bad_gzip"},
    "a reset": {"fault": "cut"},
    "a redirect": {"fault": "redirect"},
    "a refusal": {"fault": "forbid"},
    "a bomb": {"fault": "bomb", "n": 130},
    "a JSON of another kind": {"fault": "html", "status": 200, "body": '{"elements":{"a":1}}'},
    "a drip": {"fault": "drip", "seconds": 30},
    "silence": {"fault": "slow", "seconds": 30},
}


@pytest.mark.slow
def test_a_proxy_in_the_environment_does_not_stand_between_us_and_this_machine(installation: Installation) -> None:
    nobody = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY")}

    ran = installation.run("sync", settings=nobody)

    assert ran.code == 0, ran.err
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", some(LASTING, "truncated JSON", slow=("a drip",)))
def test_a_lasting_fault_of_one_accounts_metrics_costs_those_alone(
    installation: Installation, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaigns = [row["campaign_id"] for row in installation.sandbox.truth.campaigns() if row["account_id"] == FIRST]
    match = f"pivot=CREATIVE.*({'|'.join(map(str, [FIRST, *campaigns]))})"  # what takes too long is asked by campaign
    monkeypatch.setattr(Client, "_exchange", _impatient(match))
    installation.sandbox.faults.add(match, times=None, **LASTING[kind])

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 10
    assert str(FIRST) in str(error)
    assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    assert "creative_daily_metrics" not in covered(installation, FIRST)
    assert "campaign_daily_metrics" in covered(installation, FIRST)
    assert installation.table("creative_daily_metrics", where=f"account_id = {FIRST}") == []
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["partial"]
    heal(installation)


def _impatient(match: str) -> Callable[..., Any]:
    """The exchange of a request and its answer, with a short deadline where the query matches; others may be slow."""
    plain = Client._exchange

    async def exchange(client: Client, request: Any, token: Any) -> Any:
        async with asyncio.timeout(0.2 if re.search(match, request.query) else None):
            return await plain(client, request, token)

    return exchange


# --- LinkedIn cannot be asked ----------------------------------------------------------------------------------------


@contextmanager
def _no_server_listens(installation: Installation) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def _tls_fails(installation: Installation) -> Iterator[str]:
    yield installation.sandbox.url.replace("http://", "https://")


@contextmanager
def _no_name_resolves(installation: Installation) -> Iterator[str]:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with patch.object(socket, "getaddrinfo", unknown):
        yield installation.sandbox.url.replace("127.0.0.1", "localhost")


@contextmanager
def _no_network(installation: Installation) -> Iterator[str]:
    def unreachable(*_: Any) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with patch.object(socket.socket, "connect", unreachable):
        yield installation.sandbox.url


@contextmanager
def _no_connection_is_taken(installation: Installation) -> Iterator[str]:
    """A queue of connections that is full: a new client is not even refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with patch("workbench.linkedin.client.DEADLINE", 0.3):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


NO_WAY: dict[str, tuple[Callable[[Installation], AbstractContextManager[str]], str]] = {
    "no server listens": (_no_server_listens, "cannot be reached"),
    "TLS fails": (_tls_fails, ""),
    "no name resolves": (_no_name_resolves, "cannot be reached"),
    "there is no network": (_no_network, "cannot be reached"),
    "no connection is taken": (_no_connection_is_taken, "in time"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", some(NO_WAY, "no server listens", slow=("TLS fails",)))
def test_without_a_way_to_linkedin_it_says_so_and_exits_70(installation: Installation, kind: str) -> None:
    way, why = NO_WAY[kind]
    with way(installation) as url:
        code, outcome = installation.outcome(settings={"LINKEDIN_API_URL": url})

    error = said(outcome)
    assert code == 70
    assert why in error.why
    assert installation.value("select count(*) from ad_accounts") == 0
    heal(installation)


@pytest.mark.slow
@pytest.mark.parametrize("after", sweep_except(20, of=[2, 20, 40]))
def test_a_network_that_goes_away_in_mid_run_costs_what_was_not_read_yet(
    installation: Installation, after: int
) -> None:
    installation.sandbox.faults.add(".", "drop", nth=after, times=None)

    code, outcome = installation.outcome()

    assert code in (10, 70)
    said(outcome)
    assert differences_of_views(installation) == []
    heal(installation)


@pytest.mark.slow
def test_the_list_of_accounts_that_fails_for_ever_exits_70_and_writes_no_row(installation: Installation) -> None:
    installation.sandbox.faults.add("adAccounts", "status", status=503, times=None)

    code, outcome = installation.outcome()

    assert code == 70
    assert "accounts" in said(outcome).what
    assert installation.value("select count(*) from ad_accounts") == 0
    heal(installation)
