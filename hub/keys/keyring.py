"""The key hierarchy: a master key wraps a tenant's keys, which wrap a key for each data subject.

Wrapped keys live in a cluster of their own, so that no backup of the data carries them: destroying a subject's key
there makes the subject's originals unreadable everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.db.staging import Staging
from hub.errors import HubError
from hub.keys.envelope import KEY_BYTES, seal, unseal
from kvkk_policies.pseudonym import Pseudonymiser

if TYPE_CHECKING:
    import psycopg

    from hub.db.database import Database
    from hub.keys.master_key import MasterKey

_SUBJECTS = Staging("stage_subjects", {"subject_id": "uuid"})
_NEW_KEYS = Staging("stage_subject_keys", {"subject_id": "uuid", "generation": "int", "wrapped_key": "bytea"})

_CACHED_TENANTS = 1024
"""About 2 kB each: two slices of a batch (hub/sync/batch.py), each of which reads each tenant's keys once."""


class TenantKeys:
    """One tenant's unwrapped keys, in memory only. Encryption keys rotate; pseudonym and suppression keys do not."""

    def __init__(
        self, tenant_id: str, generations: dict[int, bytes], pseudonym_key: bytes, suppression_key: bytes
    ) -> None:
        self.tenant_id = tenant_id
        self.generation = max(generations)
        self._generations = {number: AESGCM(key) for number, key in generations.items()}
        self._pseudonym_key = pseudonym_key
        self._suppression_key = suppression_key

    def seal(self, purpose: str, identity: str, plaintext: bytes) -> bytes:
        """Encrypt for this tenant; `purpose` and `identity` name table and row. Two bytes of generation come first."""
        envelope = seal(self._generations[self.generation], self._bound(purpose, identity, self.generation), plaintext)
        return self.generation.to_bytes(2, "big") + envelope

    def open(self, purpose: str, identity: str, ciphertext: bytes) -> bytes:
        """Decrypt; HubError `ciphertext_invalid` for another tenant, purpose or row, or an altered text."""
        generation = int.from_bytes(ciphertext[:2], "big")
        key = self._generations.get(generation)
        if key is None:
            raise HubError("ciphertext_invalid")
        return unseal(key, self._bound(purpose, identity, generation), ciphertext[2:])

    def keyed_hash(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 under the tenant's pseudonym key, separated by purpose. 32 bytes."""
        return hmac.digest(self._pseudonym_key, purpose.encode() + b"\x00" + data, hashlib.sha256)

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

    def __init__(self, database: Database, master: MasterKey) -> None:
        self._database = database
        self._master = master
        self._cache: OrderedDict[str, TenantKeys] = OrderedDict()
        self._lock = Lock()
        self._recognised = False

    def tenant(self, tenant_id: str) -> TenantKeys:
        """The tenant's keys, made on first use. HubError `ciphertext_invalid` under a wrong master key."""
        with self._lock:
            if (cached := self._cache.get(tenant_id)) is not None:
                self._cache.move_to_end(tenant_id)
                return cached
        self._recognise_master()
        with self._database.tenant_keys(tenant_id) as connection:
            rows = self._tenant_rows(connection, tenant_id)
            if not rows:
                self._make_tenant_keys(connection, tenant_id)
                rows = self._tenant_rows(connection, tenant_id)
        keys = self._unwrap_tenant(tenant_id, rows)
        with self._lock:
            self._cache[tenant_id] = keys
            if len(self._cache) > _CACHED_TENANTS:
                self._cache.popitem(last=False)
        return keys

    def subjects(self, tenant_id: str, subject_ids: Iterable[str]) -> dict[str, SubjectKey]:
        """A key for each subject, made where missing or destroyed, in one transaction on the keys cluster."""
        wanted = sorted(set(subject_ids))
        if not wanted:
            return {}
        tenant = self.tenant(tenant_id)
        with self._database.tenant_keys(tenant_id) as connection:
            keys, missing = self._subject_keys(connection, tenant, wanted)
            if missing:
                keys |= self._make_subject_keys(connection, tenant, missing)
            if len(keys) < len(wanted):
                # Another process made these at the same time, and committed first.
                theirs, _ = self._subject_keys(connection, tenant, [each for each in wanted if each not in keys])
                keys |= theirs
        return keys

    def _recognise_master(self) -> None:
        """Remember the first master key of a key store, and refuse any other: it would open nothing in it."""
        if self._recognised:
            return
        with self._database.master_keys() as connection:
            connection.execute(
                "INSERT INTO keys.master (fingerprint) SELECT %s WHERE NOT EXISTS (SELECT FROM keys.master)",
                (self._master.fingerprint,),
            )
            known = {row[0] for row in connection.execute("SELECT fingerprint FROM keys.master")}
        if self._master.fingerprint not in known:
            raise HubError("master_key_foreign")
        self._recognised = True

    def _tenant_rows(
        self, connection: psycopg.Connection[tuple[object, ...]], tenant_id: str
    ) -> list[tuple[int, bytes, bytes, bytes]]:
        cursor = connection.execute(
            "SELECT generation, wrapped_encryption_key, wrapped_pseudonym_key, wrapped_suppression_key"
            " FROM keys.tenant_keys WHERE tenant_id = %s ORDER BY generation",
            (tenant_id,),
        )
        return [(int(str(row[0])), _bytes(row[1]), _bytes(row[2]), _bytes(row[3])) for row in cursor]

    def _make_tenant_keys(self, connection: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
        wrapped = [
            self._master.wrap(f"tenant-key|{purpose}|{tenant_id}|1", os.urandom(KEY_BYTES))
            for purpose in ("encryption", "pseudonym", "suppression")
        ]
        connection.execute(
            "INSERT INTO keys.tenant_keys (tenant_id, generation, wrapped_encryption_key, wrapped_pseudonym_key,"
            " wrapped_suppression_key) VALUES (%s, 1, %s, %s, %s) ON CONFLICT DO NOTHING",
            (tenant_id, *wrapped),
        )

    def _unwrap_tenant(self, tenant_id: str, rows: list[tuple[int, bytes, bytes, bytes]]) -> TenantKeys:
        generations = {
            generation: self._master.unwrap(f"tenant-key|encryption|{tenant_id}|{generation}", wrapped)
            for generation, wrapped, _, _ in rows
        }
        first, _, wrapped_pseudonym, wrapped_suppression = rows[0]
        pseudonym_key = self._master.unwrap(f"tenant-key|pseudonym|{tenant_id}|{first}", wrapped_pseudonym)
        suppression_key = self._master.unwrap(f"tenant-key|suppression|{tenant_id}|{first}", wrapped_suppression)
        return TenantKeys(tenant_id, generations, pseudonym_key, suppression_key)

    def _subject_keys(
        self, connection: psycopg.Connection[tuple[object, ...]], tenant: TenantKeys, subjects: list[str]
    ) -> tuple[dict[str, SubjectKey], dict[str, int]]:
        """The living keys, and the generation that is next for each subject without one.

        A destroyed key keeps its row: a new relation with the same person starts the next generation.
        """
        cursor = _SUBJECTS.execute(
            connection,
            "SELECT replace(k.subject_id::text, '-', ''), k.generation, k.wrapped_key FROM keys.subject_keys k"
            " JOIN {rows} USING (subject_id) ORDER BY k.generation",
            [subjects],
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
        self, connection: psycopg.Connection[tuple[object, ...]], tenant: TenantKeys, wanted: dict[str, int]
    ) -> dict[str, SubjectKey]:
        """New keys of these generations, without those that another process has just made."""
        made = {subject: os.urandom(KEY_BYTES) for subject in wanted}
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
