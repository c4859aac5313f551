"""Proxies and servers on loopback that stand in for the network between a machine and LinkedIn: real sockets."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

HOST = "api.linkedin.com"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"elements":[]}'
NEEDS_OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


def signed_by_itself(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for LinkedIn's host, and the PEM file of the only authority that vouches for it."""
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2"
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:localhost,IP:127.0.0.1"]
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made.split(), *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answering, *, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server on loopback; when it ends, no connection and no answer of it is left."""
    writers, answers = list[asyncio.StreamWriter](), set[asyncio.Task[None]]()

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        writers.append(writer)
        answers.add(task)
        await answer(reader, writer)

    async with await asyncio.start_server(counted, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
    for writer in writers:
        writer.transport.abort()
    await asyncio.gather(*answers, *(writer.wait_closed() for writer in writers), return_exceptions=True)


@asynccontextmanager
async def linkedin(context: ssl.SSLContext) -> AsyncIterator[int]:
    """The port of a server that answers every request with an empty list."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
        writer.close()

    async with listening(answer, context=context) as port:
        yield port


class Proxy:
    """An HTTP or SOCKS proxy that leads to one port, whatever it is asked for.

    Attributes:
        asked: the host and port of every connection that was asked for.
        credentials: the `Proxy-Authorization` headers that were sent.
    """

    def __init__(self, leads_to: int = 0, *, refusal: bytes = b"", password: bytes = b"") -> None:
        self.leads_to, self.refusal, self.password = leads_to, refusal, password
        self.asked: list[str] = []
        self.credentials: list[str] = []

    @asynccontextmanager
    async def http(self) -> AsyncIterator[str]:
        async with listening(self._connect) as port:
            yield f"127.0.0.1:{port}"

    @asynccontextmanager
    async def socks(self) -> AsyncIterator[str]:
        async with listening(self._socks) as port:
            yield f"127.0.0.1:{port}"

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        self.asked.append(lines[0].split()[1])
        self.credentials += [line for line in lines if line.lower().startswith("proxy-authorization")]
        if self.refusal:
            writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % self.refusal)
            writer.close()
            return
        await self._tunnel(reader, writer, b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """SOCKS 5 (RFC 1928, 1929) for host names."""
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x02" if self.password else b"\x05\x00")
        if self.password:
            with suppress(asyncio.IncompleteReadError):
                _, length = await reader.readexactly(2)
                await reader.readexactly(length)
                given = await reader.readexactly((await reader.readexactly(1))[0])
                writer.write(b"\x01\x00" if given == self.password else b"\x01\x01")
                if given != self.password:
                    writer.close()
        if writer.is_closing():
            return
        with suppress(asyncio.IncompleteReadError):
            host = await reader.readexactly((await reader.readexactly(5))[4])
            self.asked.append(f"{host.decode()}:{int.from_bytes(await reader.readexactly(2))}")
            if self.refusal:
                writer.write(b"\x05\x02\x00\x01" + bytes(6))
            else:
                await self._tunnel(reader, writer, b"\x05\x00\x00\x01" + bytes(6))
        writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, established: bytes) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.leads_to)
        writer.write(established)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        with suppress(OSError):
            await back.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
    writer.close()
