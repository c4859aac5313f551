"""The few pages that the guard answers itself: self-contained, without internal details."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>LinkedIn Ads Workbench</title><link rel="icon" href="data:,">{head}
<style>
:root {{ color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif }}
main {{ max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem }}
h1 {{ font-size: 1.25rem; font-weight: 600; margin: 0 0 .5rem }}
p {{ margin: 0 0 1.25rem; opacity: .8 }}
input, button {{ font: inherit; padding: .45rem .7rem; border: 1px solid #8888; border-radius: .4rem }}
button {{ cursor: pointer }}
</style></head><body><main><h1>{title}</h1><p>{text}</p>{form}</main></body></html>
"""
_FORM = """<form method="post" action="{action}"><input type="hidden" name="next" value="{next}">
{login}<input type="password" name="password" aria-label="Password" autocomplete="current-password" required{focus}>
<button>Sign in</button></form>"""
_LOGIN = """<input name="login" aria-label="Login" placeholder="Login" autocomplete="username" autofocus required>
"""

_SIGN_OUT = """<form method="post" action="{action}"><button autofocus>Sign out</button></form>
<p style="margin-top: 1.25rem"><a href="{back}">Back to the reports</a></p>"""


class Refusal(NamedTuple):
    """The text of a refusal."""

    status: int
    title: str
    text: str


FAILED = Refusal(500, "This page could not be made.", "Reload it. If it stays so, the server's log says why.")
TOO_LARGE = Refusal(413, "That was too much at once.", "Nothing was changed. Reload the page and send less.")


def refuse(refusal: Refusal, headers: Headers) -> Response:
    """A refusal as a page where a page was asked for, as a line of text elsewhere."""
    if "text/html" not in headers.get("accept", ""):
        return PlainTextResponse(refusal.title, refusal.status)
    return HTMLResponse(_page(refusal.title, refusal.text), refusal.status)


def sign_in(*, action: str, next_path: str, message: str, status: int, named: bool = False) -> Response:
    """The form that asks for the password, and for a login where each has a password of its own."""
    login, focus = (_LOGIN, "") if named else ("", " autofocus")
    form = _FORM.format(action=escape(action), next=escape(next_path), login=login, focus=focus)
    return HTMLResponse(_page("Please sign in.", message, form=form), status)


def sign_out(*, action: str, back: str) -> Response:
    """The form that asks whether to sign out."""
    form = _SIGN_OUT.format(action=escape(action), back=escape(back))
    return HTMLResponse(_page("Sign out?", "This closes the reports in every tab of this browser.", form=form))


def once_more() -> Response:
    """A page that reloads itself at once.

    A `SameSite=Strict` cookie is withheld when a link on another site leads here, but not from our own page.
    """
    return HTMLResponse(_page("One moment.", "", head='<meta http-equiv="refresh" content="0">'))


def _page(title: str, text: str, *, head: str = "", form: str = "") -> str:
    return _PAGE.format(title=escape(title), text=escape(text), head=head, form=form)
