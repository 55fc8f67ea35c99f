from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import NoDetector, open_shop_engine, shop_installation


@pytest.fixture(scope="session")
def shop_settings() -> Iterator[Settings]:
    with shop_installation() as settings:
        yield settings


@pytest.fixture(scope="session")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, NoDetector())
    yield opened
    opened.database.close()
