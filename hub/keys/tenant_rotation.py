"""Rotates a tenant's encryption key while the hub works: a new generation seals, the old one is emptied and destroyed.

Three steps, each of which may be repeated: the new generation is made and the old one retired; once no process seals
with the old one any more, everything under it is sealed anew; once nothing is left under it, it is destroyed. Pseudonym
and suppression keys stay as they are: another pseudonym key would be a migration of every row.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys import tenant_rows
from hub.keys.envelope import KEY_BYTES
from hub.keys.floors import raise_floor
from hub.keys.keyring import KEYS_FRESH_SECONDS
from hub.keys.resealing import left, left_of_wrapped_keys, lost, reseal
from hub.keys.rotation_stages import StageHook, no_hook
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hub.db.database import Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

SETTLED_SECONDS = KEYS_FRESH_SECONDS + 5.0
"""After this long, no process that keeps to `KEYS_FRESH_SECONDS` seals with a retired generation."""


@dataclass(frozen=True)
class TenantRotated:
    """What became of one tenant's rotation. `unreadable` values keep the old generation alive.

    `lost` ones lay under a generation that was destroyed before: nothing opens them, and they hold nothing up.
    """

    tenant_id: str
    generation: int
    resealed: Mapping[str, int] = field(default_factory=dict[str, int])
    unreadable: Mapping[str, int] = field(default_factory=dict[str, int])
    lost: Mapping[str, int] = field(default_factory=dict[str, int])
    destroyed: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing but the new generation is left."""
        return not self.unreadable


class TenantRotation:
    """Rotates tenants' keys. One instance serves many tenants; they wait for stale processes together."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        *,
        actor: Actor,
        settled_seconds: float = SETTLED_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        hook: StageHook = no_hook,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._actor = actor
        self._settled_seconds = settled_seconds
        self._sleep = sleep
        self._hook = hook

    def rotate(
        self, tenant_ids: Sequence[str], *, on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[TenantRotated]:
        """Rotate these tenants, or finish what was cut short. `on_progress` gets tenants done and in all."""
        for tenant_id in tenant_ids:
            self._begin(tenant_id)
        rotated: list[TenantRotated] = []
        for number, tenant_id in enumerate(tenant_ids, start=1):
            self._settle(tenant_id)
            rotated.append(self._finish(tenant_id))
            on_progress(number, len(tenant_ids))
        return rotated

    def _begin(self, tenant_id: str) -> None:
        """Make the next generation, unless one is being rotated away already."""
        self._keyring.tenant(tenant_id)  # recognises the master key, and makes a new tenant's first generation
        with self._database.tenant_keys(tenant_id) as connection:
            master = self._keyring.masters.wrapping(connection)
            # Whoever makes a subject's key shares this lock: under the old generation before it, under the new after.
            rows = tenant_rows.living(connection, tenant_id, lock="FOR UPDATE")
            if not rows:
                raise HubError("tenant_keys_destroyed")
            if len(rows) > 1:
                return
            newest = rows[-1]
            audit.record(
                self._database,
                tenant_id,
                audit.Entry(self._actor, "key_rotation_began", _named(newest.generation + 1)),
            )
            keys = newest.unwrap(self._keyring.masters, tenant_id)._replace(encryption=os.urandom(KEY_BYTES))
            tenant_rows.insert(connection, tenant_id, newest.generation + 1, keys, master)
            connection.execute(
                "UPDATE keys.tenant_keys SET retired_at = clock_timestamp() WHERE tenant_id = %s AND generation = %s",
                (tenant_id, newest.generation),
            )
        self._hook("begun")

    def _settle(self, tenant_id: str) -> None:
        """Wait until no process seals with what is retired, by the key store's clock."""
        with self._database.tenant_keys(tenant_id) as connection:
            row = connection.execute(
                "SELECT extract(epoch FROM max(retired_at) - clock_timestamp())::float FROM keys.tenant_keys"
                " WHERE tenant_id = %s AND destroyed_at IS NULL",
                (tenant_id,),
            ).fetchone()
        remaining = self._settled_seconds + row[0] if row and row[0] is not None else 0.0
        if remaining > 0:
            self._sleep(remaining)

    def _finish(self, tenant_id: str) -> TenantRotated:
        keys = self._keyring.renewed(tenant_id)
        raise_floor(self._database, tenant_id, keys.generation)
        self._hook("floor")
        done = reseal(self._database, keys, on_batch=lambda: self._hook("resealed"))
        self._hook("settled")
        resealed = {name: count for name, count in done.done.items() if count}
        gone = lost(self._database, keys)
        destroyed = 0
        # Counted anew, by other means than the pass: what it could not open, or did not know of, keeps the key alive.
        if not done.unreadable and left(self._database, keys) == 0:
            destroyed = self._destroy(keys, Counter(resealed))
            self._hook("destroyed")
        return TenantRotated(tenant_id, keys.generation, resealed, dict(done.unreadable), gone, destroyed)

    def _destroy(self, keys: TenantKeys, resealed: Counter[str]) -> int:
        tenant_id, generation = keys.tenant_id, keys.generation
        with self._database.tenant_keys(tenant_id) as connection:
            rows = tenant_rows.living(connection, tenant_id, lock="FOR UPDATE")
            if all(row.generation >= generation for row in rows):
                return 0  # another rotation of the same tenant did, and entered it
            if left_of_wrapped_keys(connection, keys):
                return 0
            audit.record(
                self._database,
                tenant_id,
                audit.Entry(
                    self._actor,
                    "key_rotated",
                    _named(generation),
                    count=resealed.total(),
                    details={"resealed": dict(resealed)},
                ),
            )
            return connection.execute(
                "UPDATE keys.tenant_keys SET wrapped_encryption_key = NULL, wrapped_pseudonym_key = NULL,"
                " wrapped_suppression_key = NULL, destroyed_at = now()"
                " WHERE tenant_id = %s AND generation < %s AND destroyed_at IS NULL",
                (tenant_id, generation),
            ).rowcount


def _named(generation: int) -> str:
    return f"tenant-key:{generation}"
