"""Grants of the vault and of the key cluster: one role each, and nobody else."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

VAULT: dict[str, tuple[Grant, ...]] = {
    "vault.subjects": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.identifiers": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.originals": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.texts": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.mentions": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    # Nothing of a link changes but its end; it goes when one of its people is erased.
    "vault.links": (Grant("vault", select=ALL, insert=ALL, update=("undone_by", "undone_at"), delete=True),),
    # Only a rotation of the tenant's key changes anything of it: the same value under the new key.
    "vault.withheld": (Grant("vault", select=ALL, insert=ALL, update=("ciphertext",), delete=True),),
    "vault.shared_identifiers": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.identifier_periods": (
        Grant("vault", select=ALL, insert=ALL, update=("undone_by", "undone_at"), delete=True),
    ),
    "vault.key_floors": (Grant("vault", select=ALL, insert=ALL),),
    "keys.tenant_keys": (
        Grant("keys", select=ALL, insert=ALL, update=ALL),
        Grant("custodian", select=("tenant_id", "generation", "master_fingerprint", "created_at", "destroyed_at")),
    ),
    "keys.subject_keys": (Grant("keys", select=ALL, insert=ALL, update=ALL),),
    "keys.daily_keys": (Grant("keys", select=ALL, insert=ALL, update=ALL),),
    # No UPDATE and no DELETE: what was erased stays erased after any restore.
    "keys.erasure_journal": (Grant("keys", select=ALL, insert=ALL),),
}
