"""More metrics than one request takes: they are asked for group by group, and the tables hold the same rows."""

from __future__ import annotations

from collections import Counter

import pytest

from sync.installation import Installation, differences, differences_of_views
from workbench.pipeline.fetch import fetcher
from workbench.schema.metrics import BY_DEMOGRAPHIC, STORED, Stored

GROUPS = 3


def in_groups(metrics: tuple[Stored, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(("impressions", *(m.field for m in metrics[1:][n::GROUPS])) for n in range(GROUPS))


@pytest.mark.slow
def test_metrics_in_several_requests_become_the_same_rows(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher, "DAILY_GROUPS", in_groups(tuple(STORED)))
    monkeypatch.setattr(fetcher, "DEMOGRAPHIC_GROUPS", in_groups(tuple(BY_DEMOGRAPHIC)))
    assert installation.sync().status == "done"
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    asked = Counter(
        entry.query.partition("&fields=")[0] for entry in installation.requests() if "Analytics" in entry.path
    )
    assert set(asked.values()) == {GROUPS}
