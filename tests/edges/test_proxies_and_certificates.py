"""Between this machine and LinkedIn: proxies, certificates, and variables that name either of them wrongly."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import certifi
import pytest
from marks import sweep_except
from proxies import HOST, NEEDS_OPENSSL, Proxy, linkedin, listening, signed_by_itself
from pydantic import SecretStr

from workbench.diagnostics.doctor.attention import attention
from workbench.diagnostics.doctor.checks import examine
from workbench.diagnostics.status import gather
from workbench.diagnostics.status.text import brief, described
from workbench.errors import ConfigurationError, LinkedInAPIError, WorkbenchError
from workbench.linkedin.auth import oauth
from workbench.linkedin.client import Client
from workbench.linkedin.http_client import check_client, proxy_of
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.linkedin.validation import Page, split
from workbench.settings.fields import Settings

# httpcore leaves a connection that fails half-way to the garbage collector.
# httpcore closes no connection whose handshake with a proxy fails: its socket ends with the garbage.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:unclosed (transport|<socket)")]

LINKEDIN = f"https://{HOST}"
PASSWORD = "s3cret-of-the-proxy"
NO_PLACE = "/nowhere/at/all"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
            monkeypatch.delenv(name)


class Token:
    async def token(self) -> SecretStr:
        return SecretStr("token")

    async def renew(self, rejected: SecretStr) -> SecretStr:
        return rejected

    def issued_recently(self, now: datetime) -> bool:
        return False


@asynccontextmanager
async def client(origin: str = LINKEDIN) -> AsyncIterator[Client]:
    limiter, quotas = Limiter(concurrency=1, per_second=10_000), Quotas(None, clock=lambda: datetime.now(UTC))
    async with Client(origin=origin, version="202607", tokens=Token(), limiter=limiter, quotas=quotas) as opened:
        yield opened


async def ask(origin: str = LINKEDIN) -> tuple[Page, int]:
    """The answer, and how many requests it took."""
    async with client(origin) as asking:
        page = await asking.get("adCampaigns", "/rest/adCampaigns", {"q": "search"}, what="campaigns", read=split)
        return page, asking.calls


async def failure(origin: str = LINKEDIN) -> WorkbenchError:
    with pytest.raises(WorkbenchError) as refused:
        await ask(origin)
    assert PASSWORD not in str(refused.value)
    return refused.value


# --- variables that name something unusable --------------------------------------------------------------------------

UNUSABLE = {
    "a kind of proxy that no client speaks": {"HTTPS_PROXY": "ftp://proxy:21"},
    "SOCKS 4": {"ALL_PROXY": "socks4://proxy:1080"},
    "a port that is a word": {"HTTPS_PROXY": f"http://me:{PASSWORD}@proxy:port"},
    "a port beyond all ports": {"HTTPS_PROXY": f"http://me:{PASSWORD}@proxy:312800"},
    "a password that is not encoded": {"HTTPS_PROXY": f"http://me:{PASSWORD}#/x@proxy:3128"},
    "no host": {"HTTPS_PROXY": "https://"},
    "a host with a space": {"https_proxy": "http://a proxy:3128"},
    "an empty label": {"HTTPS_PROXY": "http://a..b:3128"},
    "a label beyond all labels": {"HTTPS_PROXY": f"http://{'a' * 64}.example:3128"},
    "half an IPv6 address": {"HTTPS_PROXY": "http://[::1"},
    "a line break": {"HTTPS_PROXY": "http://proxy:31\r28"},
    "certificates that are not there": {"SSL_CERT_FILE": NO_PLACE},
    "certificates without certificates": {"SSL_CERT_FILE": os.devnull},
    "certificates that are a folder": {"SSL_CERT_FILE": "/"},
    "certificates that are no PEM": {"SSL_CERT_FILE": sys.executable},
    "a folder of certificates that is not there": {"SSL_CERT_DIR": NO_PLACE},
    "a folder of certificates that is a file": {"SSL_CERT_DIR": sys.executable},
    "a folder without certificates": {"SSL_CERT_DIR": "/proc"},
    "a file of TLS keys that cannot be written": {"SSLKEYLOGFILE": f"{NO_PLACE}/keys"},
    "a file of TLS keys that is a folder": {"SSLKEYLOGFILE": "/"},
}


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """What a test left open is collected before the next test, which would be warned of it."""
    yield
    gc.collect()


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_the_environment_names_wrongly_is_told_before_anything_is_asked(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in UNUSABLE[case].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        check_client(LINKEDIN)
    refusal_of_settings = refused.value
    assert refusal_of_settings.exit_code == 78
    assert next(iter(UNUSABLE[case])) in f"{refusal_of_settings.what} {refusal_of_settings.why}"
    assert refusal_of_settings.why
    assert refusal_of_settings.next_step
    assert PASSWORD not in str(refusal_of_settings)


USABLE = {
    "a range of IPv6": {"NO_PROXY": "::1/128,fd00::/8", "HTTPS_PROXY": "http://proxy:3128"},
    "an IPv6 address in brackets": {"NO_PROXY": "[::1]:443,[fe80::1%eth0]"},
    "no host at all": {"NO_PROXY": "http://[,a b,,:::"},
    "a proxy for others": {"HTTP_PROXY": "gopher://old", "NO_PROXY": "*.example.com"},
    "LinkedIn is excepted": {"NO_PROXY": ".linkedin.com", "HTTPS_PROXY": "gopher://old"},
    "everything is excepted": {"NO_PROXY": "a,*", "ALL_PROXY": "gopher://old"},
    "empty ones": {"HTTPS_PROXY": "", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
}


@pytest.mark.parametrize("case", USABLE)
def test_what_is_odd_and_not_about_linkedin_stops_nothing(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in USABLE[case].items():
        monkeypatch.setenv(name, value)
    check_client(LINKEDIN)


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_variable_that_names_a_proxy_is_told_and_the_password_is_not(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"socks://me:{PASSWORD}@[::1]:1080")
    assert str(proxy_of(LINKEDIN)) == f"socks5://[::1]:1080 ({name})"
    assert proxy_of("http://127.0.0.1:8770") is None


def test_without_the_package_for_socks_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
    with pytest.raises(ConfigurationError, match="socksio") as refused:
        check_client(LINKEDIN)
    assert "pip install -U ." in refused.value.next_step


COMMANDS = {
    ("sync",): 78,
    ("auth", "login", "--paste"): 78,
    ("status", "--check"): 1,
    ("doctor",): 1,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    sweep_except("SOCKS 4", of=["SOCKS 4", "certificates that are not there", "a port that is a word"]),
)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_says_it_without_a_traceback(command: tuple[str, ...], case: str, tmp_path: Path) -> None:
    home = {"WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    app = {"LINKEDIN_CLIENT_ID": "id", "LINKEDIN_CLIENT_SECRET": "secret-of-the-app"}
    token = {"LINKEDIN_ACCESS_TOKEN": "token-made-elsewhere"}
    ran = subprocess.run(
        [sys.executable, "-m", "workbench", *command],
        env=os.environ | home | app | token | UNUSABLE[case],
        cwd=tmp_path,
        input="",
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == COMMANDS[command], said
    assert next(iter(UNUSABLE[case])) in said
    assert "Traceback" not in said
    assert PASSWORD not in said


def test_status_and_doctor_name_it_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", NO_PLACE)
    settings = Settings(WORKBENCH_HOME=tmp_path, SNAPSHOT_DIR=tmp_path, LINKEDIN_ACCESS_TOKEN=SecretStr("token" * 5))
    health = gather(settings=settings, database=False)
    assert NO_PLACE in described(health)
    assert "problem" not in brief(health)
    assert [one.check for one in attention(health) if "SSL_CERT_FILE" in one.what] == ["network"]
    findings = [one for one in examine(settings=settings) if "SSL_CERT_FILE" in f"{one.what} {one.why}"]
    assert [(one.check, one.level) for one in findings] == [("network", "problem")]


# --- proxies that work, and that refuse ------------------------------------------------------------------------------


@NEEDS_OPENSSL
@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h", "socks"])
async def test_linkedin_is_reached_through_a_proxy_with_the_certificates_that_are_named(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind.startswith("socks"):
        pytest.importorskip("socksio")
    context, certificate = signed_by_itself(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with linkedin(context) as port:
        proxy = Proxy(port)
        async with proxy.http() if kind == "http" else proxy.socks() as place:
            monkeypatch.setenv("HTTPS_PROXY", f"{kind}://{place}")
            assert await ask() == (Page([]), 1)
    assert proxy.asked == [f"{HOST}:443"]


@NEEDS_OPENSSL
@pytest.mark.usefixtures("nothing_left_open")
@pytest.mark.parametrize("right", [True, False])
async def test_a_socks_proxy_with_a_password(right: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socksio")
    context, certificate = signed_by_itself(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with linkedin(context) as port, Proxy(port, password=PASSWORD.encode()).socks() as place:
        monkeypatch.setenv("ALL_PROXY", f"socks5://me:{PASSWORD}{'' if right else 'x'}@{place}")
        if right:
            assert await ask() == (Page([]), 1)
        else:
            error = await failure()
            assert (type(error), f"socks5://{place} (ALL_PROXY)" in error.why) == (ConfigurationError, True)


REFUSALS = {
    b"407 Proxy Authentication Required": (ConfigurationError, 78, 1),
    b"403 Forbidden": (LinkedInAPIError, 70, 1),
    b"502 Bad Gateway": (LinkedInAPIError, 70, 6),
}


@pytest.mark.usefixtures("nothing_left_open")
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_proxy_that_refuses_is_named_without_its_password(
    refusal: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, code, tries = REFUSALS[refusal]
    proxy = Proxy(refusal=refusal)
    async with proxy.http() as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@{place}")
        error = await failure()
        with pytest.raises(WorkbenchError) as of_oauth:
            await oauth.introspect(_app(), SecretStr("token"))
    assert (type(error), error.exit_code) == (kind, code)
    assert proxy.asked[:tries] == [f"{HOST}:443"] * tries
    assert proxy.asked[tries:]
    assert proxy.credentials
    for refused in (error, of_oauth.value):
        assert f"http://{place} (HTTPS_PROXY)" in refused.why
        assert refusal.decode() in refused.why
        assert "HTTPS_PROXY" in refused.next_step
        assert PASSWORD not in str(refused)
    assert type(of_oauth.value) is kind


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Proxy().http() as place:
        pass
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@{place}")
    error = await failure()
    assert f"http://{place} (HTTPS_PROXY)" in error.why


@pytest.mark.usefixtures("nothing_left_open")
@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x05", b"\x04\x5a" + bytes(6)])
async def test_what_answers_at_a_socks_proxys_port_and_is_none_is_told_as_that(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("socksio")

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        writer.close()

    async with listening(reply) as port:
        place = f"127.0.0.1:{port}"
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://{place}")
        error = await failure()
    assert f"socks5://{place} (HTTPS_PROXY)" in error.why
    assert "does not speak SOCKS 5" in error.why


@pytest.mark.usefixtures("nothing_left_open")
async def test_a_socks_proxy_that_refuses_a_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socksio")
    async with Proxy(refusal=b"no").socks() as place:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://{place}")
        error = await failure()
    assert f"socks5://{place} (HTTPS_PROXY) refused the connection to {HOST}" in error.why


# --- certificates ----------------------------------------------------------------------------------------------------


@NEEDS_OPENSSL
@pytest.mark.usefixtures("nothing_left_open")
async def test_a_certificate_that_is_not_trusted_names_the_setting_that_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = signed_by_itself(tmp_path)
    async with linkedin(context) as port:
        origin = f"https://localhost:{port}"
        error = await failure(origin)
        assert "self-signed certificate" in error.why
        assert "set SSL_CERT_FILE" in error.next_step
        with pytest.raises(LinkedInAPIError, match="SSL_CERT_FILE"):
            await oauth.introspect(_app(origin), SecretStr("token"))

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await ask(origin) == (Page([]), 1)
        monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
        assert certifi.where() in (await failure(origin)).next_step


def _app(origin: str = LINKEDIN) -> oauth.App:
    secret = SecretStr("secret-of-the-app")
    return oauth.App(client_id="id", client_secret=secret, redirect_uri="http://localhost", scopes=(), origin=origin)
