from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import NoDetector, open_shop_engine, shop_installation


@pytest.fixture(scope="session")
def shop_settings() -> Iterator[Settings]:
    home = Path(tempfile.mkdtemp(prefix="kopru-shop-"))
    try:
        with shop_installation(home) as settings:
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, NoDetector())
    yield opened
    opened.database.close()
