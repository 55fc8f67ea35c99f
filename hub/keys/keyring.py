"""The key hierarchy: a master key wraps a tenant's keys, which wrap a key for each data subject.

Wrapped keys live in a cluster of their own, so that no backup of the data carries them: destroying a subject's key
there makes the subject's originals unreadable everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.db.staging import Staging
from hub.errors import HubError
from hub.keys import tenant_rows
from hub.keys.envelope import KEY_BYTES, seal, unseal
from hub.keys.masters import Masters
from hub.keys.tenant_rows import Unwrapped
from hub.kvkk.forget import tombstones
from kvkk_policies.pseudonym import KeyedHash, Pseudonymiser

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.master_key import MasterKey

_SUBJECTS = Staging({"subject_id": "uuid"})
_NEW_KEYS = Staging({"subject_id": "uuid", "generation": "int", "wrapped_key": "bytea"})

_CACHED_TENANTS = 1024
"""About 2 kB each: two slices of a batch (hub/sync/batch.py), each of which reads each tenant's keys once."""


KEYS_FRESH_SECONDS = 30.0
"""How long a process may seal with a tenant's keys before it asks for a newer generation.

What it seals meanwhile under the retired one stays readable: a rotation waits for longer than this, then forbids the
data cluster to take in anything of the retired generation (hub/keys/floors.py), and only then seals anew and destroys.
"""


