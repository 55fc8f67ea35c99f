"""An engine of the real registry without a detector, and syncs whose waits take no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.contract import Provider
from connectors.iyzico import PROVIDER
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.settings import Settings
from hub.sync.batch import Announce, BatchRequest, BatchResult, Engine, sync_batch, tell_nobody
from hub.sync.stages import StageHook, no_hook
from hub.sync.windows import ORDINARY, Asked
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.connectors.stand_still import StandStill
from tests.support.shop import NoDetector


def open_merchant_engine(settings: Settings, database: Database) -> Engine:
    """Detection is proved elsewhere and costs seconds to load."""
    policies = load_policies()
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, NoDetector()), policies)


def unhurried(time: StandStill | None = None, provider: Provider = PROVIDER) -> Provider:
    """A provider with a clock that sleeps without waiting."""
    return replace(provider, open=partial(provider.open, clock=(time or StandStill()).clock()))


def sync(
    engine: Engine,
    tenants: Sequence[str],
    streams: Sequence[str],
    *,
    now: datetime,
    asked: Asked = ORDINARY,
    only_due: bool = False,
    hook: StageHook = no_hook,
    announce: Announce = tell_nobody,
    provider: Provider = PROVIDER,
) -> BatchResult:
    """One batch at a moment of the test's choosing."""
    request = BatchRequest(tenants, streams, only_due=only_due, asked=asked)
    patient = unhurried(StandStill(now), provider)
    return sync_batch(engine, patient, request, run_id="run", now=lambda: now, hook=hook, announce=announce)
