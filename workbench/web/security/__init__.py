"""A guard in front of any ASGI app: hosts, origins, logins, sessions, headers. It does not depend on the app.

`addresses` decides under which names we answer and to whose pages, `logins` who may come in, `headers` what a browser
may do with an answer, `middleware` applies all of it and bounds what is read.
"""

from workbench.web.security.logins import Login, PasswordLogin, ProxyLogin, TokenLogin
from workbench.web.security.middleware import Guard
from workbench.web.security.origins import Addresses
from workbench.web.security.passwords import NamedPasswords, Password

__all__ = ["Addresses", "Guard", "Login", "NamedPasswords", "Password", "PasswordLogin", "ProxyLogin", "TokenLogin"]
