"""An installation whose keys a test may rotate, and a worker that rotates them and dies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import NoDetector, open_shop_engine, shop_installation

ROOT = Path(__file__).parents[3]

Worker = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def key_settings() -> Iterator[Settings]:
    with shop_installation() as settings:
        yield settings


@pytest.fixture(scope="session")
def engine(key_settings: Settings) -> Iterator[Engine]:
    """Its keyring lives through every rotation, as a process that runs for months."""
    opened = open_shop_engine(key_settings, NoDetector())
    yield opened
    opened.database.close()


@pytest.fixture
def keyring(engine: Engine, key_settings: Settings) -> Keyring:
    """A keyring of a process that has just started."""
    return Keyring(engine.database, read_master_key(key_settings.master_key_file))


@pytest.fixture(scope="session")
def worker(key_settings: Settings) -> Iterator[Worker]:
    """`worker(tenants=[...], stage="floor", call=1)` rotates in a process of its own; no tenants: the master key."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.rotation_worker", str(key_settings.home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asking, answering = process.stdin, process.stdout
    assert json.loads(answering.readline()) == {"ready": True}

    def ask(**asked: Any) -> dict[str, Any]:
        asking.write(json.dumps(asked) + "\n")
        asking.flush()
        return json.loads(answering.readline())

    yield ask
    asking.close()
    answering.close()
    process.wait(60)
