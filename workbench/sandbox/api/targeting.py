"""`adTargetingEntities`: the names of URNs. Unknown URNs are missing from the answer.

Source: LinkedIn docs "Advertising Targeting".
"""

from __future__ import annotations

from typing import Any

from workbench.sandbox.api.calls import Call, need_finder
from workbench.sandbox.api.paging import index_page
from workbench.sandbox.api.restli import Query, required
from workbench.sandbox.refusals import field_invalid
from workbench.sandbox.world.vocabulary import Vocabulary

_FACET = "urn:li:adTargetingFacet:"
_FACET_OF_KIND = {
    "seniority": "seniorities",
    "function": "jobFunctions",
    "title": "titles",
    "industry": "industries",
    "geo": "locations",
    "organization": "employersPast",  # observed: a facet that has nothing to do with the question
}
_DUMPS = {"seniorities": "seniority", "jobFunctions": "function", "industries": "industry", "titles": "title"}


def entities(call: Call) -> dict[str, Any]:
    if need_finder(call, ("urns", "adTargetingFacet")) == "urns":
        return _by_urn(call)
    return _by_facet(call)


def _by_urn(call: Call) -> dict[str, Any]:
    query = call.read("q", "urns", "locale", "queryVersion", "fetchType", "fields")
    urns = query.urns("urns")
    required(urns, "urns")
    language = _language(query)
    elements = [found for urn in urns or () if (found := _entity(call.world.vocabulary, urn, language))]
    return {"elements": elements, "paging": {"count": 2147483647, "links": [], "start": 0}}


def _by_facet(call: Call) -> dict[str, Any]:
    query = call.read("q", "facet", "locale", "queryVersion", "start", "count", "fields")
    facet = query.urn("facet", "adTargetingFacet")
    required(facet, "facet")
    name = str(facet).removeprefix(_FACET)
    if name not in _DUMPS:
        raise field_invalid("facet", f"ERROR :: /facet :: {facet} cannot be listed")
    kind, words, language = _DUMPS[name], call.world.vocabulary, _language(query)
    found = [entry for key in words.listed(kind) if (entry := _entity(words, f"urn:li:{kind}:{key}", language))]
    return index_page(query, found, f"{call.path}?q=adTargetingFacet")


def _language(query: Query) -> str:
    """The locale's tag; `en_US` if the request names none."""
    value = query.value("locale")
    if value is None:
        return "en_US"
    if not isinstance(value, dict) or set(value) != {"language", "country"}:
        raise field_invalid("locale", "ERROR :: /locale :: record type is not backed by a DataMap")
    return f"{value['language']}_{value['country']}"


def _entity(vocabulary: Vocabulary, urn: str, language: str) -> dict[str, str] | None:
    """Names in another language than English carry its tag, so that a cache that mixes them shows."""
    name = vocabulary.name(urn)
    if name is None:
        return None
    shown = name if language.startswith("en_") else f"{name} [{language}]"
    return {"facetUrn": _FACET + _FACET_OF_KIND[urn.split(":")[2]], "name": shown, "urn": urn}
