"""Search, pages and projection of entities, as LinkedIn's finders answer.

Source: LinkedIn docs "Ad Accounts", "Campaign Groups", "Campaigns", "Creatives".
"""

from __future__ import annotations

from typing import Any, TypeAlias

from workbench.sandbox.api.calls import Call
from workbench.sandbox.api.paging import cursor_page
from workbench.sandbox.api.restli import Query, Value, split_projection
from workbench.sandbox.refusals import field_invalid, not_found, plain
from workbench.sandbox.world.model import Element

Answer: TypeAlias = dict[str, Any]

_SEARCH = ("q", "search", "sortOrder", "sortBy", "pageSize", "pageToken", "fields", "start", "count")
_SCHEMA = "com.linkedin.ads.externalapi"


def search(call: Call, found: list[Element], members: set[str]) -> Answer:
    """The page of the entities that `search` accepts."""
    query = call.read(*_SEARCH)
    check_index_params(call, query)
    wanted = query.value("search")
    if wanted is not None:
        if not isinstance(wanted, dict):
            raise field_invalid("search", "ERROR :: /search :: record type is not backed by a DataMap")
        for name, value in wanted.items():
            if name not in members:
                raise field_invalid(f"search/{name}", f"ERROR :: /{name} :: unrecognized field found but not allowed")
            found = [element for element in found if _matches(element, name, value)]
    return page_of(call, query, found, largest=1_000)


def _matches(element: Element, name: str, value: Value) -> bool:
    """Whether a member of `search` accepts the element; values inside a member are OR-ed."""
    have = element.get(name)
    if name == "test":
        return str(bool(have)).lower() == value
    values = value.get("values") if isinstance(value, dict) else None
    if not isinstance(values, list):
        raise field_invalid(f"search/{name}/values", "ERROR :: /values :: array type is not backed by a DataList")
    if name == "id":
        return str(have) in {str(item).rpartition(":")[2] for item in values}
    return have in values


def check_index_params(call: Call, query: Query) -> None:
    """Refuse the parameters of index paging where LinkedIn does."""
    for name in ("start", "count"):
        if name in query and call.switches.strict_paging:
            raise plain(400, f"Parameter '{name}' is not supported with cursor based pagination")


def page_of(call: Call, query: Query, found: list[Element], *, largest: int) -> Answer:
    """A page of entities in the order that is asked for."""
    order = query.enum("sortOrder", ("ASCENDING", "DESCENDING")) or "ASCENDING"
    if order == "DESCENDING":  # the world keeps its entities by ascending id
        found = found[::-1]
    rest = sorted(piece for piece in call.query.split("&") if not piece.startswith(("pageToken=", "pageSize=")))
    scope = f"{call.path}?{'&'.join(rest)}"
    return projected(cursor_page(query, found, scope=scope, largest=largest, switches=call.switches), query)


def single(call: Call, element: Element | None) -> Answer:
    """One entity."""
    query = call.read("fields")
    if element is None:
        raise not_found()
    return projection(element, query)


def projected(page: Answer, query: Query) -> Answer:
    """A page whose elements have the fields that `fields` names."""
    names = query.fields(_SCHEMA)
    return page if names is None else {**page, "elements": [_projection(e, names) for e in page["elements"]]}


def projection(element: Element, query: Query) -> Element:
    """The fields of an element that `fields` names; all of them without it."""
    return _projection(element, query.fields(_SCHEMA))


def _projection(element: Element, names: list[str] | None) -> Element:
    if names is None:
        return element
    picked: Element = {}
    for name in names:
        field, _, inner = name.partition(":")
        if field in element:
            value = element[field]
            nested = inner and isinstance(value, dict)
            picked[field] = _projection(value, split_projection(inner[1:-1])) if nested else value
    return picked
