"""Addresses of databases in the tests' own server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL

from workbench.database import embedded

TEMPLATE = "template_workbench"


def url_of(server: embedded.EmbeddedServer, name: str) -> URL:
    parameters: dict[str, Any] = embedded.connection_parameters(server, name)
    return URL.create(
        "postgresql+psycopg",
        parameters["user"],
        database=name,
        port=parameters["port"],
        query={"host": parameters["host"]},
    )
