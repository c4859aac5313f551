"""Read and write LinkedIn URNs, `urn:li:<kind>:<key>`."""

from __future__ import annotations


def urn(kind: str, key: int | str) -> str:
    """`urn:li:sponsoredCampaign:187650001` for `("sponsoredCampaign", 187650001)`."""
    return f"urn:li:{kind}:{key}"


def urn_id(text: str) -> int:
    """The number at the end of a URN.

    Raises:
        ValueError: there is none.
    """
    return int(text.rpartition(":")[2])


def urn_kind(text: str) -> str | None:
    """`sponsoredCampaign` for `urn:li:sponsoredCampaign:187650001`, None for anything that is not a URN."""
    parts = text.split(":", 3)
    return parts[2] if len(parts) == 4 and parts[0] == "urn" else None
