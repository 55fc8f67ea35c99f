"""A plan that is changed counts soon, without a question to the database at each call."""

from __future__ import annotations

from hub.api.limiting import Limiting
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.limits.bucket import Limiter
from hub.limits.store import MemoryStore
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.hub.limits.clock import Clock


def test_a_lowered_limit_is_known_after_three_seconds(
    database: Database, settings: Settings, make_tenant: MakeTenant
) -> None:
    tenant_id, clock, seconds = make_tenant(limits='{"api_burst": 300}'), Clock(), [0.0]
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    limiting = Limiting(database, keyring, Limiter(MemoryStore(clock), clock=clock), clock=lambda: seconds[0])
    seen = [limiting._limits_of(tenant_id).api_burst]
    with database.tenant(tenant_id, "app") as connection:
        connection.execute("""UPDATE hub.tenants SET limits = '{"api_burst": 8}' WHERE tenant_id = %s""", (tenant_id,))

    for later in (2.9, 3.0):
        seconds[0] = later
        seen.append(limiting._limits_of(tenant_id).api_burst)

    assert seen == [300, 300, 8]
