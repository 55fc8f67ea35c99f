"""Who signs a tenant's invoices, and until when that goes on: the state of its seal, without what it signs with.

The certificate of a seal in a file is read from the database. That of a token lies on the token, which is not asked: a
session may be another's, and a wrong PIN counts.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from hub.einvoice.seal.certificates import read_certificates
from hub.einvoice.seal.distinguished import written
from hub.errors import HubError

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Database

Signer = Literal["integrator", "file", "token"]


@dataclass(frozen=True)
class SealCertificate:
    """Of the seal's own certificate: who issued it and until when it holds; whose it is may name a person."""

    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True)
class SealState:
    """`signer`: the integrator, or a key of the tenant's in a file or on a token. `set_by` is who stored it."""

    signer: Signer
    set_at: datetime | None = None
    set_by: str | None = None
    certificate: SealCertificate | None = None


def state_of(database: Database, tenant_id: str) -> SealState:
    """A tenant's seal; the certificate is None where it is on a token, or cannot be read."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT kind, set_at, set_by, certificates FROM hub.invoice_seals WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    if row is None:
        return SealState("integrator")
    kind, set_at, set_by, certificates = row
    return SealState(cast("Signer", kind), set_at, set_by, _certificate(certificates))


def _certificate(certificates: str) -> SealCertificate | None:
    """Of those in a seal's file, the one that certifies none of the others is the key's own."""
    try:
        read = read_certificates(base64.b64decode(certificates)) if certificates else ()
    except HubError:
        return None
    issuers = {each.issuer for each in read if each.issuer != each.subject}
    own = next((each for each in read if each.subject not in issuers), read[0] if read else None)
    if own is None:
        return None
    return SealCertificate(
        written(own.issuer), str(own.serial_number), own.not_valid_before_utc, own.not_valid_after_utc
    )
