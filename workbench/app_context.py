"""Settings of the web app of this process: which pages it has, and which sources they may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Source = Literal["database", "snapshots", "sample"]


Accounts = frozenset[int] | None
"""Ids of the accounts that a viewer may see; None: every account."""


def _every_account() -> Accounts:
    return None


@dataclass(frozen=True)
class Context:
    """How the pages of this process are served.

    Attributes:
        pages: names of the pages beside this one, in the order of the navigation; empty: a notebook run by itself.
        sources: what may be asked: `database`, `snapshots`, `sample`.
        base_url: what every page's path starts with.
        readers: whether others look at it, who may change nothing.
        cancel_sync: stops the running sync, given who holds the database's lock. The app hands it to its owner's pages,
            which import nothing that writes; None: nobody may.
        way_out: the address of the page that asks whether to sign out; empty: there is none.
        accounts: returns the accounts that may be seen by the viewer for whom this thread works.
    """

    pages: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ("database", "snapshots", "sample")
    base_url: str = ""
    readers: bool = False
    cancel_sync: Callable[[str | None], None] | None = None
    way_out: str = ""
    accounts: Callable[[], Accounts] = _every_account


_current = Context()


def current() -> Context:
    """The context of this process; all sources and no other pages unless it was set."""
    return _current


def serve_as(context: Context) -> None:
    """Set it, once, before the first page is shown."""
    global _current
    _current = context
