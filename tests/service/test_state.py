from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copydesk.errors import RunBusyError, SettingsError
from copydesk.service.freshness import silence
from copydesk.service.state import (
    Service,
    announce,
    calendar_of,
    is_paused,
    pause,
    read_served,
    resume,
    running_service,
    serving,
    write_served,
)
from copydesk.settings import DeskFolder, Settings, Source

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> DeskFolder:
    """Give an empty desk."""
    return DeskFolder(root=tmp_path, settings=Settings())


def test_a_scheduler_is_found_while_it_runs_and_not_after(desk: DeskFolder) -> None:
    """What a scheduler announces holds as long as its process holds the lock."""
    service = Service(pid=os.getpid(), api_url="http://127.0.0.1:4200/api", since="2026-11-21T18:00:00+00:00")
    assert running_service(desk) is None
    with serving(desk):
        announce(desk, service)
        assert running_service(desk) == service
        assert service.ui_url == "http://127.0.0.1:4200"
    assert running_service(desk) is None


def test_a_killed_scheduler_leaves_no_ghost(desk: DeskFolder) -> None:
    """A note whose process is gone is not believed, and does not stop the next one."""
    desk.warehouse.parent.mkdir()
    announce(desk, Service(pid=1, api_url="http://x/api", since=""))
    assert running_service(desk) is None
    with serving(desk):
        pass


def test_a_second_scheduler_names_the_first(desk: DeskFolder) -> None:
    """Two at once is refused in one sentence that says where the first is."""
    with serving(desk):
        announce(desk, Service(pid=4711, api_url="http://127.0.0.1:4200/api", since=""))
        with pytest.raises(RunBusyError, match=r"process 4711, http://127\.0\.0\.1:4200"), serving(desk):
            pass


def test_a_failure_while_serving_is_not_taken_for_a_second_scheduler(desk: DeskFolder) -> None:
    """Another lock that is held inside keeps its own message."""
    with pytest.raises(RunBusyError, match=r"^run is being worked on"), serving(desk):
        raise RunBusyError("run is being worked on by process 1.")


def test_pause_and_resume_say_whether_they_changed_anything(desk: DeskFolder) -> None:
    """Pausing twice is pausing once, and the mark is the desk's own."""
    assert [pause(desk, "wire"), pause(desk, "wire"), is_paused(desk, "wire")] == [True, False, True]
    assert [resume(desk, "wire"), resume(desk, "wire"), is_paused(desk, "wire")] == [True, False, False]


def test_what_was_served_is_read_back_and_damage_is_nothing_served(desk: DeskFolder) -> None:
    """The last times survive a restart; a torn file only means that nothing counts as missed."""
    desk.warehouse.parent.mkdir()
    write_served(desk, {"wire": NOW})
    assert read_served(desk) == {"wire": NOW}
    (desk.warehouse.parent / "schedule.json").write_text('{"wire": 3')
    assert read_served(desk) == {}


def test_a_source_knows_its_calendar() -> None:
    """Schedule, zone, jitter and name of a source make its calendar; a wrong one names the source."""
    source = Source(name="wire", paths=("x",), schedule="0 6 * * *", timezone="Asia/Tehran", jitter_s=60)
    calendar = calendar_of(source)
    assert calendar is not None
    assert calendar.zone == "Asia/Tehran"
    assert timedelta() < calendar.delay < timedelta(seconds=60)
    assert calendar_of(Source(name="wire", paths=("x",))) is None
    with pytest.raises(SettingsError, match="source wire"):
        calendar_of(Source(name="wire", paths=("x",), schedule="now and then"))


def test_silence_is_measured_against_the_sources_own_limits() -> None:
    """Between the limits it warns, beyond them it is an error, without limits or news it is nothing."""
    source = Source(name="wire", paths=("x",), warn_after_h=6, error_after_h=24)
    hours = [1, 7, 25]
    assert [silence(source, NOW - timedelta(hours=h), NOW) for h in hours] == ["", "warn", "error"]
    assert silence(source, None, NOW) == ""
    assert silence(Source(name="wire", paths=("x",)), NOW - timedelta(days=99), NOW) == ""
