"""A sandbox on a real socket, and an httpx client that sends exactly the URL it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from workbench.sandbox import Sandbox

TODAY = date(2026, 11, 22)
HEADERS = {"LinkedIn-Version": "202607", "X-Restli-Protocol-Version": "2.0.0"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(today=TODAY) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {**HEADERS, "Authorization": f"Bearer {sandbox.issue_token()}"}
    with httpx.Client(base_url=sandbox.url, headers=headers) as client:
        yield client


@pytest.fixture
def get(client: httpx.Client) -> Callable[..., Any]:
    """The JSON of a 200."""

    def ask(url: str, **headers: str) -> Any:
        answer = client.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture
def account_id(sandbox: Sandbox) -> int:
    return sandbox.world.listed_accounts()[0].id
