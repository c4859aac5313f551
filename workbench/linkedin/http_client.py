"""An HTTP client for one server, by the proxy and the certificates that the environment names.

The environment has many spellings of both, and a client that cannot be made is a setting to correct, not a bug.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from workbench.errors import ConfigurationError
from workbench.paths import is_loopback

_KINDS = ("http", "https", "socks5", "socks5h")
_CERTIFICATE = re.compile(r"[0-9a-f]{8}\.\d+")  # as `openssl rehash` names a certificate in a folder
_WRITE_IT = "Write it as http://host:port or socks5://host:port"
_ENCODED = "characters of a name or password other than letters and digits as %XX"


@dataclass(frozen=True)
class Proxy:
    """A proxy, and the variable that names it."""

    variable: str
    url: httpx.URL

    def __str__(self) -> str:
        """The proxy's address, without name and password."""
        port = f":{self.url.port}" if self.url.port else ""
        host = f"[{self.url.host}]" if ":" in self.url.host else self.url.host
        return f"{self.url.scheme}://{host}{port} ({self.variable})"


def http_client(origin: str, **options: Any) -> httpx.AsyncClient:
    """A client for this origin that verifies TLS, follows no redirect, and reaches loopback without a proxy.

    Raises:
        ConfigurationError: a proxy or certificates that the environment names cannot be used.
    """
    proxy, context = proxy_of(origin), _tls(origin)
    try:
        return httpx.AsyncClient(
            **options, follow_redirects=False, trust_env=False, verify=context, proxy=_through(proxy, context)
        )
    except ImportError as error:
        raise ConfigurationError(
            f"The proxy {proxy} cannot be used.",
            why="Python's package for SOCKS proxies, socksio, is not installed.",
            next_step=f"In the checkout of the workbench, run `{sys.executable} -m pip install -U .`, which installs "
            "it, or name an http:// proxy.",
        ) from error
    except (httpx.InvalidURL, ValueError, RuntimeError) as error:
        raise _no_address(proxy.variable if proxy else "The proxy") from error


def check_client(origin: str) -> None:
    """Check proxy and certificates as `http_client` does; no request is sent."""
    http_client(origin)


def proxy_of(origin: str) -> Proxy | None:
    """The proxy on the way to a server, if the environment (on macOS also the system) names one.

    Raises:
        ConfigurationError: it is no address of a proxy.
    """
    parts = urlsplit(origin)
    named = getproxies()
    text = named.get(parts.scheme) or named.get("all")
    if not text or is_loopback(parts.hostname or "") or _is_excepted(parts.netloc, named.get("no", "")):
        return None
    names = {f"{parts.scheme}_proxy", "all_proxy"}
    variables = [name for name, value in os.environ.items() if name.lower() in names and value == text]
    return _proxy(text.strip(), variables[0] if variables else "the system's settings")


def _is_excepted(host: str, exceptions: str) -> bool:
    """Whether NO_PROXY has the host; its entries that name no host (ranges of addresses) are not about ours."""
    entries = [entry.strip().rpartition("://")[2] for entry in exceptions.split(",")]
    return "*" in entries or host in entries or bool(proxy_bypass(host))


def _proxy(text: str, variable: str) -> Proxy:
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
        url.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        raise _no_address(variable) from None  # the error repeats a part of the URL, perhaps the password
    if url.scheme == "socks":
        url = url.copy_with(scheme="socks5")
    if url.scheme not in _KINDS:
        raise ConfigurationError(
            f"The proxy of {variable} cannot be used.",
            why=f"It starts with {url.scheme}://, a kind of proxy that the workbench cannot use.",
            next_step=f"{_WRITE_IT}, or unset it where the network needs no proxy.",
        )
    if not url.host or re.search(r"[\s%]", url.host) or (url.port or 0) > 65535:
        raise _no_address(variable)
    return Proxy(variable, url)


def _no_address(variable: str) -> ConfigurationError:
    return ConfigurationError(
        f"The proxy of {variable} cannot be used.",
        why="It is not the address of a proxy.",
        next_step=f"{_WRITE_IT}, {_ENCODED}; or unset it where the network needs no proxy.",
    )


def _through(proxy: Proxy | None, context: ssl.SSLContext) -> httpx.Proxy | None:
    if proxy is None:
        return None
    return httpx.Proxy(proxy.url, ssl_context=context if proxy.url.scheme == "https" else None)


