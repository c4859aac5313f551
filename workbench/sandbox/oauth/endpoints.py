"""The pages and endpoints under `/oauth/v2`: consent, token exchange, introspection."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from workbench.sandbox.oauth.authority import Authority, split_scopes
from workbench.sandbox.refusals import Refusal, oauth_error

_MEANING = {
    "r_ads": "See the ad accounts you have a role on, with their campaigns and creatives",
    "r_ads_reporting": "Read how your ads perform",
    "r_basicprofile": "Use your name and photo",
    "r_marketing_leadgen_automation": "Read your lead forms and the leads they collect",
    "r_organization_social": "Read the posts of your organization's page",
    "rw_ads": "Create and change your campaigns",
}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0;
  background: light-dark(#f4f2ee, #1b1f23); color: light-dark(#1f2328, #e8e8e8) }}
main {{ background: light-dark(#fff, #262b30); border-radius: 12px; padding: 2rem 2.5rem; max-width: 26rem;
  box-shadow: 0 4px 24px #0002 }}
h1 {{ font-size: 1.25rem; margin: 0 0 .5rem }} ul {{ padding-left: 1.2rem }}
.note {{ font-size: .85rem; opacity: .75 }}
form {{ display: flex; gap: .75rem; margin-top: 1.5rem }}
button {{ font: inherit; font-weight: 600; padding: .6rem 1.5rem; border-radius: 99px; cursor: pointer;
  border: 1px solid #0a66c2; background: none; color: light-dark(#0a66c2, #71b7fb) }}
button.primary {{ background: #0a66c2; color: #fff }}
</style></head><body><main>{body}</main></body></html>"""


def authorization(authority: Authority, request: Request) -> Response:
    """The consent page, or its outcome where the query or `auto_approve` already decides.

    `sandbox_decision=allow` or `cancel` in the query stands for the button; a headless sign-in uses it.
    """
    asked = dict(request.query_params)
    refused = _refused_outright(authority, asked)
    if refused:
        return HTMLResponse(_page("LinkedIn cannot sign you in", f"<p>{escape(refused)}</p>"), status_code=401)
    scopes = split_scopes(asked.get("scope", ""))
    scope = authority.refused_scope(scopes)
    if scope is not None:
        text = f'Scope "{scope}" is not authorized for your application'
        return _back(asked, error="unauthorized_scope_error", error_description=text)
    decision = asked.get("sandbox_decision") or ("allow" if authority.auto_approve else "")
    if decision == "allow":
        return _back(asked, code=authority.grant(asked["redirect_uri"], scopes))
    if decision == "cancel":
        return _back(asked, error="user_cancelled_authorize", error_description="The user cancelled the authorization")
    if decision == "cancel_login":
        return _back(asked, error="user_cancelled_login", error_description="The user cancelled LinkedIn login")
    return HTMLResponse(_consent(asked, scopes))


def _refused_outright(authority: Authority, asked: dict[str, str]) -> str | None:
    """Why no redirect may happen at all."""
    if asked.get("client_id") != authority.client_id:
        return "The passed in client_id is invalid."
    if not authority.accepts_redirect(asked.get("redirect_uri", "")):
        return "The redirect_uri does not match the registered value."
    if asked.get("response_type") != "code":
        return "The parameter response_type must be code."
    if not split_scopes(asked.get("scope", "")):
        return "The parameter scope is required."
    return None


def _back(asked: dict[str, str], **outcome: str) -> Response:
    uri = asked["redirect_uri"]
    if "state" in asked:
        outcome["state"] = asked["state"]
    return RedirectResponse(uri + ("&" if "?" in uri else "?") + urlencode(outcome), status_code=302)


def _consent(asked: dict[str, str], scopes: list[str]) -> str:
    lines = "".join(f"<li>{escape(_MEANING.get(scope, scope))}</li>" for scope in scopes)
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
    )
    return _page(
        "Sign in to the sandbox LinkedIn",
        f"<h1>LinkedIn Ads Workbench would like to:</h1><ul>{lines}</ul>"
        '<p class="note">This is the sandbox: an invented LinkedIn on your own machine. Nothing leaves it.</p>'
        f'<form action="/oauth/v2/authorization" method="get">{hidden}'
        '<button class="primary" name="sandbox_decision" value="allow">Allow</button>'
        '<button name="sandbox_decision" value="cancel">Cancel</button></form>',
    )


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=escape(title), body=body)


async def access_token(authority: Authority, request: Request) -> Response:
    return await _answer_form(request, authority.exchange)


async def introspect_token(authority: Authority, request: Request) -> Response:
    return await _answer_form(request, authority.introspect)


async def _answer_form(request: Request, answer: object) -> Response:
    try:
        form = await _form(request)
        return JSONResponse(answer(form), headers={"Cache-Control": "no-store"})  # type: ignore[operator]
    except Refusal as refusal:
        return JSONResponse(refusal.body, status_code=refusal.status)


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if request.method != "POST" or kind != "application/x-www-form-urlencoded" or request.url.query:
        raise oauth_error(400, "invalid_request", "Parameters belong into the form-encoded body of a POST")
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
