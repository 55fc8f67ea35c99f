"""Makes good what one tenant of a shop is owed, and ends itself at a chosen stage.

python -m tests.support.remask_worker HOME TENANT STAGE
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from hub.settings import Settings
from tests.support.shop import NoDetector, open_remasker_of, open_shop_engine


def main(home: str, tenant_id: str, stage: str) -> None:
    settings = Settings(home=Path(home), policies_dir=Path(home) / "policies")

    def hook(reached: str) -> None:
        if reached == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    open_remasker_of(open_shop_engine(settings, NoDetector()), hook=hook).settle(tenant_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
