"""Run processes of the fixture provider: one a tenant, all of which sync whenever a line arrives on standard input.

    python -m tests.support.shop_worker HOME TENANT...

One parent has imported everything and forks a child for each tenant, which keeps its connections from round to round.
Each line is answered with one JSON object: per tenant rows seen, rows changed and failure code.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO

from hub.settings import Settings
from hub.sync.batch import BatchRequest, sync_batch
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, open_shop_engine


def main(home: str, tenants: list[str]) -> None:
    import dlt  # noqa: F401 - once, for all children

    children = {tenant_id: _fork(home, tenant_id) for tenant_id in tenants}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        for asked, _ in children.values():
            asked.write(line)
            asked.flush()
        print(json.dumps({tenant_id: json.loads(told.readline()) for tenant_id, (_, told) in children.items()}))
        sys.stdout.flush()
    for asked, _ in children.values():
        asked.close()
    for _ in children:
        os.wait()


def _fork(home: str, tenant_id: str) -> tuple[IO[str], IO[str]]:
    """A child for that tenant: where its lines go, and where its answers come from."""
    asked_read, asked_write = os.pipe()
    told_read, told_write = os.pipe()
    if os.fork() == 0:
        os.close(asked_write)
        os.close(told_read)
        with os.fdopen(asked_read) as asked, os.fdopen(told_write, "w") as told:
            _rounds(home, tenant_id, asked, told)
        os._exit(0)
    os.close(asked_read)
    os.close(told_write)
    return os.fdopen(asked_write, "w"), os.fdopen(told_read)


def _rounds(home: str, tenant_id: str, asked: IO[str], told: IO[str]) -> None:
    settings = Settings(home=Path(home), policies_dir=Path(home) / "policies")
    engine = open_shop_engine(settings, NoDetector())
    for line in asked:
        result = sync_batch(engine, PROVIDER, BatchRequest([tenant_id]), run_id=line.strip())
        (outcome,) = result.tenants[tenant_id].outcomes
        failure = outcome.failed.code if outcome.failed else None
        told.write(json.dumps([outcome.rows_seen, outcome.rows_changed, failure]) + "\n")
        told.flush()
    engine.database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
