"""What earlier snapshots still know, though one of them may be a stranger's."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import made_snapshots
import pytest
from made_snapshots import Made

from workbench.snapshots.reader import lines

NAME = "20261122T060000Z"
LINE = b'{"urn":"' + b"x" * 100_000 + b'"}\n'


@pytest.mark.parametrize(
    "unfolded",
    [[b'{"urn":"', *[b"x" * 10**6] * 300, b'"}\n'], pytest.param([LINE] * 3_000, marks=pytest.mark.slow)],
    ids=["one endless line", "endless lines"],
)
def test_names_that_unfold_without_end_are_passed_over_before_they_fill_the_memory(
    tmp_path: Path, unfolded: list[bytes]
) -> None:
    snapshot = made_snapshots.snapshot(tmp_path, NAME, [Made("names", 0, [], ())])
    ((path, _),) = snapshot.files()
    with gzip.open(path, "wb", 9) as file:
        file.writelines(unfolded)

    tracemalloc.start()
    found = list(lines([snapshot], lambda part: True))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == [[]]
    assert peak < 200 * 2**20
