"""Ids of ad accounts as they are given on the command line."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from workbench.settings.account_ids import account_id


def account_ids(words: Sequence[str] | None, option: str = "--account") -> list[int] | None:
    """The ids, each a number or a URN; None where none was given."""
    if not words:
        return None
    found = [account_id(word) for word in words]
    if None in found:
        wrong = words[found.index(None)]
        raise typer.BadParameter(f"{wrong!r} is no id and no URN of an ad account.", param_hint=option)
    return [one for one in found if one is not None]
