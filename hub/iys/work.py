"""Everything that is done with İYS for a tenant every hour: what is owed goes there, what changed comes here.

One tenant's trouble keeps no other from it: it is noted by its code, and tried again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.failure import ProviderFailure
from hub.errors import HubError
from hub.iys import accounts, alarms, changes, owed, push, reconcile, runs
from hub.iys.changes import NOTHING_HEARD, Heard
from hub.iys.push import NOTHING_PUSHED, NOTHING_SETTLED, Pushed, Settled

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.iys.accounts import Account
    from hub.keys.keyring import Keyring

_log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
PULL_EVERY = timedelta(hours=6)
"""At least daily by kvkk.md, section 9; a person who refused waits no longer than this, or than İYS's answer is old."""
RECONCILE_EVERY = timedelta(days=7)
AFTER_FAILURE = {"transient": timedelta(minutes=15), "permanent": timedelta(hours=6)}
NOT_USABLE = "iys_not_connected"
KEEP_STATES = timedelta(days=30)
"""Answers that nobody asked for again since are let go."""
KEEP_PUSHES = timedelta(days=3_653)
"""Ten years, as the consents that they are about: hub/kvkk/retention/proofs.py."""


@dataclass(frozen=True)
class Worked:
    """What one run did for a tenant. `failure` is the code of what ended it early."""

    collected: int = 0
    pushed: Pushed = NOTHING_PUSHED
    settled: Settled = NOTHING_SETTLED
    heard: Heard = NOTHING_HEARD
    late: int = 0
    failure: str | None = None


def work_off(database: Database, keyring: Keyring, now: datetime | None = None) -> dict[str, Worked]:
    """Work for every tenant that is due, by tenant."""
    return {tenant_id: work(database, keyring, tenant_id, now or clock(database)) for tenant_id in runs.due(database)}


def work(database: Database, keyring: Keyring, tenant_id: str, now: datetime) -> Worked:
    """Everything for one tenant. Never raises for İYS's sake or a setting's."""
    done, provider = Worked(), accounts.DIRECT
    try:
        account = accounts.account_of(database, keyring, tenant_id)
        provider = account.provider if account is not None else provider
        done, wait = _work(database, keyring, tenant_id, account, now), EVERY
    except ProviderFailure as failure:
        done, wait = Worked(failure=failure.code), AFTER_FAILURE[failure.kind]
    except HubError as error:
        done, wait = Worked(failure=error.code), AFTER_FAILURE["permanent"]
    if done.failure is not None:
        _log.warning("İYS for %s: %s", tenant_id, done.failure)
        wait = max(wait, AFTER_FAILURE["transient"])
    try:
        late = alarms.alarm(database, keyring, tenant_id, now).late
    except HubError as error:
        _log.warning("İYS alarm of %s: %s", tenant_id, error.code)
        late = 0
    runs.note(database, tenant_id, provider, ran_at=now, next_at=now + wait, failure_code=done.failure)
    return Worked(done.collected, done.pushed, done.settled, done.heard, late, done.failure)


def _work(database: Database, keyring: Keyring, tenant_id: str, account: Account | None, now: datetime) -> Worked:
    collected = owed.collect(database, tenant_id, now)
    if account is None or account.spec is None:
        return Worked(collected, failure=NOT_USABLE)
    before = runs.last(database, tenant_id, account.provider)
    # First what people refused, so that nothing is brought in against it.
    heard = NOTHING_HEARD
    if before.pulled_at is None or now - before.pulled_at >= PULL_EVERY:
        heard = changes.pull(database, keyring, tenant_id, account, now) or heard
    settled = push.listen(database, keyring, tenant_id, account, now)
    pushed = push.submit(database, keyring, tenant_id, account, now)
    if before.reconciled_at is None or now - before.reconciled_at >= RECONCILE_EVERY:
        reconcile.reconcile(database, keyring, tenant_id, account, now)
    prune(database, tenant_id, now)
    return Worked(collected, pushed, settled, heard)


def prune(database: Database, tenant_id: str, now: datetime) -> None:
    """Let go of what is kept no longer."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "DELETE FROM hub.iys_states WHERE tenant_id = %s AND asked_at < %s", (tenant_id, now - KEEP_STATES)
        )
        connection.execute(
            "DELETE FROM hub.iys_pushes WHERE tenant_id = %s AND settled_at < %s", (tenant_id, now - KEEP_PUSHES)
        )


def clock(database: Database) -> datetime:
    """The database's time, which is the one that counts."""
    with database.without_tenant() as connection:
        row = connection.execute("SELECT now()").fetchone()
    if row is None:  # SELECT without FROM always answers
        raise HubError("database_down", role="app", sqlstate="-")
    return row[0]
