"""The switches of a running sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

VERSIONS = {
    "202508": "2026-08-17",
    "202509": "2026-09-15",
    "202510": "2026-10-15",
    "202511": "2026-11-16",
    "202601": "2027-01-15",
    "202602": "2027-02-15",
    "202603": "2027-03-16",
    "202604": "2027-04-15",
    "202605": "2027-05-15",
    "202606": "2027-06-15",
    "202607": "2027-07-15",
    "202608": "2027-08-16",
    "202609": "2027-09-15",
}
"""LinkedIn-Version and the day it stops. Source: LinkedIn docs "Versioning"; the last two are extrapolated."""


@dataclass
class Quota:
    """Calls per UTC day."""

    application: int
    member: int


@dataclass
class Switches:
    """Behaviour on which sources disagree, and limits that tests make smaller.

    Attributes:
        element_cap: adAnalytics cuts silently here.
        default_rows: rows an adAnalytics call without `count` gets; None: all (sources disagree).
        strict_paging: refuse `start` and `count` on cursor endpoints instead of ignoring them.
        short_pages: cursor pages hold one element less than asked for, though more follow.
        page_limit: elements that a cursor page holds at most, whatever was asked for; None: as many as asked for.
        longest_window: adAnalytics refuses windows of more days; None: none is too long.
        too_long: the status of that refusal.
        broken_day: adAnalytics fails for every window that holds this day.
        days_kept: days before today of which DAILY still has rows; None: of all (sources disagree).
        largest_page: larger values of `pageSize` are refused; None: only those above the endpoint's own limit.
        rules_need_conversions_api: conversion rules are read with `rw_conversions` only (documentation disagrees).
        hidden_as_404: an account without a role answers 404 instead of 403.
        gzip: compress answers for clients that accept it.
        residue: costs carry the binary dust of the live API.
        values_per_five_minutes: the metric-value budget of adAnalytics.
        quotas: daily calls by endpoint.
    """

    element_cap: int = 15_000
    default_rows: int | None = None
    strict_paging: bool = False
    short_pages: bool = False
    page_limit: int | None = None
    longest_window: int | None = None
    too_long: int = 504
    broken_day: date | None = None
    days_kept: int | None = None
    largest_page: int | None = None
    rules_need_conversions_api: bool = False
    hidden_as_404: bool = False
    gzip: bool = True
    residue: bool = True
    values_per_five_minutes: int = 45_000_000
    versions: dict[str, str] = field(default_factory=lambda: dict(VERSIONS))
    entity_quota: Quota = field(default_factory=lambda: Quota(5_000, 1_000))
    quotas: dict[str, Quota] = field(
        default_factory=lambda: {"adAnalytics": Quota(10_000, 2_000), "adTargetingEntities": Quota(2_000, 500)}
    )

    def quota(self, endpoint: str) -> Quota:
        return self.quotas.get(endpoint, self.entity_quota)
