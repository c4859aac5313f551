"""Days are LinkedIn's UTC days, whatever clock the machine has, and whatever the clock does in the middle of a sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from databases import temporary_database
from marks import sweep_except
from sqlalchemy import URL

from sync.installation import TODAY, Installation, asked, differences, differences_of_views, on_disk
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.errors import ConfigurationError
from workbench.pipeline.api import load
from workbench.pipeline.progress import Progress
from workbench.pipeline.sync_windows import refuse_clock_of_another_day, shared_clock
from workbench.sandbox import Sandbox


def _set(installation: Installation, moment: time) -> None:
    """From now on both clocks, the workbench's and LinkedIn's, go on from this time of the sandbox's day."""
    noon, then = (datetime.combine(TODAY, at, UTC) for at in (time(12), moment))
    installation.started = installation.sandbox.clock.noon = datetime.now(UTC) - (then - noon)


def _pass_a_minute(*machines: Installation) -> None:
    for machine in machines:
        machine.started -= timedelta(minutes=1)
    clock = machines[0].sandbox.clock
    assert clock.noon is not None
    clock.noon -= timedelta(minutes=1)


def _at_first(step: str, act: Callable[[], None]) -> Callable[[Progress], None]:
    """Do something when a sync first speaks of a step."""
    pending = [act]

    def hear(progress: Progress) -> None:
        if progress.step == step and pending:
            pending.pop()()

    return hear


# --- where the machine stands ---------------------------------------------------------------------------------------

