"""A tenant's key of the day: what the inbox takes in before anybody knows whose it is lies under it.

Whose data a payload holds is known only once it is understood, so no subject's key fits. A key a day and tenant, which
is destroyed after thirty days, makes the payloads of that day unreadable together, in every copy.

The key store's clock says what day it is (in Istanbul): a process whose own clock is wrong seals under the same key as
the others.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError
from hub.keys.envelope import KEY_BYTES, seal, unseal
from hub.keys.keyring import KEYS_FRESH_SECONDS

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys

KEPT = timedelta(days=30)
"""From the end of its day until a key is destroyed; what replays reach back."""
_CACHED = 1024
_PURPOSE = "daily-key"


class DayKey:
    """One tenant's key of one day, in memory only."""

    __slots__ = ("_bound", "_key", "day")

    def __init__(self, tenant_id: str, day: date, key: bytes) -> None:
        self.day = day
        self._key = AESGCM(key)
        self._bound = f"{_PURPOSE}|{tenant_id}|{day}"

    def seal(self, identity: str, plaintext: bytes) -> bytes:
        """Encrypt, bound to tenant, day and row."""
        return seal(self._key, f"{self._bound}|{identity}", plaintext)

    def open(self, identity: str, ciphertext: bytes) -> bytes:
        """Decrypt; HubError `ciphertext_invalid` for another row's or an altered one."""
        return unseal(self._key, f"{self._bound}|{identity}", ciphertext)

    def __repr__(self) -> str:
        return f"DayKey({self.day})"


class DailyKeys:
    """Reads, makes and destroys them. A process knows a key for at most `KEYS_FRESH_SECONDS` after it last asked."""

    def __init__(self, database: Database, keyring: Keyring, *, fresh_seconds: float = KEYS_FRESH_SECONDS) -> None:
        self._database = database
        self._keyring = keyring
        self._fresh_seconds = fresh_seconds
        self._known: OrderedDict[tuple[str, date | None], tuple[float, DayKey]] = OrderedDict()
        self._lock = Lock()

    def today(self, tenant_id: str) -> DayKey:
        """The key of this day, made on first use. HubError `daily_key_destroyed` if a clock ran ahead by a month."""
        known = self._remembered(tenant_id, None)
        if known is not None:
            return known
        read_at = time.monotonic()
        tenant = self._keyring.tenant(tenant_id)
        with self._database.tenant_keys(tenant_id) as connection:
            day = _day(connection)
            wrapped = _read(connection, tenant_id, day)
            if wrapped is None:
                wrapped = self._make(connection, tenant, day)
        key = DayKey(tenant_id, day, tenant.open(_PURPOSE, str(day), wrapped))
        self._remember(tenant_id, None, read_at, key)
        return key

    def of(self, tenant_id: str, day: date) -> DayKey | None:
        """The key of a past day; None once it is destroyed, or if there never was one."""
        known = self._remembered(tenant_id, day)
        if known is not None:
            return known
        read_at = time.monotonic()
        with self._database.tenant_keys(tenant_id) as connection:
            try:
                wrapped = _read(connection, tenant_id, day)
            except HubError:
                wrapped = None
        if wrapped is None:
            return None
        key = DayKey(tenant_id, day, self._keyring.tenant(tenant_id).open(_PURPOSE, str(day), wrapped))
        self._remember(tenant_id, day, read_at, key)
        return key

    def _make(self, connection: Connection, tenant: TenantKeys, day: date) -> bytes:
        tenant = self._keyring.in_force(connection, tenant)
        connection.execute(
            "INSERT INTO keys.daily_keys (tenant_id, day, wrapped_key) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (tenant.tenant_id, day, tenant.seal(_PURPOSE, str(day), os.urandom(KEY_BYTES))),
        )
        # Read back: another process may have made it at the same time, and committed first.
        wrapped = _read(connection, tenant.tenant_id, day)
        if wrapped is None:
            raise HubError("daily_key_destroyed", day=str(day))
        return wrapped

    def _remembered(self, tenant_id: str, day: date | None) -> DayKey | None:
        with self._lock:
            known = self._known.get((tenant_id, day))
            if known is None or time.monotonic() - known[0] >= self._fresh_seconds:
                return None
            self._known.move_to_end((tenant_id, day))
            return known[1]

    def _remember(self, tenant_id: str, day: date | None, read_at: float, key: DayKey) -> None:
        with self._lock:
            self._known[tenant_id, day] = read_at, key
            if len(self._known) > _CACHED:
                self._known.popitem(last=False)


def oldest_kept(connection: Connection) -> date:
    """The first day whose key is not over, in a transaction on the key cluster."""
    return _day(connection, back=KEPT)


def destroy(connection: Connection, tenant_id: str, *, before: date) -> int:
    """Destroy the keys of days before that one; how many were alive."""
    return connection.execute(
        "UPDATE keys.daily_keys SET wrapped_key = NULL, destroyed_at = now()"
        " WHERE tenant_id = %s AND day < %s AND wrapped_key IS NOT NULL",
        (tenant_id, before),
    ).rowcount


def _day(connection: Connection, back: timedelta = timedelta(0)) -> date:
    row = connection.execute("SELECT (now() AT TIME ZONE 'Europe/Istanbul')::date - %s::int", (back.days,)).fetchone()
    return row[0] if row else date.min


def _read(connection: Connection, tenant_id: str, day: date) -> bytes | None:
    """None where no key was ever made. HubError `daily_key_destroyed`."""
    row = connection.execute(
        "SELECT wrapped_key FROM keys.daily_keys WHERE tenant_id = %s AND day = %s", (tenant_id, day)
    ).fetchone()
    if row is None:
        return None
    if row[0] is None:
        raise HubError("daily_key_destroyed", day=str(day))
    return bytes(row[0])
