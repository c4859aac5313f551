"""The rules for which accounts each viewer may see: the same for all, or by login from a private file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ConfigurationError
from workbench.queries.sources import Accounts
from workbench.settings.account_ids import URN, account_id
from workbench.web.security.passwords import private_text


@dataclass(frozen=True)
class AccountRules:
    """Rules for viewers.

    Attributes:
        everyone: what all viewers may see; None: every account.
        logins: what each login may see; None: logins make no difference. A login that is not in it sees nothing.
    """

    everyone: Accounts = None
    logins: Mapping[str, Accounts] | None = None

    @classmethod
    def of(cls, accounts: Sequence[str], file: Path | None) -> AccountRules:
        """The rules of a command line: ids or URNs of accounts, or a file that maps logins to them.

        Raises:
            ConfigurationError: both are given, an account is no id, or the file cannot be used.
        """
        if accounts and file is not None:
            raise ConfigurationError(
                "--account and --accounts-file cannot be given together.",
                why="Each of them says what viewers may see.",
                next_step="Give one of them. The file may name the same accounts for every login.",
            )
        if file is not None:
            return cls(logins=_logins(file))
        return cls(everyone=frozenset(map(_id, accounts)) if accounts else None)

    def allowed(self, login: str | None) -> Accounts:
        """The accounts that a login may see."""
        if self.logins is None:
            return self.everyone
        return self.logins.get(login, frozenset()) if login else frozenset()

    def allowed_to_any(self) -> Accounts:
        """The accounts that at least one login may see: what a health check looks at."""
        if self.logins is None:
            return self.everyone
        lists = [allowed for allowed in self.logins.values() if allowed is not None]
        return None if len(lists) < len(self.logins) else frozenset().union(*lists)


def _logins(file: Path) -> dict[str, Accounts]:
    try:
        found = tomllib.loads(private_text(file, "accounts file"))
    except tomllib.TOMLDecodeError as error:
        raise _unusable(file, f"It is not TOML: {error}.") from error
    return {login: _allowed(file, login, accounts) for login, accounts in found.items()}


def _allowed(file: Path, login: str, accounts: Any) -> Accounts:
    if accounts == "all":
        return None
    if not isinstance(accounts, list):
        raise _unusable(file, f"What stands after {login!r} is not a list of accounts.")
    return frozenset(map(_id, accounts))


def _id(account: object) -> int:
    number = None if isinstance(account, bool) else account_id(str(account))
    if not number:
        raise ConfigurationError(
            f"{account!r} is not an ad account.",
            why=f"An account is a number such as 512345678, or {URN}512345678.",
            next_step="Take the number from the address of Campaign Manager.",
        )
    return number


def _unusable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The accounts file {file} cannot be used.",
        why=why,
        next_step='Write one line for each login, such as anna = [512345678], or anna = "all".',
    )
