"""Rotate keys in processes that end at a chosen moment: a forked child for each line on standard input.

    python -m tests.support.rotation_worker HOME

A line is a JSON object: `tenants` (the master key is rotated without them) and, for a child that is to be killed,
`stage` and `call`. The answer is `{"signal": 9}`, or `{"calls": ...}` with the calls of each stage.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hub.db.database import Database
from hub.keys import resealing
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.master_rotation import rotate_master
from hub.keys.rotation_stages import Stage
from hub.keys.tenant_rotation import TenantRotation
from hub.kvkk.audit import Actor
from hub.settings import Settings

ROWS_A_BATCH = 3
"""Small, so that there are seams between batches."""


class Reaper:
    """Counts the stages' calls and kills its own process at one of them."""

    def __init__(self, stage: str | None, call: int) -> None:
        self.calls: Counter[str] = Counter()
        self._stage = stage
        self._call = call

    def __call__(self, stage: Stage) -> None:
        self.calls[stage] += 1
        if stage == self._stage and self.calls[stage] == self._call:
            os.kill(os.getpid(), signal.SIGKILL)


def main(home: str) -> None:
    resealing.BATCH_ROWS = ROWS_A_BATCH
    settings = Settings.apart(Path(home))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_in_a_child(settings, json.loads(line))), flush=True)


def _in_a_child(settings: Settings, asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            json.dump(_rotate(settings, asked), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else json.loads(said)


def _rotate(settings: Settings, asked: dict[str, Any]) -> dict[str, Any]:
    database = Database(settings)
    reaper = Reaper(asked.get("stage"), asked.get("call", 1))
    actor = Actor("worker", "operator")
    if asked.get("tenants"):
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        TenantRotation(database, keyring, actor=actor, settled_seconds=0, hook=reaper).rotate(asked["tenants"])
    else:
        rotate_master(database, actor=actor, hook=reaper)
    database.close()
    return {"calls": dict(reaper.calls)}


if __name__ == "__main__":
    main(sys.argv[1])
