"""Settings of the web app of this process: which pages it has, under which address, and for which people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """The web app's settings that pages read.

    Attributes:
        pages: names of the pages beside this one, in the order of the navigation; empty: a notebook run by itself.
        base_url: what every page's path starts with.
        readers: whether others look at it, who may change nothing.
        cancel_sync: stops the running sync, given who holds the database's lock. The app hands it to its owner's pages,
            which import nothing that writes; None: no page may.
        labels: what the links of pages beside ours say, by name.
        way_out: the address of the page that asks whether to sign out; empty: there is none.
    """

    pages: tuple[str, ...] = ()
    base_url: str = ""
    readers: bool = False
    cancel_sync: Callable[[str | None], None] | None = None
    way_out: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


_current = Context()
# Module-wide because marimo runs a page as a notebook: no object of ours reaches its cells but through an import.


def current() -> Context:
    """The context of this process; one without other pages until `serve_as` was called."""
    return _current


def serve_as(context: Context) -> None:
    """Set the context of this process, once, before the first page is shown."""
    global _current
    _current = context
