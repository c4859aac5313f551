"""Links from a name to a page about it, which carry the choices along."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from workbench.analytics.formatting import text
from workbench.app_context import current


class Link(str):
    """A name that leads to an address, for a cell of a `small_table`; as text it is the name."""

    __slots__ = ("address",)

    address: str

    @classmethod
    def to(cls, page: str, label: str, chosen: Mapping[str, str]) -> str:
        """The name as a link to a page of this app; the bare name where the app has no such page."""
        if page not in current().pages:
            return label
        made = cls(label)
        made.address = f"../{page}/{f'?{urlencode(chosen)}' if chosen else ''}"
        return made

    @property
    def html(self) -> str:
        """The link as markup."""
        return f'<a href="{text(self.address)}">{text(self)}</a>'


def link(page: str, label: str, chosen: Mapping[str, str]) -> str:
    """The markup of a link to a page of this app; the bare text where the app has no such page."""
    made = Link.to(page, label, chosen)
    return made.html if isinstance(made, Link) else text(label)


def about(chosen: Mapping[str, str], **more: object) -> dict[str, str]:
    """The choices that a link carries, with what it is about; what is None is left out."""
    return {**chosen, **{name: str(value) for name, value in more.items() if value is not None}}
