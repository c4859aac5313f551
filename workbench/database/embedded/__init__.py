"""The embedded PostgreSQL: a database that the user need not install.

`ensure(home)` starts the server of a home or joins it, and is cheap enough for every new connection of a pool;
when the last process that uses it has gone, the server stops. It listens on a Unix socket only, and lets in only the
owner of the home and root. `loopback` passes connections by TCP on to it, for one role with a password.
No feature needs this server: with `DATABASE_URL` set, nothing of this package is called.
"""

from __future__ import annotations

from workbench.database.embedded.cluster import BI, READER, SUPERUSER
from workbench.database.embedded.databases import DATABASE, connection_parameters, create_database
from workbench.database.embedded.layout import default_home
from workbench.database.embedded.server import EmbeddedServer, ensure, stop
from workbench.database.embedded.status import EmbeddedStatus, status

__all__ = [
    "BI",
    "DATABASE",
    "READER",
    "SUPERUSER",
    "EmbeddedServer",
    "EmbeddedStatus",
    "connection_parameters",
    "create_database",
    "default_home",
    "ensure",
    "status",
    "stop",
]
