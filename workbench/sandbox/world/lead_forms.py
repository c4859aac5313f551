"""The lead forms of an account: those that its ads open.

Source: LinkedIn docs "Lead Sync", `leadForms`.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbench.sandbox.world.model import Creative, Element

_STATES = ("PUBLISHED", "PUBLISHED", "ARCHIVED", "DRAFT")
_NAMES = ("Plant audit request", "Report download", "Ask for a quote", "Webinar on heat pumps")
_HOSTILE = ("Plant audit request", "Report download", "Ask for a <quote>", "Webinar “Montag” 🧊")
_BEGAN = 1_753_000_000_000


def listed(account_id: int, creatives: Iterable[Creative], *, hostile: bool) -> list[Element]:
    """The forms as LinkedIn lists them, ids ascending; `hostile`: some of their names break out of HTML."""
    destinations = {str(c.element.get("leadgenCallToAction", {}).get("destination", "")) for c in creatives}
    numbers = sorted(int(urn.rpartition(":")[2]) for urn in destinations if urn)
    names = _HOSTILE if hostile else _NAMES
    return [_element(account_id, number, names[number % len(names)]) for number in numbers]


def _element(account_id: int, number: int, name: str) -> Element:
    return {
        "id": number,
        "name": name,
        "state": _STATES[number % len(_STATES)],
        "versionId": 1,
        "owner": {"sponsoredAccount": f"urn:li:sponsoredAccount:{account_id}"},
        "creationLocale": {"country": "US", "language": "en"},
        "created": _BEGAN + number,
        "lastModified": _BEGAN + 86_400_000 + number,
        "hiddenFields": [{"name": "owner", "value": "sam.sandbox@example.com"}],
        "content": {
            "headline": {"localized": {"en_US": name}},
            "questions": [{"questionId": number * 10, "name": "First name", "predefinedField": "FIRST_NAME"}],
        },
    }
