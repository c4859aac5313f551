"""Of what a sync asks for the audience beside the account's: the words of the setting `DEMOGRAPHICS_BY`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ACCOUNT = "account"
LEVELS: Mapping[str, str] = {"campaign_group": "CAMPAIGN_GROUP", "campaign": "CAMPAIGN"}
"""LinkedIn's level by word: of each, those that spent most are asked for."""


def chosen(words: Iterable[str]) -> tuple[str, ...]:
    """The words, and ids of campaign groups and campaigns without their URN, each once.

    Raises:
        ValueError: a word is neither a level nor an id.
    """
    found = tuple(dict.fromkeys(_word(word) for word in words))
    if None in found:
        raise ValueError(f"it must be some of {', '.join((ACCOUNT, *LEVELS))}, or ids, separated by commas")
    return tuple(word for word in found if word)


def ids(words: Iterable[str]) -> tuple[int, ...]:
    """The ids among the words."""
    return tuple(int(word) for word in words if word.isdecimal())


def _word(word: str) -> str | None:
    if word.lower() in (ACCOUNT, *LEVELS):
        return word.lower()
    number = re.fullmatch(r"(?:urn:li:sponsoredCampaign(?:Group)?:)?([0-9]{1,18})", word)
    return number and number[1]
