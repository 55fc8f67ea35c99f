"""Run processes that end at a chosen moment: one parent that has imported everything, a forked child for each sync.

    python -m tests.support.kill_worker HOME

Each line on standard input is a JSON object: `tenants`, `streams`, `now` and, for a sync that is to be killed, `stage`
and `call`. The answer is one line: `{"signal": 9}`, or failures by tenant and the calls of each stage.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.iyzico import PROVIDER
from hub.settings import Settings
from hub.sync.batch import BatchRequest, Engine, sync_batch
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies


class Reaper:
    """Counts the stages' calls and kills its own process at one of them."""

    def __init__(self, stage: str | None, call: int) -> None:
        self.calls: Counter[str] = Counter()
        self._stage = stage
        self._call = call

    def __call__(self, stage: str, tenant_id: str) -> None:
        del tenant_id
        self.calls[stage] += 1
        if stage == self._stage and self.calls[stage] == self._call:
            os.kill(os.getpid(), signal.SIGKILL)


def main(home: str) -> None:
    import dlt  # noqa: F401 - once, for all children

    from kvkk_policies.detect import ColumnScanner

    policies = load_policies()
    detector = ColumnScanner()
    detector.scan(["Ayşe Yılmaz 0532 123 45 67 numarasından aradı"])
    gate = Gate(policies, detector)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_in_a_child(Settings.apart(Path(home)), gate, policies, json.loads(line))), flush=True)


def _in_a_child(settings: Settings, gate: Gate, policies: Any, asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            json.dump(_sync(settings, gate, policies, asked), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else json.loads(said)


def _sync(settings: Settings, gate: Gate, policies: Any, asked: dict[str, Any]) -> dict[str, Any]:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.keys.vault import Vault

    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    engine = Engine(database, keyring, Vault(database, keyring), gate, policies)
    moment = datetime.fromisoformat(asked["now"])
    reaper = Reaper(asked.get("stage"), asked.get("call", 0))
    request = BatchRequest(asked["tenants"], asked["streams"])
    result = sync_batch(engine, PROVIDER, request, run_id="worker", now=lambda: moment, hook=reaper)
    failures = {
        tenant_id: [[each.failed.code, each.failed.provider_code] for each in tenant.outcomes if each.failed]
        for tenant_id, tenant in result.tenants.items()
    }
    database.close()
    return {"failures": failures, "calls": dict(reaper.calls)}


if __name__ == "__main__":
    main(sys.argv[1])
