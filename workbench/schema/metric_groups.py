"""Groups of metrics: what one request asks for, and which groups a sync asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.schema.metrics import ANCHOR, BY_CONVERSION, BY_DEMOGRAPHIC, CORE, STORED, Stored

GROUP_SIZE = 18


def request_groups(metrics: Iterable[Stored]) -> tuple[tuple[str, ...], ...]:
    """The fields of each request that together ask for all these metrics; `ANCHOR` is in every one.

    Raises:
        ValueError: a group has more than `GROUP_SIZE` metrics.
    """
    groups: dict[str, list[str]] = {}
    for metric in metrics:
        groups.setdefault(metric.group, []).append(metric.field)
    anchored = [(*(() if ANCHOR in fields else (ANCHOR,)), *fields) for fields in groups.values()]
    for name, fields in zip(groups, anchored, strict=True):
        if len(fields) > GROUP_SIZE:
            raise ValueError(f"The group {name} asks for {len(fields)} metrics; LinkedIn takes {GROUP_SIZE} a request.")
    return tuple(anchored)


ORIGINAL_FIELDS = tuple(metric.field for metric in STORED if metric.original)
"""The fields that snapshots asked for before their plans named them."""
GROUP_NAMES = tuple(dict.fromkeys(metric.group for metric in STORED if not metric.original))
"""The groups beyond the core that campaigns and creatives are asked for by day."""
GROUP_FIELDS: Mapping[str, tuple[str, ...]] = {
    name: request_groups(metric for metric in STORED if metric.group == name)[0] for name in GROUP_NAMES
}
"""The fields of each group's request."""


def asked_groups(chosen: Iterable[str]) -> tuple[str, ...]:
    """Those of `GROUP_NAMES` that the setting `METRIC_GROUPS` names."""
    wanted = set(chosen)
    return tuple(name for name in GROUP_NAMES if name in wanted)


def asked_fields(chosen: Iterable[str]) -> tuple[str, ...]:
    """LinkedIn's fields of the core and of the groups that are asked for, in the order of the tables' columns."""
    wanted = {"core", *chosen}
    return tuple(metric.field for metric in STORED if metric.group in wanted)


CORE_GROUPS = request_groups(CORE)
CONVERSION_FIELDS = tuple(metric.field for metric in BY_CONVERSION)
"""Without `ANCHOR`: LinkedIn does not divide impressions by conversion rule."""
DEMOGRAPHIC_GROUPS = request_groups(BY_DEMOGRAPHIC)
