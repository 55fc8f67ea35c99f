"""A run whose process was killed must not stay "started": it would keep its pool's slot, and nobody would be synced."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._daemon.monitoring.run_monitoring import monitor_started_run

from hub.orchestration import run_launcher
from hub.settings import Settings
from tests.support.dagster_home import dagster_instance

RUN = """
import sys
from pathlib import Path
from dagster import job, op
from hub.orchestration.dagster_home import open_instance
from hub.settings import Settings
from resources.engine import HubResource

@op(required_resource_keys={"hub"})
def wait(context):
    print(context.run_id, flush=True)
    sys.stdin.readline()

@job(resource_defs={"hub": HubResource()})
def waiting():
    wait()

with open_instance(Settings.apart(Path(sys.argv[1]))) as instance:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    waiting.execute_in_process(instance=instance, run_config=quiet)
"""


@contextmanager
def run_under_way(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that executes a run until it is told to go on, and the run's id."""
    command = [sys.executable, "-c", RUN, str(settings.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture
def instance(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    monkeypatch.setattr(run_launcher, "GRACE_SECONDS", 0.0)
    with dagster_instance(installation) as instance:
        yield instance


def look_after(instance: DagsterInstance, run_id: str) -> DagsterRunStatus:
    """What Dagster's monitoring daemon makes of a run that is under way."""
    (record,) = instance.get_run_records(RunsFilter(run_ids=[run_id], statuses=[DagsterRunStatus.STARTED]))
    workspace: Any = None
    monitor_started_run(instance, workspace, record, logging.getLogger("monitoring"))
    after = instance.get_run_by_id(run_id)
    assert after is not None
    return after.status


def test_a_run_is_left_alone_while_its_process_lives_and_failed_when_it_was_killed(
    installation: Settings, instance: DagsterInstance
) -> None:
    with run_under_way(installation) as (process, run_id):
        assert look_after(instance, run_id) == DagsterRunStatus.STARTED
        process.kill()
        process.wait()
        assert look_after(instance, run_id) == DagsterRunStatus.FAILURE


def test_a_run_that_has_only_just_started_may_have_no_lock_yet(
    installation: Settings, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_under_way(installation) as (process, run_id):
        process.kill()
        process.wait()
        monkeypatch.setattr(run_launcher, "GRACE_SECONDS", 3600.0)
        assert look_after(instance, run_id) == DagsterRunStatus.STARTED


def test_the_lock_of_a_process_that_lives_is_not_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_launcher, "GRACE_SECONDS", 0.0)
    run_launcher.hold(tmp_path, "first")
    (tmp_path / "runs" / "dead.lock").touch()
    run_launcher.hold(tmp_path, "second")

    assert run_launcher.lives(tmp_path, "first")
    assert sorted(path.stem for path in (tmp_path / "runs").iterdir()) == ["first", "second"]
