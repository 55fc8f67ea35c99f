"""The demo's own installation: a directory that nothing else uses, deaf to every setting of the environment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from hub.settings import Settings

_PREFIX = "HUB_"
_KEPT = {"HUB_LANGUAGE"}


@contextmanager
def demo_settings() -> Generator[Settings]:
    """Settings of a new directory, which is removed afterwards.

    The variables of a real installation are taken out of the environment: the demo's processes must not meet its data.
    """
    strangers = {
        name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_PREFIX) and name not in _KEPT
    }
    # Under the system's temporary directory: a unix socket's path is at most 107 bytes long.
    home = Path(tempfile.mkdtemp(prefix="kopru-demo-"))
    os.environ["HUB_HOME"] = str(home)
    try:
        yield Settings.load(home=home)
    finally:
        del os.environ["HUB_HOME"]
        os.environ.update(strangers)
        shutil.rmtree(home, ignore_errors=True)
