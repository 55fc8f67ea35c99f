"""The rows of `keys.tenant_keys`: a tenant's keys, wrapped under a master key, one row a generation.

Only the encryption key is new in a new generation. Every living row carries the same pseudonym and suppression keys, so
that a generation can be destroyed without losing them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Connection
    from hub.keys.master_key import MasterKey
    from hub.keys.masters import Masters


class Unwrapped(NamedTuple):
    """The keys of one generation, in clear."""

    encryption: bytes
    pseudonym: bytes
    suppression: bytes

    def __repr__(self) -> str:
        return "Unwrapped()"


class WrappedRow(NamedTuple):
    """One living row: generation, the wrapped keys, and the fingerprint of the master key that wrapped them."""

    generation: int
    encryption: bytes
    pseudonym: bytes
    suppression: bytes
    master_fingerprint: str | None

    def unwrap(self, masters: Masters, tenant_id: str) -> Unwrapped:
        """The keys; HubError `ciphertext_invalid` or `master_key_foreign`."""
        return Unwrapped(
            *(
                masters.unwrap(self.master_fingerprint, _identity(purpose, tenant_id, self.generation), wrapped)
                for purpose, wrapped in zip(
                    Unwrapped._fields, (self.encryption, self.pseudonym, self.suppression), strict=True
                )
            )
        )


def living(connection: Connection, tenant_id: str, *, lock: LiteralString = "") -> list[WrappedRow]:
    """The tenant's rows whose keys are not destroyed, oldest generation first. `lock` is a locking clause."""
    rows: Sequence[tuple[Any, ...]] = connection.execute(
        "SELECT generation, wrapped_encryption_key, wrapped_pseudonym_key, wrapped_suppression_key, master_fingerprint"  # noqa: S608 - our own words
        f" FROM keys.tenant_keys WHERE tenant_id = %s AND destroyed_at IS NULL ORDER BY generation {lock}",
        (tenant_id,),
    ).fetchall()
    return [WrappedRow(row[0], bytes(row[1]), bytes(row[2]), bytes(row[3]), row[4]) for row in rows]


def had_keys(connection: Connection, tenant_id: str) -> bool:
    """Whether something is left in the key store that a tenant only has once it had keys."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM keys.tenant_keys WHERE tenant_id = %(tenant)s)"
        " OR EXISTS (SELECT FROM keys.subject_keys WHERE tenant_id = %(tenant)s)"
        " OR EXISTS (SELECT FROM keys.erasure_journal WHERE tenant_id = %(tenant)s)",
        {"tenant": tenant_id},
    ).fetchone()
    return bool(row and row[0])


def insert(connection: Connection, tenant_id: str, generation: int, keys: Unwrapped, master: MasterKey) -> None:
    """Add a generation; one that another process has added meanwhile stays."""
    connection.execute(
        "INSERT INTO keys.tenant_keys (tenant_id, generation, wrapped_encryption_key, wrapped_pseudonym_key,"
        " wrapped_suppression_key, master_fingerprint) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (tenant_id, generation, *wrap(tenant_id, generation, keys, master), master.fingerprint),
    )


def wrap(tenant_id: str, generation: int, keys: Unwrapped, master: MasterKey) -> list[bytes]:
    """The three keys under a master key, each bound to tenant, generation and purpose."""
    return [
        master.wrap(_identity(purpose, tenant_id, generation), key)
        for purpose, key in zip(Unwrapped._fields, keys, strict=True)
    ]


def _identity(purpose: str, tenant_id: str, generation: int) -> str:
    return f"tenant-key|{purpose}|{tenant_id}|{generation}"
