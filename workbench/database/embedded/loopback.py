"""Let programs of this machine reach the embedded server by TCP on loopback, as one role that must give its password.

The server itself listens on a Unix socket only, where the kernel says who connects. A client by TCP could be any
account of this machine, so what it claims to be is not passed on: every connection asks the server for one and the same
role, which `pg_hba.conf` lets in by password (SCRAM) alone. Claims of another role are refused. Connections that have
not given the password are few, or they would take every place of the server.

Source: PostgreSQL documentation, "Message Formats" (StartupMessage, SSLRequest, GSSENCRequest, CancelRequest).
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from contextlib import suppress

from workbench.database.embedded.server import EmbeddedServer
from workbench.paths import loopback_address

_LONGEST_PACKET = 10_000  # as PostgreSQL's own limit for start-up packets
_SECONDS = 10.0  # to say who one is, and then to prove it
_UNPROVEN = 40  # at once without the password yet, as many as the role may have: a pool opens all of its own at once
_LET_IN = b"R\0\0\0\x08\0\0\0\0"  # AuthenticationOk
_CHUNK = 65_536
_SSL, _GSSENC, _CANCEL = 80_877_103, 80_877_104, 80_877_102
_MAJOR = 3


class _RefusedError(Exception):
    """A refusal; its text is sent to the client."""


async def listen(server: EmbeddedServer, *, port: int, role: str, database: str) -> asyncio.Server:
    """A listener on loopback that passes connections on to the server, as one role.

    Args:
        server: the embedded server.
        port: 0 takes a free one.
        role: the only one that clients may be; `pg_hba.conf` asks for its password.
        database: for clients that name none.

    Raises:
        OSError: the port is taken.
    """
    unproven: dict[asyncio.StreamWriter, None] = {}  # the one that came first is first

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(unproven) >= _UNPROVEN:
            _end(unproven)
        unproven[writer] = None
        late = asyncio.get_running_loop().call_later(2 * _SECONDS, writer.transport.abort)

        def let_in() -> None:
            late.cancel()
            unproven.pop(writer, None)

        try:
            await _pass_on(reader, writer, server, role, database, let_in)
        except _RefusedError as refused:
            writer.write(_refusal(str(refused)))
            with suppress(OSError):
                await writer.drain()
        except (OSError, EOFError, TimeoutError):
            pass  # it has gone, or says nothing
        finally:
            let_in()
            writer.close()

    return await asyncio.start_server(serve, loopback_address(), port)


def _end(connections: dict[asyncio.StreamWriter, None]) -> None:
    """End the connection that came first."""
    first = next(iter(connections))
    del connections[first]
    first.transport.abort()


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    server: EmbeddedServer,
    role: str,
    database: str,
    let_in: Callable[[], None],
) -> None:
    async with asyncio.timeout(_SECONDS):
        packet = await _first_packet(reader, writer)
    first = startup(packet, role=role, database=database)
    socket = f"{server.socket_dir}/.s.PGSQL.{server.port}"
    there_reader, there_writer = await asyncio.open_unix_connection(socket)
    try:
        there_writer.write(first)
        answers = asyncio.create_task(_pump(there_reader, writer, until=_LET_IN, found=let_in))
        pumps = {asyncio.create_task(_pump(reader, there_writer)), answers}
        _, pending = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pending:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    finally:
        there_writer.close()


async def _first_packet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first packet that is no question for encryption; loopback needs none."""
    for _ in range(3):
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        if not 8 <= length <= _LONGEST_PACKET:
            raise _RefusedError("This is not PostgreSQL's protocol.")
        packet = await reader.readexactly(length - 4)
        if struct.unpack("!i", packet[:4])[0] not in (_SSL, _GSSENC):
            return packet
        writer.write(b"N")
    raise _RefusedError("Encryption was asked for too often.")


def startup(packet: bytes, *, role: str, database: str) -> bytes:
    """The start-up packet to pass on: the client's, made anew with `role`; a request to cancel goes as it is.

    Args:
        packet: without its length.

    Raises:
        _RefusedError: it claims another role, or is none.
    """
    (code,) = struct.unpack("!i", packet[:4])
    if code == _CANCEL:
        return struct.pack("!i", len(packet) + 4) + packet
    if code >> 16 != _MAJOR or not packet.endswith(b"\0\0"):
        raise _RefusedError("This is not PostgreSQL's protocol.")
    words = packet[4:-2].split(b"\0")
    if len(words) % 2:
        raise _RefusedError("This is not PostgreSQL's protocol.")
    asked = dict(zip(words[::2], words[1::2], strict=True))
    if asked.get(b"user") != role.encode():
        raise _RefusedError(f"Only {role} may connect here.")
    asked |= {b"user": role.encode(), b"database": asked.get(b"database") or database.encode()}
    asked.pop(b"replication", None)
    body = packet[:4] + b"".join(name + b"\0" + value + b"\0" for name, value in asked.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    until: bytes = b"",
    found: Callable[[], None] = lambda: None,
) -> None:
    """Pass on what is read; call `found` once when `until` was read."""
    seen = b""
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            if until and until in (seen := seen[-len(until) :] + data):
                found()
                until = b""
            writer.write(data)
            await writer.drain()


def _refusal(text: str) -> bytes:
    fields = (b"SFATAL", b"VFATAL", b"C28000", b"M" + text.encode())
    body = b"".join(field + b"\0" for field in fields) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body
