"""Every worked example gives its expected numbers: those of `golden/`, or those of the folder that GOLDEN_DIR names."""

from __future__ import annotations

import golden
import pytest

ADAPTERS = golden.adapters()


@pytest.mark.parametrize("path", golden.examples(), ids=lambda path: path.stem)
def test_an_example_gives_its_numbers(path):
    example = golden.read(path)
    found = ADAPTERS[example["function"]](example["input"])
    assert golden.differences(example["expected"], found, example["tolerance"]) == []


def test_there_are_examples():
    assert golden.examples(), f"no example in {golden.FOLDER}"
