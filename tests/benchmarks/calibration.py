"""Whether answers are right as often as they say: `python tests/benchmarks/calibration.py [--small] [name …]`.

Every check simulates data with a known truth. `--small` makes a tenth of the repetitions and finishes within a minute;
names choose the checks that contain them.
"""

from __future__ import annotations

import importlib
import sys
import time
from importlib.util import find_spec
from random import Random

from calibrating import Check

MODULES = ("calibration_1_6", "calibration_7_12")
"""Each has `CHECKS`."""
SEED = 20261122


def checks() -> list[Check]:
    found: list[Check] = []
    for name in MODULES:
        if find_spec(name):
            found += importlib.import_module(name).CHECKS
    return found


def outcome(check: Check, *, small: bool) -> tuple[float, float, float]:
    """The outcome, and the range in which it must lie."""
    repetitions = max(1, check.repetitions // 10) if small else check.repetitions
    slack = check.slack if small else 0.0
    return check.run(Random(f"{SEED} {check.name}"), repetitions), check.low - slack, check.high + slack


def main(arguments: list[str]) -> int:
    small, names = "--small" in arguments, [name for name in arguments if not name.startswith("-")]
    missed = 0
    for check in checks():
        if names and not any(name in check.name for name in names):
            continue
        started = time.perf_counter()
        found, low, high = outcome(check, small=small)
        kept = low <= found <= high
        missed += not kept
        seconds = time.perf_counter() - started
        print(f"{'ok  ' if kept else 'MISS'} {check.name}: {found:.4g} ({low:.3g} to {high:.3g}), {seconds:.1f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
