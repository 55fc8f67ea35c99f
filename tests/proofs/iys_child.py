"""A process that brings permissions to İYS and dies at a chosen step, as a killed one does: between any two of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.db.database import Database
from hub.iys import owed, push
from hub.iys.accounts import account_of
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.proofs.outbox_child import Steps, stepping


def main(home: str, tenant_id: str, last: int | None) -> None:
    """Collect what is owed, bring it in, hear what became of it; die at step number `last`, if there is one."""
    steps = Steps(last)
    database = Database(Settings.apart(Path(home)))
    keyring = Keyring(database, read_master_key(database.settings.master_key_file))
    account = account_of(database, keyring, tenant_id)
    assert account is not None
    database.tenant = stepping(database.tenant, steps)  # type: ignore[method-assign]
    push.talk = _stepping_talk(push.talk, steps)
    now = datetime.now(UTC)
    owed.collect(database, tenant_id, now)
    push.submit(database, keyring, tenant_id, account, now)
    push.listen(database, keyring, tenant_id, account, now)
    database.close()


def _stepping_talk(talk: Callable[..., Any], steps: Steps) -> Any:
    def stepped(*arguments: Any) -> Any:
        steps.step()
        answer = talk(*arguments)
        steps.step()
        return answer

    return stepped