PLACES = {
    "where days begin first": ("Pacific/Kiritimati", TODAY, time(0, 10)),
    "where days end last": ("Etc/GMT+12", TODAY, time(23, 50)),
    "in an hour that comes twice": ("America/New_York", date(2026, 11, 1), time(5, 30)),
    "in an hour that is left out": ("Europe/Berlin", date(2026, 3, 29), time(1, 0)),
    "on a leap day": ("Asia/Kathmandu", date(2028, 2, 29), time(18, 20)),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", sweep_except("where days begin first", "in an hour that is left out", of=PLACES))
def test_a_sync_asks_for_utc_days_wherever_the_machine_stands(database_url: URL, tmp_path: Path, place: str) -> None:
    zone, today, moment = PLACES[place]
    with Sandbox(today=today) as sandbox:
        sandbox.switches.versions["202607"] = "2029-01-01"
        installation = Installation(sandbox, database_url, tmp_path)
        _set(installation, moment)

        ran = installation.run("sync", "--json", settings={"TZ": zone})

        assert ran.code == 0, ran.err
        assert ran.json["window"] == [str(day) for day in installation.window]
        assert ran.json["window"][1] == str(today)
        assert ran.json["snapshot"].rpartition("/")[2].startswith(f"{today:%Y%m%d}T{moment:%H}")
        assert differences(installation) == []
        assert differences_of_views(installation) == []


# --- a clock that is wrong ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("days", sweep_except(1, -400, of=[1, 400, -1, -400]))
def test_by_a_clock_that_is_ahead_or_behind_nothing_is_asked_or_written(installation: Installation, days: int) -> None:
    right = installation.started
    installation.started -= timedelta(days=days)

    code, outcome = installation.outcome()

    assert isinstance(outcome, ConfigurationError)
    assert code == 78
    assert outcome.what == f"This machine's clock is {'ahead of' if days > 0 else 'behind'} LinkedIn's."
    assert f"there {installation.today}" in outcome.why
    assert "set its time" in outcome.next_step
    assert (installation.requests(), installation.snapshots(), installation.unfinished()) == ([], [], [])
    assert installation.query("select * from sync_log") == []
    installation.started = right
    assert installation.sync().exit_code == 0
    assert differences(installation) == []
    assert differences_of_views(installation) == []


def test_clocks_that_differ_by_a_little_at_midnight_are_no_reason_to_refuse() -> None:
    """LinkedIn's is the slower one: there, it is still the day before."""
    midnight = datetime.combine(TODAY, time(), UTC)

    refuse_clock_of_another_day(midnight, midnight - timedelta(minutes=9))
    with pytest.raises(ConfigurationError):
        refuse_clock_of_another_day(midnight, midnight - timedelta(minutes=11))
    refuse_clock_of_another_day(midnight - timedelta(minutes=9), midnight)
    with pytest.raises(ConfigurationError):
        refuse_clock_of_another_day(midnight - timedelta(minutes=11), midnight)


@contextmanager
def _other_machine(installation: Installation, behind: timedelta) -> Iterator[Installation]:
    """A machine with folders of its own that syncs into the same database; its clock is wrong."""
    folder = installation.folder / "other"
    folder.mkdir(exist_ok=True)
    yield replace(installation, folder=folder, started=installation.started + behind)


def _restated(installation: Installation) -> None:
    """LinkedIn changes figures from now on."""
    for metric in ("impressions", "clicks"):
        find, put = rf'("pivotValues": ?\["urn:li:sponsoredCampaign:\d+"\].*?"{metric}": ?)\d+', r"\g<1>77"
        installation.sandbox.faults.add(
            "pivot=CAMPAIGN&timeGranularity=DAILY", "rewrite", find=find, put=put, times=None
        )


@pytest.mark.slow
@pytest.mark.parametrize("minutes", sweep_except(-300, of=[-300, 40, 300]))
def test_of_two_machines_the_later_sync_counts_whatever_their_clocks_say(
    installation: Installation, minutes: int
) -> None:
    assert installation.first_sync().exit_code == 0
    _restated(installation)

    with _other_machine(installation, timedelta(minutes=minutes)) as other:
        report = other.sync(force=True)

    assert report.exit_code == 0
    assert any(order.hit for order in installation.sandbox.faults.orders)
    assert installation.value("select count(*) from campaign_daily_metrics where impressions = 77") > 0
    assert installation.value("select max(snapshot) from coverage") == report.sync_id
    installation.sandbox.faults.clear()
    assert installation.sync(force=True).exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("minutes", sweep_except(-40, of=[-40, 40]))
def test_snapshots_of_two_machines_that_meet_later_are_in_the_order_of_their_syncs(
    server: embedded.EmbeddedServer, installation: Installation, minutes: int
) -> None:
    """Each machine has a database of its own; later one database is filled from both folders, in either order."""
    with temporary_database(server) as elsewhere, _other_machine(installation, timedelta(minutes=minutes)) as other:
        other.database_url = elsewhere
        earlier, later = (installation, other) if minutes < 0 else (other, installation)
        assert earlier.sync().exit_code == 0
        _restated(installation)
        _pass_a_minute(earlier, later)
        assert later.sync().exit_code == 0

        for order in ((earlier, later), (later, earlier)):
            with temporary_database(server) as url:
                met = replace(installation, database_url=url)
                for machine in order:
                    load([one.folder for one in machine.snapshots()], settings=met.settings())
                assert met.value("select count(*) from campaign_daily_metrics where impressions = 77") > 0


@pytest.mark.parametrize(("ahead", "shared"), [(29, False), (31, True), (-31, True), (2400, True), (-2400, True)])
def test_a_clock_that_differs_within_the_day_is_replaced_by_linkedins(ahead: int, shared: bool) -> None:
    there = datetime.combine(TODAY, time(12), UTC)
    here = there + timedelta(seconds=ahead)

    assert shared_clock(lambda: here, there)() == (there if shared else here)


@pytest.mark.slow
def test_a_sync_that_was_cut_off_before_another_machine_synced_does_not_go_on_under_its_old_name(
    installation: Installation,
) -> None:
    installation.sandbox.faults.add("adTargetingEntities", "unauthorized", times=None)
    assert installation.outcome()[0] == 77
    (left,) = installation.unfinished()
    installation.sandbox.faults.clear()
    with _other_machine(installation, timedelta(minutes=40)) as other:
        assert other.sync().exit_code == 0

    report = installation.sync(force=True)

    assert report.exit_code == 0
    assert report.sync_id is not None
    assert report.sync_id > installation.value("select min(snapshot) from coverage where snapshot > %s", [left.name])
    assert installation.unfinished() == []
    assert differences(installation) == []


@pytest.mark.slow
def test_a_sync_that_a_wrong_clock_puts_into_the_future_is_not_fresh(installation: Installation) -> None:
    installation.first_sync()
    with Database(installation.database_url).connect() as connection:
        connection.execute("update sync_log set finished_at = finished_at + interval '1 day'")
    installation.sandbox.requests.clear()

    assert installation.sync().exit_code == 0

    assert installation.requests() != []
    assert differences(installation) == []


# --- time that passes in the middle of a sync -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_sync_over_midnight_ends_for_the_day_it_began_on_and_the_next_one_asks_for_the_new_day(
    installation: Installation,
) -> None:
    _set(installation, time(23, 59, 58))
    first_day = installation.window[0]

    def midnight() -> None:
        installation.sandbox.advance(1)
        _set(installation, time(0, 0, 2))

    report = installation.sync(on_progress=_at_first("metrics", midnight))

    assert installation.today == TODAY + timedelta(days=1)
    assert (report.exit_code, report.window) == (0, (first_day, TODAY))
    following = installation.sync()
    assert (following.exit_code, following.window[1]) == (0, installation.today)
    assert differences(installation, window=(first_day, installation.today)) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_a_laptop_that_sleeps_for_an_hour_in_the_middle_of_a_sync_loses_nothing(installation: Installation) -> None:
    def sleep() -> None:
        """Time has passed, and no connection was kept open meanwhile."""
        installation.started -= timedelta(hours=1)
        installation.sandbox.clock.noon = installation.started
        installation.sandbox.faults.add("adAnalytics", "drop", times=4)
        with Database(installation.database_url).connect() as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    code, outcome = installation.outcome(on_progress=_at_first("metrics", sleep))

    assert code in (0, 70), outcome
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    installation.sandbox.requests.clear()
    assert installation.sync().exit_code == 0
    assert not asked(installation.requests()) & kept
    assert differences(installation) == []
    assert differences_of_views(installation) == []
