"""Provide the access token to send: from the environment, or from the token file, renewed when it is due.

`oauth` knows the URLs, `token` the file. Many processes that find the same token due ask LinkedIn once:

1. take the lock of the token file;
2. read the file again, and use its token if another process has renewed it;
3. otherwise ask LinkedIn, write the file, release the lock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from pydantic import SecretStr

from workbench.clock import Clock, utc_now
from workbench.errors import (
    AuthenticationError,
    ConfigurationError,
    LinkedInAPIError,
    StorageError,
    TokenExpiredError,
    WorkbenchError,
    several,
)
from workbench.linkedin.auth import oauth
from workbench.linkedin.auth.oauth import Introspection
from workbench.linkedin.auth.token import SIGN_IN, Token, sendable
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings

PROPAGATION = timedelta(seconds=60)
WARN_DAYS = 30
_STATIC = "LINKEDIN_ACCESS_TOKEN"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The state of the sign-in; None where it is not known.

    Attributes:
        source: `file`, or `environment` for a token made elsewhere.
        introspection: LinkedIn's own answer, if it could be asked.
        doubts: what a person should know or do soon, one sentence each.
    """

    source: Literal["file", "environment"]
    checked_at: datetime
    expires_at: datetime | None = None
    has_refresh_token: bool = False
    refresh_token_expires_at: datetime | None = None
    consented_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    introspection: Introspection | None = None
    doubts: tuple[str, ...] = ()

    @property
    def access_token_days(self) -> int | None:
        """Whole days left on the access token."""
        return _days(self.expires_at, self.checked_at)

    @property
    def refresh_token_days(self) -> int | None:
        """Whole days left until a person has to consent again."""
        return _days(self.refresh_token_expires_at, self.checked_at)

    def as_dict(self) -> dict[str, Any]:
        """The sign-in as JSON: no token, no secret."""
        refresh_token = {"expires_at": _iso(self.refresh_token_expires_at), "days_left": self.refresh_token_days}
        return {
            "source": self.source,
            "access_token": {"expires_at": _iso(self.expires_at), "days_left": self.access_token_days},
            "refresh_token": refresh_token if self.has_refresh_token else None,
            "consented_at": _iso(self.consented_at),
            "scopes": None if self.scopes is None else list(self.scopes),
            "introspection": self.introspection.model_dump(mode="json") if self.introspection else None,
            "warnings": list(self.doubts),
        }