def _tls(origin: str) -> ssl.SSLContext:
    """The TLS context: it trusts the authorities of SSL_CERT_FILE or SSL_CERT_DIR, else those of the package."""
    if urlsplit(origin).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nothing, and is not used
    folders = os.environ.get("SSL_CERT_DIR", "")
    if folders and not os.environ.get("SSL_CERT_FILE") and not any(map(_has_certificates, folders.split(os.pathsep))):
        raise _no_certificates("SSL_CERT_DIR", "It is no folder with certificates that `openssl rehash` has named.")
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise _no_tls(error) from error


def _has_certificates(folder: str) -> bool:
    with suppress(OSError, ValueError):
        return any(_CERTIFICATE.fullmatch(file.name) for file in Path(folder).iterdir())
    return False


def _no_tls(error: Exception) -> ConfigurationError:
    """The error for certificates, or a file of TLS keys, that OpenSSL refuses."""
    if file := os.environ.get("SSL_CERT_FILE"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            return _no_certificates("SSL_CERT_FILE", f"{_printable(file)} holds no certificate as PEM text.")
        except (OSError, ValueError) as refused:
            return _no_certificates("SSL_CERT_FILE", f"{_printable(file)}: {_reason(refused)}.")
    if keys := os.environ.get("SSLKEYLOGFILE"):
        return ConfigurationError(
            "No connection to LinkedIn can be made.",
            why=f"TLS keys are to be logged to SSLKEYLOGFILE, and {_printable(keys)} cannot be written: "
            f"{_reason(error)}.",
            next_step="Unset SSLKEYLOGFILE, or name a file that can be written.",
        )
    return _no_certificates("The list of certificate authorities", f"{_reason(error)}.")


def _no_certificates(variable: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{variable} cannot be used, so no connection to LinkedIn can be made.",
        why=why,
        next_step="Set SSL_CERT_FILE to a PEM file with the certificate authorities of your network, or unset it.",
    )


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _printable(path: str) -> str:
    return path.encode(errors="replace").decode()


# --- a connection that fails -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Obstacle:
    """The certificate or proxy that keeps this machine from a server.

    Attributes:
        passing: whether it may pass by itself.
        settings: whether a setting must change.
    """

    why: str
    next_step: str
    passing: bool = False
    settings: bool = False


@contextmanager
def as_http_errors() -> Iterator[None]:
    """Turn what TLS and SOCKS raise after the handshake into an httpx error."""
    try:
        yield
    except ssl.SSLError as error:
        raise httpx.ReadError(str(error)) from error
    except httpx.HTTPError:
        raise
    except Exception as error:
        if not _is_of_socks(error):
            raise
        raise httpx.ProxyError("it does not speak SOCKS 5") from error


def _is_of_socks(error: Exception) -> bool:
    """Whether an exception comes from the SOCKS library, which raises other types for answers it does not expect."""
    trace = error.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.endswith(".socks_proxy") and trace.tb_frame.f_code.co_name == "_init_socks5_connection":
            return True
        trace = trace.tb_next
    return False


def obstacle(error: BaseException, origin: str) -> Obstacle | None:
    """The certificate or proxy that an error of a connection is about; None for any other error."""
    if untrusted := _untrusted(error):
        return _distrust(untrusted)
    proxy = proxy_of(origin)
    if proxy is None:
        return None
    if isinstance(error, httpx.ProxyError):
        return _refused(proxy, str(error)[:100], urlsplit(origin).hostname or "")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        why = f"The server cannot be reached through the proxy {proxy} ({type(error).__name__})."
        return Obstacle(why, f"Check the network and {proxy.variable}.", passing=True)
    return None


def _distrust(error: ssl.SSLCertVerificationError) -> Obstacle:
    why = f"The server's TLS certificate is not trusted ({error.verify_message}), so nothing was sent."
    file = os.environ.get("SSL_CERT_FILE")
    step = (
        f"add its certificate authority to {_printable(file)} (SSL_CERT_FILE)"
        if file
        else ("set SSL_CERT_FILE to a PEM file with its certificate authority")
    )
    return Obstacle(why, f"If a proxy of your network opens TLS, {step}; check this machine's clock, too.")


def _refused(proxy: Proxy, reason: str, host: str) -> Obstacle:
    if reason.startswith("407") or "username/password" in reason or "AUTHENTICATION" in reason.upper():
        why = f"The proxy {proxy} asks for another name and password: {reason}."
        step = f"Set {proxy.variable} to {proxy.url.scheme}://name:password@host:port, {_ENCODED}."
        return Obstacle(why, step, settings=True)
    why = f"The proxy {proxy} refused the connection to {host}: {reason.rstrip('.')}."
    step = f"Let the proxy's administrator allow {host}, or correct {proxy.variable}."
    return Obstacle(why, step, passing=reason.startswith("5"))


def _untrusted(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
