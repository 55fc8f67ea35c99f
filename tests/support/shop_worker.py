"""A run process of the fixture provider: syncs its tenants whenever a line arrives on standard input.

    python -m tests.support.shop_worker HOME TENANT...

Answers each line with one JSON object: per tenant rows seen, rows changed and failure code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hub.settings import Settings
from hub.sync.batch import BatchRequest, sync_batch
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, open_shop_engine


def main(home: str, tenants: list[str]) -> None:
    settings = Settings(home=Path(home), policies_dir=Path(home) / "policies")
    engine = open_shop_engine(settings, NoDetector())
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        result = sync_batch(engine, PROVIDER, BatchRequest(tenants), run_id=line.strip())
        answer = {
            tenant_id: [outcome.rows_seen, outcome.rows_changed, outcome.failed.code if outcome.failed else None]
            for tenant_id, tenant in result.tenants.items()
            for outcome in tenant.outcomes
        }
        print(json.dumps(answer), flush=True)
    engine.database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
