"""A worker of the API that dies has a successor; one that keeps dying brings the hub down where somebody sees it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from hub.orchestration import workers
from hub.orchestration.services import Services
from hub.orchestration.workers import Workers

NAMES = ["api-1", "api-2"]


def start(_name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], start_new_session=True)


@pytest.fixture
def services() -> Iterator[Services]:
    processes = {name: start(name) for name in (*NAMES, "daemon")}
    found = Services("", None, "", processes, Workers(start, processes, NAMES, clock=iter(range(100)).__next__))
    yield found
    for process in found.processes.values():
        process.kill()
        process.wait()


def die(services: Services, name: str) -> int:
    process = services.processes[name]
    process.kill()
    process.wait()
    return process.pid


def test_a_worker_that_was_killed_is_started_again_and_the_others_are_left_alone(services: Services) -> None:
    other, killed = services.processes["api-2"].pid, die(services, "api-1")

    assert services.dead() is None

    assert services.processes["api-1"].pid != killed
    assert services.processes["api-1"].poll() is None
    assert services.processes["api-2"].pid == other


def test_a_worker_that_keeps_dying_ends_the_hub(services: Services) -> None:
    for _ in range(workers.MOST_DEATHS):
        die(services, "api-1")
        assert services.dead() is None
    die(services, "api-1")
    assert services.dead() == "api-1"


def test_deaths_of_long_ago_count_no_more(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "DEATHS_WITHIN_SECONDS", 2)
    for _ in range(workers.MOST_DEATHS + 2):
        die(services, "api-1")
        assert services.dead() is None


def test_a_daemon_that_dies_is_not_started_beside_runs_that_it_left(services: Services) -> None:
    die(services, "daemon")
    assert services.dead() == "daemon"
