"""Numbers and addresses behind pseudonyms: they lie in the vault, and are read for a message or a permission only.

A consent is recorded under a pseudonym. İYS wants the number itself, within three business days, so whoever records a
permission of law 6563 has the number put into the vault with it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from hub.iys.vocabulary import TYPES_BY_PURPOSE
from hub.keys.originals import Originals, Reading
from hub.kvkk import audit
from kvkk_policies.canonical import canonical

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

SOURCE = "hub.permissions"
"""What the subject index names as the place where an identifier was seen."""


def opened(database: Database, keyring: Keyring, tenant_id: str, recipients: Collection[str]) -> dict[str, str]:
    """Canonical values by pseudonym, of those that the vault has; each reading stands in the audit log.

    HubError `ciphertext_invalid`.
    """
    pairs = {(each.rpartition("_")[0], each) for each in recipients}
    reading = Reading(audit.SYSTEM, "outbound_action", SOURCE)
    found: dict[str, str] = {}
    for original in Originals(database, keyring).named(tenant_id, pairs, reading):
        form = canonical(original.kind, original.value) if original.value is not None else None
        if form is not None:
            found[original.pseudonym] = form
    return found


def keep(database: Database, keyring: Keyring, tenant_id: str, kind: str, value: Secret) -> str:
    """Put a recipient's number into the vault, sealed under its owner's key; its pseudonym. Safe to repeat.

    HubError `subject_malformed`.
    """
    import pyarrow as pa

    from hub.keys.vault import Known, Vault
    from hub.kvkk.identifiers import identified
    from kvkk_policies.gated import Gated, Identifier, Original

    anchor = identified(keyring, tenant_id, kind, value)
    form = canonical(kind, value.reveal()) or ""
    gated = Gated(
        pa.table({}),
        {},
        {},
        0,
        originals=[Original(*anchor, anchor, form)],
        identifiers=[Identifier(*anchor, anchor, "weak", "recipient")],
    )
    Vault(database, keyring).store(tenant_id, SOURCE, gated, Known())
    return anchor[1]


def referred(database: Database, tenant_id: str) -> set[str]:
    """Pseudonyms whose numbers are needed yet: of permissions in force, and of what İYS has not heard."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT data_subject FROM hub.consents WHERE tenant_id = %(tenant)s AND purpose = ANY(%(purposes)s)"
            " AND withdrawn_at IS NULL UNION SELECT recipient FROM hub.iys_pushes"
            " WHERE tenant_id = %(tenant)s AND settled_at IS NULL",
            {"tenant": tenant_id, "purposes": sorted(TYPES_BY_PURPOSE)},
        ).fetchall()
    return {row[0] for row in rows}
