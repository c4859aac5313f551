"""One API call for the endpoints: path, query, token, and checks of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from workbench.sandbox.api.quotas import Throttles
from workbench.sandbox.api.restli import Malformed, Query, decode
from workbench.sandbox.oauth.authority import Token
from workbench.sandbox.refusals import access_denied, missing_param, no_role, not_found, plain
from workbench.sandbox.switches import Switches
from workbench.sandbox.world.world import World


@dataclass(frozen=True, kw_only=True)
class Call:
    """A GET under `/rest` that passed the checks of token, version and protocol."""

    world: World
    switches: Switches
    throttles: Throttles
    token: Token
    version: str
    protocol: str
    path: str
    query: str
    keys: Mapping[str, str]
    """Path keys by name, percent-encoded as sent."""

    def read(self, *allowed: str) -> Query:
        """The query, refused if it has other parameters than these."""
        return Query(self.query, protocol=self.protocol, allowed=allowed)

    def finder(self) -> str:
        """The value of `q`, wherever it stands."""
        for piece in self.query.split("&"):
            name, _, value = piece.partition("=")
            if name == "q":
                return value
        raise missing_param("q")

    def need_scope(self, resource: str, method: str, *scopes: str) -> None:
        """Refuse unless the token has one of `scopes`."""
        if not self.token.scopes.intersection(scopes):
            raise access_denied(resource, method, f"{self.version}01")

    def number(self, name: str) -> int:
        """A path key that is a number."""
        text = self.keys[name]
        if not text.isascii() or not text.isdigit():
            raise plain(400, f"Path key '{name}' is invalid")
        return int(text)

    def urn(self, name: str) -> str:
        """A path key that is a URN, percent-encoded once."""
        text = self.keys[name]
        try:
            urn = decode(text)
        except Malformed as error:
            raise plain(400, f"Path key '{name}' is invalid") from error
        if ":" in text or not urn.startswith("urn:li:"):
            raise plain(400, f"Path key '{name}' is invalid")
        return urn

    def account(self) -> int:
        """The account of the path.

        Raises:
            Refusal: it does not exist, or the member has no role on it.
        """
        return self._visible(self.number("account"))

    def visible(self, urn: str) -> int:
        """The account of a parameter.

        Raises:
            Refusal: as `account`.
        """
        return self._visible(int(urn.rpartition(":")[2]))

    def _visible(self, account_id: int) -> int:
        account = self.world.accounts.get(account_id)
        if account is None or account.role is None:
            raise not_found() if self.switches.hidden_as_404 else no_role()
        return account_id


Endpoint: TypeAlias = Callable[[Call], "dict[str, object] | bytes"]


def need_finder(call: Call, known: Collection[str]) -> str:
    """The finder asked for, one of `known`."""
    finder = call.finder()
    if finder not in known:
        raise plain(400, f"Finder '{finder}' not found")
    return finder
