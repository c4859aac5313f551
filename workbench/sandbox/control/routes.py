"""`/_sandbox/…`: the sandbox's own switches over HTTP, for a process that is not the sandbox's.

These endpoints exist on no LinkedIn. They ask for no token; the sandbox listens on loopback.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workbench.sandbox.control.service import Service
from workbench.sandbox.switches import Quota

_OAUTH = (
    "redirect_uris",
    "any_loopback_redirect",
    "refresh_tokens",
    "auto_approve",
    "propagation_seconds",
    "access_seconds",
)
_SWITCHES = (
    "element_cap",
    "default_rows",
    "strict_paging",
    "short_pages",
    "hidden_as_404",
    "gzip",
    "residue",
    "values_per_five_minutes",
)


def control_routes(service: Service) -> list[Route]:
    """The routes under `/_sandbox`."""
    actions: dict[str, tuple[Callable[[Service, Any], Any], str]] = {
        "": (_overview, "GET"),
        "requests": (_requests, "GET"),
        "requests/clear": (_clear_requests, "POST"),
        "faults": (_faults, "GET"),
        "faults/add": (_add_fault, "POST"),
        "faults/clear": (_clear_faults, "POST"),
        "world": (_change_world, "POST"),
        "clock": (_move_clock, "POST"),
        "oauth": (_change_oauth, "POST"),
        "switches": (_change_switches, "POST"),
        "token": (_token, "POST"),
    }
    return [
        Route(f"/_sandbox/{name}".rstrip("/"), _handler(service, action), methods=[method])
        for name, (action, method) in actions.items()
    ]


def _handler(service: Service, action: Callable[[Service, Any], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            asked = await request.json() if request.method == "POST" and await request.body() else {}
            return JSONResponse(action(service, asked))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return handle


def _overview(service: Service, asked: Any) -> Any:
    world = service.world
    return {
        "today": service.clock.today.isoformat(),
        "world": world.name,
        "size": world.size,
        "seed": world.seed,
        "accounts": [account.id for account in world.listed_accounts()],
        "requests": service.journal.count(),
    }


def _requests(service: Service, asked: Any) -> Any:
    return service.journal.as_dict()


def _clear_requests(service: Service, asked: Any) -> Any:
    service.journal.clear()
    return {}


def _faults(service: Service, asked: Any) -> Any:
    return service.faults.as_list()


def _add_fault(service: Service, asked: Any) -> Any:
    """One fault, or a list of them."""
    orders = asked if isinstance(asked, list) else [asked]
    for order in orders:
        service.faults.add(**order)
    return service.faults.as_list()


def _clear_faults(service: Service, asked: Any) -> Any:
    service.faults.clear()
    return []


def _change_world(service: Service, asked: Any) -> Any:
    """`{"action": "restate" | "vanish" | "rename" | "set_status" | "remove" | "restore" | "revoke_role", …}`."""
    details = dict(asked)
    name = details.pop("action")
    if name not in ("restate", "vanish", "rename", "set_status", "remove", "restore", "revoke_role"):
        raise ValueError(f"no such action: {name}")
    for day in ("first", "last"):
        if day in details:
            details[day] = date.fromisoformat(details[day])
    getattr(service.world, name)(**details)
    return {}


def _move_clock(service: Service, asked: Any) -> Any:
    """`{"days": 1}`, `{"seconds": 60}` or `{"today": "2026-11-22"}`."""
    if "today" in asked:
        service.clock.move_to(date.fromisoformat(asked["today"]))
    service.clock.advance(days=asked.get("days", 0), seconds=asked.get("seconds", 0))
    return {"today": service.clock.today.isoformat()}


def _change_oauth(service: Service, asked: Any) -> Any:
    """Set attributes of the authority; `enabled_scopes` is a list, `revoke_all` true withdraws the consent."""
    details = dict(asked)
    if details.pop("revoke_all", False):
        service.authority.revoke_all()
    if "enabled_scopes" in details:
        service.authority.enabled_scopes = frozenset(details.pop("enabled_scopes"))
    _set(service.authority, _OAUTH, details)
    return {name: getattr(service.authority, name) for name in _OAUTH}


def _change_switches(service: Service, asked: Any) -> Any:
    """Set switches; `quotas` is `{endpoint: [application, member]}`."""
    details = dict(asked)
    for endpoint, (application, member) in details.pop("quotas", {}).items():
        service.switches.quotas[endpoint] = Quota(application, member)
    _set(service.switches, _SWITCHES, details)
    return {name: getattr(service.switches, name) for name in _SWITCHES}


def _set(target: object, known: tuple[str, ...], values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"no such switch: {name}")
        setattr(target, name, value)


def _token(service: Service, asked: Any) -> Any:
    name, token = service.authority.issue(
        asked.get("scopes", ("r_ads", "r_ads_reporting")), expires_in=asked.get("expires_in")
    )
    return {"access_token": name, "expires_in": token.expires_at - token.created_at}
