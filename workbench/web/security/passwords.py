"""Check the readers' password, or one for each login: from a private file, kept as scrypt hashes, attempts limited."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import os
import secrets
import stat
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.errors import ConfigurationError
from workbench.settings.env_file import is_foreign

MINIMUM = 8
LARGEST = 1_000_000  # characters of a private file
SECRETS = Path("/run/secrets")  # containers find theirs here, readable for all of the container, whose host guards them


class Password:
    """A password that can be compared with, but not read."""

    def __init__(self, password: str) -> None:
        self._salt = secrets.token_bytes(16)
        self._hash = self._scrypt(password)

    @classmethod
    def from_file(cls, path: Path) -> Password:
        """The first line of a file that other users cannot read.

        Raises:
            ConfigurationError: the file is missing, readable for other users, or its password is too short.
        """
        password = private_text(path, "password file").partition("\n")[0].rstrip("\r")
        if len(password) < MINIMUM:
            raise _unusable(path, f"Its first line is shorter than {MINIMUM} characters.", "Write a longer password.")
        return cls(password)

    named = False
    """Whether a login belongs to the password."""

    def matches(self, attempt: str, login: str = "") -> bool:
        """Whether `attempt` is the password; takes about 50 ms and 16 MB, so call it off the event loop."""
        return hmac.compare_digest(self._hash, self._scrypt(attempt))

    def _scrypt(self, text: str) -> bytes:
        return hashlib.scrypt(text.encode(errors="surrogatepass"), salt=self._salt, n=2**14, r=8, p=1)


class NamedPasswords:
    """A password for each login."""

    named = True

    def __init__(self, passwords: Mapping[str, Password]) -> None:
        self._passwords = dict(passwords)
        self._nobody = Password(secrets.token_urlsafe())  # so that an unknown login takes as long as a known one

    @classmethod
    def from_file(cls, path: Path) -> NamedPasswords:
        """The lines `login:password` of a file that other users cannot read; empty ones are skipped.

        Raises:
            ConfigurationError: the file is missing, readable for other users, or has a line of another form.
        """
        passwords: dict[str, Password] = {}
        for number, line in enumerate(private_text(path, "password file").splitlines(), start=1):
            login, colon, password = line.partition(":")
            if not line.strip():
                continue
            if not colon or not login or login in passwords or len(password) < MINIMUM:
                why = f"Line {number} is not a new login, a colon and a password of {MINIMUM} characters or more."
                raise _unusable(path, why, "Write one line for each login, such as anna:a-long-password.")
            passwords[login] = Password(password)
        return cls(passwords)

    def matches(self, attempt: str, login: str = "") -> bool:
        """Whether `attempt` is the password of `login`; takes as long as `Password.matches`."""
        known = self._passwords.get(login)
        return (known or self._nobody).matches(attempt) and known is not None


class Attempts:
    """How often the password may be tried in a minute.

    One client tries `each` times: an IPv4 address, or the first half of an IPv6 address, because one customer has
    all of a /64. Its neighbours (an IPv4 /24, an IPv6 /48) try `near` times, and all together `everyone`
    times. For neighbourhoods that have not tried in this minute there are `reserve` more: guesses from a few
    networks keep out no user who has the password.
    """

    def __init__(
        self,
        *,
        each: int = 5,
        near: int = 20,
        everyone: int = 100,
        reserve: int = 50,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each, self._near, self._everyone, self._reserve = each, near, everyone, reserve
        self._clock = clock
        self._tries: deque[tuple[float, str, str]] = deque()
        """When, who and in which neighbourhood, oldest first; never longer than `everyone` and `reserve`."""

    def wait(self, client: str) -> int:
        """Seconds until `client` may try; 0: now, and this attempt is counted."""
        client, now = network(client), self._clock()
        while self._tries and now - self._tries[0][0] >= 60:
            self._tries.popleft()
        around = neighbourhood(client)
        own = [at for at, who, _ in self._tries if who == client]
        near = [at for at, _, where in self._tries if where == around]
        everyone = self._everyone if near else self._everyone + self._reserve
        if len(own) < self._each and len(near) < self._near and len(self._tries) < everyone:
            self._tries.append((now, client, around))
            return 0
        oldest = own[0] if len(own) >= self._each else near[0] if len(near) >= self._near else self._tries[0][0]
        return math.ceil(oldest + 60 - now)

    def forgive(self, client: str) -> None:
        """Forget a client's failed attempts after a success."""
        own = network(client)
        self._tries = deque(entry for entry in self._tries if entry[1] != own)


def neighbourhood(client: str) -> str:
    """The larger network of what `network` returns, which one provider gives to few customers: IPv4 /24, IPv6 /48."""
    try:
        found = ipaddress.ip_network(client)
    except ValueError:
        return client
    return str(found.supernet(new_prefix=24 if found.version == 4 else 48))


def network(client: str) -> str:
    """The network of one client: its IPv4 address, or its IPv6 /64; a name that is no address stands for itself."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def private_text(path: Path, what: str) -> str:
    """The text of a file that other users cannot read; of a secret of a container, that they cannot change.

    Raises:
        ConfigurationError: it is missing, too large, no text, or open to other users; `what` names it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            facts = os.fstat(file.fileno())
            text = file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = f"It cannot be read ({type(error).__name__})."
        raise _unusable(path, why, "Name a readable file.", what=what) from error
    mounted = SECRETS in path.resolve().parents
    if is_foreign(facts) and not mounted:
        raise _unusable(path, "It belongs to another account, which knows it.", "Name a file of your own.", what=what)
    if facts.st_mode & (stat.S_IWOTH if mounted else stat.S_IRWXO):
        why = "Every user of this machine may read or change it."
        raise _unusable(path, why, f"Run: chmod 600 {path}", what=what)
    if len(text) > LARGEST:
        raise _unusable(path, f"It is longer than {LARGEST:,} characters.", "Name another file.", what=what)
    return text


def _unusable(path: Path, why: str, next_step: str, *, what: str = "password file") -> ConfigurationError:
    return ConfigurationError(f"The {what} {path} cannot be used.", why=why, next_step=next_step)
