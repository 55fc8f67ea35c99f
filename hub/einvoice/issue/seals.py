"""A tenant's seal (mali mühür) or qualified signature: its key sealed under the tenant's key, or the PIN of a token.

A tenant without one leaves signing to its integrator. Opened signers are kept for a while: a token takes one session.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from hub.einvoice.seal.signer import key_signer
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.db.database import Connection, Database
    from hub.einvoice.seal.signer import Signer
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.audit import Actor

PURPOSE = "invoice-seal"
SEAL = "default"
"""A tenant has one; the name leaves room for the day on which it is renewed."""
_KEPT_SECONDS = 300.0
_KEPT_SEALS = 64


@dataclass(frozen=True)
class Token:
    """Where a key on a token is."""

    module: Path
    token: str
    label: str


def set_file_seal(
    database: Database,
    keys: TenantKeys,
    *,
    key: bytes,
    certificates: bytes,
    password: Secret | None = None,
    actor: Actor,
) -> None:
    """Store a key and its certificates. Raises what `key_signer` does for a key that cannot sign."""
    word = None if password is None else password.reveal()
    key_signer(key=key, certificates=certificates, password=None if word is None else word.encode())
    secret = json.dumps({"key": base64.b64encode(key).decode(), "password": word}).encode()
    _store(database, keys, "file", secret, base64.b64encode(certificates).decode(), None, actor=actor)


def set_token_seal(database: Database, keys: TenantKeys, place: Token, pin: Secret, *, actor: Actor) -> None:
    """Store where a token is, and its PIN. The token is not asked: it may be in another machine's slot now."""
    _store(database, keys, "token", pin.reveal().encode(), "", place, actor=actor)


def remove_seal(database: Database, tenant_id: str, *, actor: Actor) -> None:
    """Leave signing to the integrator. HubError `einvoice_seal_missing`."""
    with database.tenant(tenant_id, "app") as connection:
        if not connection.execute("DELETE FROM hub.invoice_seals WHERE tenant_id = %s", (tenant_id,)).rowcount:
            raise HubError("einvoice_seal_missing")
        audit.append(connection, tenant_id, audit.Entry(actor, "einvoice.seal_removed", f"tenant:{tenant_id}"))


@dataclass
class _Open:
    """An open signer, which seal it is of, and when it was used last (monotonic)."""

    name: bytes
    used: float
    signer: Signer


class Seals:
    """The seals that a process has open: one a tenant, as long as it is used.

    Opening a token takes as long as its card and driver take, so a tenant is waited for under a lock of its own: nobody
    else's seal stands behind it.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._refused: dict[str, bytes] = {}
        """PINs that a token refused, by the seal: three times wrong, and the card is locked."""
        self._guard = Lock()
        """Of the dictionaries; never held while a token is talked to."""
        self._locks: dict[str, Lock] = {}

    def of(self, connection: Connection, keys: TenantKeys) -> Signer | None:
        """The tenant's signer, in the caller's transaction; None where the integrator signs. Raises as opening does."""
        row = connection.execute(
            "SELECT kind, certificates, secret_cipher, module, token, label FROM hub.invoice_seals"
            " WHERE tenant_id = %s",
            (keys.tenant_id,),
        ).fetchone()
        if row is None:
            self.forget(keys.tenant_id)
            return None
        # The ciphertext's nonce makes every storing another seal: a replaced one is not used by whoever has it open.
        name = bytes(row[2])[-16:]
        found = self._known(keys.tenant_id, name)
        if found is not None:
            return found
        with self._lock_of(keys.tenant_id):
            found = self._known(keys.tenant_id, name)  # opened meanwhile
            if found is not None:
                return found
            if self._refused.get(keys.tenant_id) == name:
                raise HubError("seal_pin_refused")
            # A token takes one session: the one before is ended first.
            self._close(keys.tenant_id)
            self._close_unused()
            try:
                signer = _opened(keys, *row)
            except HubError as error:
                if error.code == "seal_pin_refused":
                    self._refused[keys.tenant_id] = name
                raise
            with self._guard:
                self._open[keys.tenant_id] = _Open(name, time.monotonic(), signer)
            return signer

    def forget(self, tenant_id: str) -> None:
        """Close the tenant's seal, if it is open; the next use opens it anew."""
        with self._lock_of(tenant_id):
            self._close(tenant_id)

    def _known(self, tenant_id: str, name: bytes) -> Signer | None:
        with self._guard:
            known = self._open.get(tenant_id)
            if known is None or known.name != name:
                return None
            known.used = time.monotonic()
            return known.signer

    def _lock_of(self, tenant_id: str) -> Lock:
        with self._guard:
            return self._locks.setdefault(tenant_id, Lock())

    def _close_unused(self) -> None:
        """Close what nobody has used for long, and the longest unused beyond the limit; nobody waits for these."""
        now = time.monotonic()
        with self._guard:
            oldest = sorted(self._open.items(), key=lambda each: each[1].used)
            too_many = max(0, len(oldest) - _KEPT_SEALS + 1)
            unused = [
                tenant_id
                for at, (tenant_id, each) in enumerate(oldest)
                if at < too_many or now - each.used >= _KEPT_SECONDS
            ]
        for tenant_id in unused:
            Thread(target=self.forget, args=(tenant_id,), name="seal-close", daemon=True).start()

    def _close(self, tenant_id: str) -> None:
        """Under the tenant's lock."""
        with self._guard:
            known = self._open.pop(tenant_id, None)
        close = getattr(known and known.signer, "close", None)
        if close is not None:
            close()


def _opened(
    keys: TenantKeys,
    kind: str,
    certificates: str,
    cipher: bytes,
    module: str | None,
    token: str | None,
    label: str | None,
) -> Signer:
    secret = keys.open(PURPOSE, SEAL, bytes(cipher))
    if kind == "file":
        stored = json.loads(secret)
        word = stored["password"]
        return key_signer(
            key=base64.b64decode(stored["key"]),
            certificates=base64.b64decode(certificates),
            password=None if word is None else word.encode(),
        )
    from hub.einvoice.seal.token import TokenPlace, TokenSigner

    return TokenSigner(TokenPlace(Path(module or ""), token or "", label or ""), secret)


def _store(
    database: Database,
    keys: TenantKeys,
    kind: str,
    secret: bytes,
    certificates: str,
    place: Token | None,
    *,
    actor: Actor,
) -> None:
    with database.tenant(keys.tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.invoice_seals (tenant_id, kind, certificates, secret_cipher, module, token, label, set_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, seal) DO UPDATE SET kind = excluded.kind,"
            " certificates = excluded.certificates, secret_cipher = excluded.secret_cipher,"
            " module = excluded.module, token = excluded.token, label = excluded.label, set_by = excluded.set_by,"
            " set_at = now()",
            (
                keys.tenant_id,
                kind,
                certificates,
                keys.seal(PURPOSE, SEAL, secret),
                None if place is None else str(place.module),
                None if place is None else place.token,
                None if place is None else place.label,
                actor.name,
            ),
        )
        entry = audit.Entry(actor, "einvoice.seal_set", f"tenant:{keys.tenant_id}", details={"kind": kind})
        audit.append(connection, keys.tenant_id, entry)
