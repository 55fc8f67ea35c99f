from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.dagster_door.house import Dagster, House, dagster, house


@pytest.fixture(scope="session")
def behind() -> Iterator[Dagster]:
    """Starting Dagster's webservers takes seconds, so there are two for all tests."""
    with dagster() as started:
        yield started


@pytest.fixture(scope="session")
def door(behind: Dagster) -> Iterator[House]:
    """A door with both webservers behind it."""
    with house(behind) as served:
        yield served