class TenantKeys:
    """One tenant's unwrapped keys, in memory only. Encryption keys rotate; pseudonym and suppression keys do not."""

    def __init__(
        self,
        tenant_id: str,
        generations: dict[int, bytes],
        pseudonym_key: bytes,
        suppression_key: bytes,
        *,
        renewed: Callable[[], TenantKeys] | None = None,
        before: TenantKeys | None = None,
    ) -> None:
        """`renewed` reads the keys again; generations that the process knew `before` stay for what it has in hand."""
        self.tenant_id = tenant_id
        self.generation = max(generations)
        self.oldest_generation = min(generations)
        self._generations: dict[int, AESGCM] = dict(before._generations) if before else {}
        self._generations |= {number: AESGCM(key) for number, key in generations.items()}
        self._hash = KeyedHash(pseudonym_key)
        self._suppression_key = suppression_key
        self._renewed = renewed

    def seal(self, purpose: str, identity: str, plaintext: bytes) -> bytes:
        """Encrypt for this tenant; `purpose` and `identity` name table and row. Two bytes of generation come first."""
        envelope = seal(self._generations[self.generation], self._bound(purpose, identity, self.generation), plaintext)
        return self.generation.to_bytes(2, "big") + envelope

    def open(self, purpose: str, identity: str, ciphertext: bytes) -> bytes:
        """Decrypt; HubError `ciphertext_invalid` for another tenant, purpose or row, or an altered text.

        HubError `key_rotated` for a text that was read before a rotation ended: reading the row again helps.
        """
        generation = int.from_bytes(ciphertext[:2], "big")
        if generation > self.generation and self._renewed is not None:
            newer = self._renewed()
            if newer.generation > self.generation:
                return newer.open(purpose, identity, ciphertext)
        key = self._generations.get(generation)
        if key is None:
            raise HubError("key_rotated" if 0 < generation < self.oldest_generation else "ciphertext_invalid")
        return unseal(key, self._bound(purpose, identity, generation), ciphertext[2:])

    def keyed_hash(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 under the tenant's pseudonym key, separated by purpose. 32 bytes."""
        return self._hash.digest(purpose.encode() + b"\x00" + data)

    def pseudonymiser(self) -> Pseudonymiser:
        """Makes this tenant's pseudonyms: the same value gives the same one in every provider's data."""
        return Pseudonymiser(self.keyed_hash("pseudonymiser-key", b""))

    def subject_id(self, kind: str, pseudonym: str) -> str:
        """The data subject that an identifier anchors: derived, so that writing it twice is harmless. 32 hex digits."""
        return self.keyed_hash("subject", f"{kind}\x00{pseudonym}".encode())[:16].hex()

    def suppression_mark(self, kind: str, pseudonym: str) -> bytes:
        """What the suppression list keeps of an erased identifier: HMAC-SHA-256 under a key of its own. 32 bytes."""
        return hmac.digest(self._suppression_key, f"{kind}\x00{pseudonym}".encode(), hashlib.sha256)

    def _bound(self, purpose: str, identity: str, generation: int) -> str:
        return f"{purpose}|{self.tenant_id}|{identity}|{generation}"

    def __repr__(self) -> str:
        return f"TenantKeys({self.tenant_id})"


class SubjectKey:
    """A data subject's key: what it sealed is unreadable for ever once the wrapped key is destroyed."""

    __slots__ = ("_key", "generation")

    def __init__(self, generation: int, key: bytes) -> None:
        self.generation = generation
        self._key = AESGCM(key)

    def seal(self, identity: str, plaintext: bytes) -> bytes:
        """Encrypt one original, bound to its row."""
        return seal(self._key, identity, plaintext)

    def open(self, identity: str, ciphertext: bytes) -> bytes:
        """Decrypt one original; HubError `ciphertext_invalid` if it is another row's."""
        return unseal(self._key, identity, ciphertext)


class Keyring:
    """Reads and makes keys. Every access is scoped to one tenant on the keys cluster."""

    def __init__(self, database: Database, master: MasterKey, *, fresh_seconds: float = KEYS_FRESH_SECONDS) -> None:
        self._database = database
        self.masters = Masters(master, database.settings.master_key_file)
        self._fresh_seconds = fresh_seconds
        self._cache: OrderedDict[str, tuple[float, TenantKeys]] = OrderedDict()
        self._lock = Lock()

    def tenant(self, tenant_id: str) -> TenantKeys:
        """The tenant's keys, made on first use, at most `KEYS_FRESH_SECONDS` old.

        HubError `master_key_foreign` under a wrong master key, `tenant_keys_destroyed` for a tenant that was forgotten,
        or whose keys are gone while others that they wrapped are there.
        """
        with self._lock:
            cached = self._cache.get(tenant_id)
            if cached is not None and time.monotonic() - cached[0] < self._fresh_seconds:
                self._cache.move_to_end(tenant_id)
                return cached[1]
        return self.renewed(tenant_id)

    def subjects(self, tenant_id: str, subject_ids: Iterable[str]) -> dict[str, SubjectKey]:
        """A key for each subject, made where missing or destroyed, in one transaction on the keys cluster."""
        wanted = sorted(set(subject_ids))
        if not wanted:
            return {}
        tenant = self.tenant(tenant_id)
        with self._database.tenant_keys(tenant_id) as connection:
            keys, missing = self._subject_keys(connection, tenant, wanted)
            if missing:
                tenant = self.in_force(connection, tenant)
                keys |= self._make_subject_keys(connection, tenant, missing)
            if len(keys) < len(wanted):
                # Another process made these at the same time, and committed first.
                theirs, _ = self._subject_keys(connection, tenant, [each for each in wanted if each not in keys])
                keys |= theirs
        return keys

    def renewed(self, tenant_id: str) -> TenantKeys:
        """The same, read now whatever is in memory."""
        self.masters.recognise(self._database)
        read_at = time.monotonic()
        with self._database.tenant_keys(tenant_id) as connection:
            if not tenant_rows.living(connection, tenant_id):
                self._make_first(connection, tenant_id)
            return self._read(connection, tenant_id, read_at)

    def _make_first(self, connection: Connection, tenant_id: str) -> None:
        had = tombstones.stands(connection, tenant_id) or tenant_rows.had_keys(connection, tenant_id)
        # Looked at again: what was had may be another process's, which made the first keys just then.
        if had and not tenant_rows.living(connection, tenant_id):
            # New keys would hide the loss: nobody's pseudonym would be the same again, and no suppression met.
            raise HubError("tenant_keys_destroyed")
        made = Unwrapped(*(os.urandom(KEY_BYTES) for _ in Unwrapped._fields))
        tenant_rows.insert(connection, tenant_id, 1, made, self.masters.wrapping(connection))

    def in_force(self, connection: Connection, tenant: TenantKeys) -> TenantKeys:
        """The tenant's newest keys; no rotation gives it newer ones before the transaction on the key cluster ends."""
        read_at = time.monotonic()
        connection.execute("SELECT FROM keys.tenant_keys WHERE tenant_id = %s FOR SHARE", (tenant.tenant_id,))
        row = connection.execute(
            "SELECT max(generation) FROM keys.tenant_keys WHERE tenant_id = %s", (tenant.tenant_id,)
        ).fetchone()
        if row is not None and row[0] == tenant.generation:
            return tenant
        return self._read(connection, tenant.tenant_id, read_at)

    def _read(self, connection: Connection, tenant_id: str, read_at: float) -> TenantKeys:
        unwrapped = {
            row.generation: row.unwrap(self.masters, tenant_id) for row in tenant_rows.living(connection, tenant_id)
        }
        if not unwrapped:
            raise HubError("tenant_keys_destroyed")
        newest = unwrapped[max(unwrapped)]
        with self._lock:
            before = self._cache.pop(tenant_id, None)
            keys = TenantKeys(
                tenant_id,
                {generation: each.encryption for generation, each in unwrapped.items()},
                newest.pseudonym,
                newest.suppression,
                renewed=lambda: self.renewed(tenant_id),
                before=before[1] if before else None,
            )
            self._cache[tenant_id] = read_at, keys
            if len(self._cache) > _CACHED_TENANTS:
                self._cache.popitem(last=False)
        return keys

    def _subject_keys(
        self, connection: Connection, tenant: TenantKeys, subjects: list[str]
    ) -> tuple[dict[str, SubjectKey], dict[str, int]]:
        """The living keys, and the generation that is next for each subject without one.

        A destroyed key keeps its row: a new relation with the same person starts the next generation.
        """
        cursor = _SUBJECTS.execute(
            connection,
            "SELECT replace(k.subject_id::text, '-', ''), k.generation, k.wrapped_key FROM keys.subject_keys k"
            " JOIN {rows} USING (subject_id) WHERE k.tenant_id = %(tenant)s ORDER BY k.generation",
            [subjects],
            {"tenant": tenant.tenant_id},
        )
        living: dict[str, tuple[int, bytes]] = {}
        following = dict.fromkeys(subjects, 1)
        for subject, generation, wrapped in cursor:
            following[subject] = generation + 1
            if wrapped is not None:
                living[subject] = generation, _bytes(wrapped)
        keys = {
            subject: SubjectKey(generation, tenant.open("subject-key", f"{subject}|{generation}", wrapped))
            for subject, (generation, wrapped) in living.items()
        }
        return keys, {subject: generation for subject, generation in following.items() if subject not in keys}

    def _make_subject_keys(
        self, connection: Connection, tenant: TenantKeys, wanted: dict[str, int]
    ) -> dict[str, SubjectKey]:
        """New keys of these generations, without those that another process has just made."""
        random = os.urandom(KEY_BYTES * len(wanted))
        made = {subject: random[at * KEY_BYTES : (at + 1) * KEY_BYTES] for at, subject in enumerate(wanted)}
        wrapped = [
            tenant.seal("subject-key", f"{subject}|{generation}", made[subject])
            for subject, generation in wanted.items()
        ]
        cursor = _NEW_KEYS.execute(
            connection,
            "INSERT INTO keys.subject_keys (tenant_id, subject_id, generation, wrapped_key)"
            " SELECT %(tenant)s, subject_id, generation, wrapped_key FROM {rows} ORDER BY subject_id"
            " ON CONFLICT DO NOTHING RETURNING replace(subject_id::text, '-', '')",
            [list(wanted), list(map(str, wanted.values())), ["\\x" + key.hex() for key in wrapped]],
            {"tenant": tenant.tenant_id},
        )
        return {subject: SubjectKey(wanted[subject], made[subject]) for (subject,) in cursor}


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise HubError("ciphertext_invalid")
    return value
