"""An access token with what is needed to renew it, and which texts are tokens at all."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, SecretStr

from workbench.logs import hide

SIGN_IN = "Run `workbench auth login`."
REFRESH_MARGIN = timedelta(minutes=5)


def sendable(secret: SecretStr) -> SecretStr:
    """Whether a text can be a token: RFC 6749 allows visible ASCII; anything else would break the header."""
    if not re.fullmatch(r"[\x21-\x7e]{1,10000}", secret.get_secret_value()):
        raise ValueError("not a token")
    hide(secret.get_secret_value())
    return secret


def _scopes(text: Any) -> Any:
    """Split scopes: LinkedIn's docs separate them by blanks or `+`, its answers by commas."""
    return tuple(dict.fromkeys(re.findall(r"[\w.:/-]+", unquote(text)))) if isinstance(text, str) else text


Secret = Annotated[SecretStr, AfterValidator(sendable)]
Scopes = Annotated[tuple[str, ...], BeforeValidator(_scopes)]


class Token(BaseModel):
    """An access token with what is needed to renew it; moments are UTC.

    Attributes:
        refresh_token: None unless the app has programmatic refresh tokens.
        refresh_token_expires_at: None if LinkedIn did not send it.
        issued_at: when this access token arrived.
        consented_at: when the member consented; refreshing never extends the year that starts here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: Secret
    expires_at: AwareDatetime
    refresh_token: Secret | None = None
    refresh_token_expires_at: AwareDatetime | None = None
    scopes: Scopes = ()
    issued_at: AwareDatetime
    consented_at: AwareDatetime
    client_id: str

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def due(self, now: datetime) -> bool:
        """Whether it is time to renew: five minutes before the end, half-way for a token cut shorter than that."""
        return now >= self.expires_at - min(REFRESH_MARGIN, (self.expires_at - self.issued_at) / 2)

    def renewable(self, now: datetime) -> bool:
        if self.refresh_token is None:
            return False
        return self.refresh_token_expires_at is None or now < self.refresh_token_expires_at

    def as_json(self) -> str:
        """The token as JSON, secrets in the clear: for the token file alone."""
        facts = self.model_dump(mode="json")
        facts["access_token"] = self.access_token.get_secret_value()
        facts["refresh_token"] = self.refresh_token.get_secret_value() if self.refresh_token else None
        return json.dumps(facts, indent=2) + "\n"
