"""Fail the first, second, third … thing of a sync until a run passes untouched; heal, rerun, compare with the truth.

The whole sweep and its table: `python -m pytest -m sweep tests/sweeps -n auto`. A case is two syncs; with
`-n 0 -s` one sees how far it is, and it takes two hours.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable

import pytest
from sync.canaries import keep_secrets, leaks
from sync.installation import Installation, asked, differences, differences_of_views, on_disk, wrong_claims

from sweeps.conftest import ROW, NewBench
from sweeps.injected_failures import KINDS, TYPICAL, InjectedFailure, Kind
from workbench.errors import WorkbenchError

CODES = {0, 10, 70, 77}
SHARES = 4  # of every kind, so that several processes have something to do


def one_case(installation: Installation, kind: Kind, failure: InjectedFailure) -> list[str]:
    """What is wrong after the fault and the run that heals it; empty is what is promised."""
    keep_secrets(installation)
    with kind(installation, failure):
        try:
            code, outcome = installation.outcome()
        except Exception as error:  # a bug is a finding, and the sweep goes on
            return [f"a traceback instead of a message: {type(error).__name__}: {error}"]
    wrong = [] if code in CODES else [f"exit code {code}"]
    if not failure.outdated and (claims := wrong_claims(installation)):
        wrong.append(f"shown as complete though it is not: {claims[0]}")
    error = outcome if isinstance(outcome, WorkbenchError) else outcome.error
    if code and not (error and error.what and error.why and error.next_step):
        wrong.append(f"an error without its three parts: {error!r}")
    if leaked := leaks(installation, repr(outcome), str(error), "".join(traceback.format_exception(error))):
        wrong.append(f"a secret got out: {leaked[0]}")
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    installation.sandbox.requests.clear()
    try:
        code, outcome = installation.outcome()
    except Exception as error:
        return [*wrong, f"then a traceback: {type(error).__name__}: {error}"]
    if code:
        wrong.append(f"the healing run exits {code}: {getattr(outcome, 'error', outcome)}")
    if again := asked(installation.requests()) & kept:
        wrong.append(f"asked again though on disk: {again}")
    return [*wrong, *differences(installation), *differences_of_views(installation)]


def sweep(new_bench: NewBench, name: str, numbers: Iterable[int]) -> list[tuple[int, str, list[str]]]:
    """Each case's number, what failed, and what went wrong."""
    cases = []
    for nth in numbers:
        failure = InjectedFailure(nth)
        with new_bench() as installation:
            wrong = one_case(installation, KINDS[name], failure)
        if failure.seen < nth:
            break  # this run passed untouched
        cases.append((nth, failure.what, wrong))
        print(f"\r{name}: {nth}", end="", flush=True)
        if wrong:
            print(f"\n{name}: {nth} {failure.what}: {wrong[0][:300]}", flush=True)
    return cases


@pytest.mark.slow
@pytest.mark.parametrize("name", TYPICAL)
def test_one_of_every_way_to_fetch_to_write_and_to_load_costs_nothing(new_bench: NewBench, name: str) -> None:
    found = {}
    for only in TYPICAL[name]:
        failure = InjectedFailure(1, only)
        with new_bench() as installation:
            found[only] = one_case(installation, KINDS[name], failure)
        assert failure.what, f"a sync has no {only}"

    assert {what: wrong for what, wrong in found.items() if wrong} == {}


@pytest.mark.slow
def test_a_disk_that_is_full_when_the_manifest_gets_its_name_costs_nothing(new_bench: NewBench) -> None:
    """One case that stands for all in the default run."""
    failure = InjectedFailure(1, "rename manifest")
    with new_bench() as installation:
        assert one_case(installation, KINDS["the disk is full"], failure) == []
    assert failure.what


@pytest.mark.sweep
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", KINDS)
def test_every_one_costs_nothing(
    new_bench: NewBench, name: str, share: int, record_property: Callable[[str, object], None]
) -> None:
    started = time.monotonic()

    cases = sweep(new_bench, name, range(1 + share, 10_000, SHARES))

    failures = [(nth, what, wrong) for nth, what, wrong in cases if wrong]
    record_property(ROW, (name, len(cases), len(failures), time.monotonic() - started))
    assert failures == []
