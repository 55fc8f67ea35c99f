"""A person's word that they want no more messages, told to the tenant itself: it holds at once, and İYS hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.iys import recipients
from hub.iys.vocabulary import KINDS_BY_TYPE, TYPES_BY_CHANNEL
from hub.messaging.opt_outs import record_opt_out, require_channel

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


def kind_asked_for(channel: str) -> str:
    """Kind of the identifier that a channel reaches somebody by: `phone`, `email`. `InvalidInput`."""
    require_channel(channel)
    return KINDS_BY_TYPE[TYPES_BY_CHANNEL[channel]]


def opt_out(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    channel: str,
    person: Secret,
    *,
    everything: bool,
    actor: Actor,
) -> str:
    """Record it; the pseudonym. `everything`: no service messages by this channel either. Safe to repeat.

    The number goes into the vault, since İYS wants it itself. `InvalidInput`; HubError `subject_malformed`.
    """
    recipient = recipients.keep(database, keyring, tenant_id, kind_asked_for(channel), person)
    record_opt_out(
        database,
        tenant_id,
        recipient=recipient,
        channel=channel,
        source="person",
        scope="all" if everything else "commercial",
        actor=actor,
    )
    return recipient
