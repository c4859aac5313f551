"""Ask Linux which account of this machine is at the other end of a loopback connection.

The kernel knows the owner of each socket (sock_diag, `man 7 sock_diag`). Nothing that is sent can change that.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Mapping
from typing import Any

_SOCK_DIAG_BY_FAMILY, _REQUEST = 20, 1
_EVERY_STATE = 0xFFFFFFFF
_HEAD = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI")
_PORTS = struct.Struct("!HH")
_REST = struct.Struct("=III")  # any interface, any cookie
_ANSWER = struct.Struct("=4x48x12xII")
_NO_COOKIE = 0xFFFFFFFF


def account_of(scope: Mapping[str, Any]) -> int | None:
    """The user id of the client of a request or WebSocket; None where it cannot be found.

    It is known on Linux, for a client on this machine that has not hung up.
    """
    client, server = scope.get("client"), scope.get("server")
    try:
        return _owner(client, server) if client and server else None
    except (OSError, ValueError, TypeError, AttributeError, struct.error):
        return None


def _owner(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    source, target = ipaddress.ip_address(client[0]), ipaddress.ip_address(server[0])
    family = socket.AF_INET if source.version == 4 else socket.AF_INET6
    body = (
        _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _EVERY_STATE)
        + _PORTS.pack(client[1], server[1])
        + source.packed.ljust(16, b"\0")
        + target.packed.ljust(16, b"\0")
        + _REST.pack(0, _NO_COOKIE, _NO_COOKIE)
    )
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, getattr(socket, "NETLINK_SOCK_DIAG", 4)) as asking:
        asking.settimeout(1)
        asking.sendall(_HEAD.pack(_HEAD.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0) + body)
        answer = asking.recv(4096)
    _, kind, *_ = _HEAD.unpack_from(answer)
    if kind != _SOCK_DIAG_BY_FAMILY:  # an error: there is no such socket here
        return None
    account, inode = _ANSWER.unpack_from(answer, _HEAD.size)
    return account if inode else None  # a socket that was closed has no owner, and is shown as root's
