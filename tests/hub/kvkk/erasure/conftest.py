"""An installation of a shop in which people are erased."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.erased_people import (
    FindsPhones,
)
from tests.support.overrides_shop import POLICY, Shop
from tests.support.shop import open_shop_engine, shop_installation


@pytest.fixture(scope="session")
def shop_settings() -> Iterator[Settings]:
    with shop_installation(POLICY) as settings:
        yield settings


@pytest.fixture(scope="session")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, FindsPhones())
    yield opened
    opened.database.close()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    return Shop(engine, tmp_path / "shop", FindsPhones())
