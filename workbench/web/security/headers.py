"""Set security headers, and a content security policy that lets only known scripts run."""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",  # with `no-referrer` browsers send `Origin: null` along with a form
}
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.IGNORECASE | re.DOTALL)


def secure(headers: MutableHeaders, *, html: bytes = b"", cacheable: bool = False, tls: bool = False) -> None:
    """Put our headers on an answer, over those it brings.

    Args:
        headers: the answer's headers.
        html: the whole page, if it is one; scripts inside it may run, scripts that come later may not.
        cacheable: whether the address names its content, so that it may be kept for ever.
        tls: whether browsers came by TLS; then they shall never come without.
    """
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]  # we never share with another origin
    for name, value in _ALWAYS.items():
        headers[name] = value
    if tls:
        headers["strict-transport-security"] = "max-age=31536000"
    headers["content-security-policy"] = content_security_policy(html)
    headers["cache-control"] = "private, max-age=31536000, immutable" if cacheable else "no-store"
    if not cacheable:
        del headers["etag"]


def content_security_policy(html: bytes) -> str:
    """The policy for one page: its own scripts by hash, everything else only from here.

    Text that turns into markup later (a campaign's name, say) finds inline scripts and event handlers forbidden, and
    no other host to talk to. Evaluating strings stays allowed, because Vega compiles chart expressions with it.
    """
    scripts = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE_SCRIPT.findall(html))
    return (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def _sha256(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script.replace(b"\r\n", b"\n")).digest()).decode()