class TokenSource:
    """Provides access tokens to the API client."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now) -> None:
        self._settings = settings
        self._clock = clock
        self._held: Token | None = None

    @cached_property
    def _file(self) -> TokenFile:
        return TokenFile(self._settings.token_file)  # a token from the environment needs no file, and so no home

    def issued_recently(self, now: datetime) -> bool:
        """Whether the token is so new that LinkedIn may answer 401 for some seconds (observed)."""
        return self._held is not None and now - self._held.issued_at <= PROPAGATION

    async def token(self) -> SecretStr:
        """The access token to send now.

        Raises:
            AuthenticationError: there is no sign-in.
            TokenExpiredError: a person must consent again.
            ConfigurationError: the token cannot be renewed with these settings.
            LinkedInAPIError: the token is spent and LinkedIn cannot renew it now.
            StorageError: the token file cannot be used.
        """
        if (static := self._static()) is not None:
            return static
        now = self._clock()
        if self._held is None or self._held.due(now):
            self._held = self._stored()  # another process may have renewed it
        if _ripe(self._held, now):
            await self._renew_early(self._held)
        return self._held.access_token

    async def renew(self, rejected: SecretStr) -> SecretStr:
        """Another token than `rejected`, which LinkedIn answered with 401; asks LinkedIn at most once.

        Raises: as `token`.
        """
        if self._static() is not None:
            raise AuthenticationError(
                "LinkedIn does not accept the access token.",
                why=f"{_STATIC} is expired or revoked, and a token made elsewhere cannot be renewed here.",
                next_step=f"Set {_STATIC} to a new token, or remove it and run `workbench auth login`.",
            )
        return (await self._replace(rejected)).access_token

    async def check(self) -> SignIn:
        """Check that the sign-in lasts for a sync: renew if due, and ask LinkedIn where client id and secret exist.

        Raises: as `token`.
        """
        token = await self.token()
        introspection, doubt = await self._introspect(token)
        if introspection is not None and not introspection.active and not self.issued_recently(self._clock()):
            introspection, doubt = await self._second_look(token, introspection)
        return self._sign_in(introspection, doubt)

    def _static(self) -> SecretStr | None:
        token = self._settings.LINKEDIN_ACCESS_TOKEN
        if token is None:
            return None
        try:
            return sendable(token)
        except ValueError:
            pass
        raise ConfigurationError(
            f"{_STATIC} cannot be used.",
            why="It holds blanks, line ends or characters that no access token has.",
            next_step="Copy the token again, without quotes or line ends.",
        )

    def _stored(self) -> Token:
        token = self._file.read()
        if token is None:
            raise AuthenticationError(
                "Not signed in to LinkedIn.", why=f"There is no {self._file.path}.", next_step=SIGN_IN
            )
        return token

    async def _renew_early(self, token: Token) -> None:
        """Renew a token before its end; a failure is only logged while the old token still works."""
        try:
            await self._replace(None)
        except (LinkedInAPIError, StorageError) as error:
            if token.expired(self._clock()):
                raise
            _LOG.warning("The access token could not be renewed yet: %s", error.what)

    async def _replace(self, rejected: SecretStr | None) -> Token:
        async with self._file.locked():
            token = self._stored()
            if token.access_token == rejected or _ripe(token, self._clock()):
                token = await self._refresh(token)
                self._file.write(token)
                _LOG.info("The access token was renewed until %s.", _iso(token.expires_at))
        self._held = token
        return token

    async def _refresh(self, token: Token) -> Token:
        if token.refresh_token is None or not token.renewable(self._clock()):
            raise _ended(token)
        app = oauth.read_app(self._settings)
        if app.client_id != token.client_id:
            raise AuthenticationError(
                "The stored sign-in cannot be renewed.",
                why="It was made with another app than LINKEDIN_CLIENT_ID names.",
                next_step=SIGN_IN,
            )
        return await oauth.refresh(app, token, token.refresh_token, clock=self._clock)

    async def _introspect(self, token: SecretStr) -> tuple[Introspection | None, str | None]:
        """LinkedIn's answer about the token, or the reason why there is none: the token may work all the same."""
        if self._static() is not None and not oauth.has_app(self._settings):
            return None, None
        try:
            return await oauth.introspect(oauth.read_app(self._settings), token), None
        except ConfigurationError as error:
            return None, error.why
        except LinkedInAPIError as error:
            return None, f"{error.what} {error.why}"

    async def _second_look(
        self, token: SecretStr, introspection: Introspection
    ) -> tuple[Introspection | None, str | None]:
        """Renew an inactive token once; one from the environment may simply belong to another app."""
        if self._static() is not None and introspection.status is None:
            return introspection, f"{_STATIC} was not made with the app that LINKEDIN_CLIENT_ID names."
        return await self._introspect(await self.renew(token))

    def _sign_in(self, introspection: Introspection | None, doubt: str | None) -> SignIn:
        now, held = self._clock(), self._held
        if held is None:
            scopes = introspection.scopes if introspection else None
            return SignIn(
                source="environment",
                checked_at=now,
                expires_at=introspection.expires_at if introspection else None,
                consented_at=introspection.authorized_at if introspection else None,
                scopes=scopes,
                introspection=introspection,
                doubts=tuple(filter(None, (doubt, _more_than_reading(scopes)))),
            )
        return SignIn(
            source="file",
            checked_at=now,
            expires_at=held.expires_at,
            has_refresh_token=held.refresh_token is not None,
            refresh_token_expires_at=held.refresh_token_expires_at,
            consented_at=held.consented_at,
            scopes=held.scopes,
            introspection=introspection,
            doubts=tuple(filter(None, (doubt, _consent_soon(held, now), _more_than_reading(held.scopes)))),
        )


def _more_than_reading(scopes: tuple[str, ...] | None) -> str:
    """A warning about granted scopes that allow writing (`rw_…`, `w_…`), "" without any."""
    writing = [scope for scope in scopes or () if scope.startswith(("rw_", "w_"))]
    if not writing:
        return ""
    return (
        f"The token may change things at LinkedIn ({', '.join(writing)}), and the workbench only reads. "
        "Take these scopes out of LINKEDIN_SCOPES and sign in again, so that a stolen token could change nothing."
    )


def _ripe(token: Token, now: datetime) -> bool:
    """Whether to renew now; a token that cannot be renewed serves to its very end."""
    return token.expired(now) or (token.due(now) and token.renewable(now))


def _ended(token: Token) -> WorkbenchError:
    if token.refresh_token is None:
        why = f"The access token of {token.issued_at:%Y-%m-%d} no longer works, and LinkedIn gave no refresh token."
    else:
        why = f"The consent of {token.consented_at:%Y-%m-%d} ended on {token.refresh_token_expires_at:%Y-%m-%d}."
    return TokenExpiredError("LinkedIn needs your consent again.", why=why, next_step=SIGN_IN)


def _consent_soon(token: Token, now: datetime) -> str | None:
    end = token.refresh_token_expires_at if token.refresh_token else token.expires_at
    days = _days(end, now)
    if days is None or days > WARN_DAYS:
        return None
    return f"LinkedIn will need your consent again in {several(days, 'day')}: run `workbench auth login` before."


def _days(end: datetime | None, now: datetime) -> int | None:
    return None if end is None else max((end - now).days, 0)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
