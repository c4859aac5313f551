"""SIGKILL at every named step and at random moments, while LinkedIn's world moves on; the end is the truth.

All of it and its table: `python -m pytest -m sweep tests/sweeps/test_kill_loop.py -n 0 -s`.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from sync.canaries import keep_secrets, leaks
from sync.installation import Installation, asked, differences, differences_of_views, on_disk
from sync.kills import STEPS, kill_at

from sweeps.conftest import NewBench

IN_A_ROW = 5  # kills before the sync may end
REQUESTS = 64  # of an undisturbed first sync, and a few: then it is killed while it loads


def kill_once(installation: Installation, rng: random.Random) -> str | None:
    """Start a sync and kill it at a random request or some time later; where it was then, None if it was through."""
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    installation.sandbox.requests.clear()
    before = len(installation.snapshots())
    process = installation.start("sync", "--force")
    target = rng.choice([0, rng.randint(1, REQUESTS // 2), rng.randint(REQUESTS // 2, REQUESTS)])
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        if len(installation.sandbox.requests.entries) >= target or len(installation.snapshots()) > before:
            break
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.6 if target > REQUESTS // 2 or not target else 0.1))
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    output, said = process.communicate()
    assert "Traceback" not in said, said
    assert leaks(installation, output, said) == []
    assert not asked(installation.requests()) & kept, "asked again though on disk"
    assert process.returncode in (0, -signal.SIGKILL), said
    return _where(installation, len(installation.snapshots()) > before) if process.returncode else None


def _where(installation: Installation, fetched: bool) -> str:
    if fetched:
        newest = installation.query(
            "select status from sync_log where sync_id = %s", [installation.snapshots()[-1].name]
        )
        return "while loading" if newest[0]["status"] == "running" else "at the very end"
    if installation.sandbox.requests.entries:
        return "while fetching, and loading ahead"
    return "starting, or loading what was left"


def move_on(installation: Installation, rng: random.Random) -> None:
    """What LinkedIn does meanwhile: it restates some of the last days, and people rename campaigns."""
    installation.constant_truth = None
    last = installation.today - timedelta(days=rng.randint(0, 3))
    world = installation.sandbox.world
    world.restate(last - timedelta(days=rng.randint(0, 2)), last, percent=rng.randint(80, 120))
    world.rename("campaigns", rng.choice(sorted(world.campaigns)), f"Renamed {rng.randint(0, 999)}")


def rounds(new_bench: NewBench, kills: int, seed: int) -> Counter[str]:
    """Kill, run to the end, compare; a new installation every round."""
    rng, places = random.Random(seed), Counter[str]()
    while places.total() < kills:
        with new_bench() as installation:
            keep_secrets(installation)
            for _ in range(IN_A_ROW):
                if place := kill_once(installation, rng):
                    places[place] += 1
                move_on(installation, rng)
            for _ in range(2):  # the first goes on with what was read of the past
                code, outcome = installation.outcome(force=True)
                assert code == 0, outcome
            assert differences(installation) == []
            assert differences_of_views(installation) == []
            assert {row["status"] for row in installation.query("select status from sync_log")} <= {"done", "partial"}
        print(f"\r{places.total()} of {kills} kills", end="", flush=True)
    return places


def _table(places: Counter[str], seconds: float) -> None:
    print(f"\n{places.total()} kills in {seconds:.0f} s, every end equal to the truth:")
    for place, count in places.items():
        print(f"    {place:<44} {count:>4}", flush=True)


@pytest.mark.slow
def test_five_kills_cost_nothing(new_bench: NewBench) -> None:
    started = time.monotonic()
    _table(rounds(new_bench, 5, seed=1), time.monotonic() - started)


@pytest.mark.sweep
def test_a_kill_at_every_named_step_costs_nothing(new_bench: NewBench) -> None:
    started, places = time.monotonic(), Counter[str]()
    for step in STEPS:
        with new_bench() as installation:
            kill_at(installation, step)
        places[step] += 1
    _table(places, time.monotonic() - started)


@pytest.mark.sweep
def test_two_hundred_kills_cost_nothing(new_bench: NewBench) -> None:
    seed = int(time.time())
    print(f"\nseed {seed}")
    started = time.monotonic()
    places = rounds(new_bench, 200, seed)
    _table(places, time.monotonic() - started)
    assert len(places) > 2, "kills while starting, while fetching and while loading"
