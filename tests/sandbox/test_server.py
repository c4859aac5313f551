"""The sandbox as a program, and what it refuses to be."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from itertools import pairwise

import httpx
import pytest

from workbench.errors import ConfigurationError, StorageError
from workbench.sandbox import Sandbox


def test_served_alone_it_says_how_to_reach_it_and_ends_quietly_on_ctrl_c():
    program = [sys.executable, "-c", "from workbench.sandbox import serve; serve(port=0)"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            said += served.stdout.readline()
        settings = dict(re.findall(r"^(LINKEDIN_\w+)=(.+)$", said, re.MULTILINE))
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport) as client:
            assert client.get(settings["LINKEDIN_API_URL"] + "/_sandbox").json()["size"] == "small"
        served.send_signal(signal.SIGINT)
        _, complaints = served.communicate(timeout=120)
    assert (served.returncode, complaints) == (0, "")
    assert settings.keys() == {
        "LINKEDIN_API_URL",
        "LINKEDIN_OAUTH_URL",
        "LINKEDIN_CLIENT_ID",
        "LINKEDIN_CLIENT_SECRET",
    }


def test_it_listens_on_loopback_only():
    with pytest.raises(ConfigurationError, match=r"0\.0\.0\.0"):
        Sandbox(host="0.0.0.0")  # noqa: S104
    with pytest.raises(ConfigurationError, match="huge"):
        Sandbox(size="huge")


def test_a_taken_port_is_named(sandbox):
    port = httpx.URL(sandbox.url).port
    with pytest.raises(StorageError, match=str(port)), Sandbox(port=port):
        pass


def test_answers_do_not_wait_for_nagle(sandbox, client):
    seconds = []
    for _ in range(12):
        client.get("/rest/adAccountUsers?q=authenticatedUser")
        seconds.append(sandbox.requests.entries[-1].at)
    steps = sorted(later - earlier for earlier, later in pairwise(seconds))
    assert steps[0] < 0.03
