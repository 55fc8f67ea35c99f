from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from tests.connectors.stand_still import START


@pytest.fixture(scope="session")
def _shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, start=START, pace=Pace(page_size=10)) as running:
        yield running


@pytest.fixture
def sandbox(_shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """One sandbox for all tests that do not move its time; faults and counts end with each test."""
    _shared_sandbox.world.requests.clear()
    yield _shared_sandbox
    _shared_sandbox.world.faults.clear()


@pytest.fixture
def moving_sandbox() -> Iterator[Sandbox]:
    """A sandbox whose time a test may move."""
    with Sandbox(seed=7, start=START) as running:
        yield running
