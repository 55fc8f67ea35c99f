"""What an event may do in the hub: each effect is the same when done twice, and committed when its method returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from connectors.actions import Recipient
from hub.inbox import conversations
from hub.inbox.opt_out import is_opt_out
from hub.iys import changes
from hub.iys.vocabulary import KINDS_BY_TYPE
from hub.kvkk import suppression
from kvkk_policies.canonical import canonical, kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from connectors.webhooks import AskAbout, Channel, MessageHeard, PermissionHeard, RefusalHeard, StateHeard
    from hub.db.database import Connection, Database
    from hub.inbox.refusals import Source
    from hub.keys.keyring import Keyring, TenantKeys

BETWEEN_LOOKS = timedelta(minutes=5)
"""Least time between two looks that calls ask for: a busy shop's payments would use up its requests otherwise."""

Pair = tuple[str, str]
"""Kind and pseudonym of an identifier."""


class Outbox(Protocol):
    """What the inbox knows of actions."""

    def heard(self, tenant_id: str, provider: str, heard: StateHeard) -> bool:
        """Note what became of an action; whether that changed anything. One that nobody knows changes nothing."""
        ...

    def ask(self, tenant_id: str, provider: str, about: AskAbout) -> bool:
        """Have the provider asked about an action soon; whether there is one to ask about."""
        ...


class OptOuts(Protocol):
    """Where it is recorded who wants no more messages."""

    def record(
        self, tenant_id: str, channel: Channel, contacts: Collection[Pair], at: datetime, *, source: Source
    ) -> None:
        """Note that these contacts refused further messages. Safe to repeat."""
        ...


@dataclass(frozen=True)
class Effects:
    """Everything that events do, on one installation."""

    database: Database
    keyring: Keyring
    outbox: Outbox
    opt_outs: OptOuts

    def read_again(self, tenant_id: str, provider: str, *, traceparent: str | None = None) -> None:
        """Make the integration due, now or `BETWEEN_LOOKS` after its last sync began. One that is paused stays so.

        The sync that comes of it goes on in the trace of the event that asked for it last.
        """
        with self.database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.integrations SET next_due_at ="
                " least(next_due_at, greatest(now(), coalesce(last_attempt_at + %s, now()))),"
                " traceparent = coalesce(%s, traceparent)"
                " WHERE tenant_id = %s AND provider = %s AND state = 'active'",
                (BETWEEN_LOOKS, traceparent, tenant_id, provider),
            )

    def message(self, tenant_id: str, message: MessageHeard) -> None:
        """Note that the contacts have written, and whether what they wrote is a refusal.

        Of a message from before its writer's erasure (it was replayed) nothing is noted.
        """
        with self.database.tenant(tenant_id, "app") as connection:
            living = self._living(connection, tenant_id, message.contacts, message.at)
            if living:
                conversations.heard_from(
                    connection,
                    tenant_id,
                    channel=message.channel,
                    contacts=[pseudonym for _, pseudonym in living],
                    at=message.at,
                )
        if living and message.text is not None and is_opt_out(message.text):
            self.opt_outs.record(tenant_id, message.channel, living, message.at, source="stop_reply")

    def refusal(self, tenant_id: str, refusal: RefusalHeard) -> None:
        """Note that the contacts want no more messages; not of those who were erased since."""
        with self.database.tenant(tenant_id, "app") as connection:
            living = self._living(connection, tenant_id, refusal.contacts, refusal.at)
        if living:
            self.opt_outs.record(tenant_id, refusal.channel, living, refusal.at, source="provider_refusal")

    def permission(self, tenant_id: str, heard: PermissionHeard) -> None:
        """Note what İYS has of an address, by a word that nobody signed; nothing of those who were erased since."""
        address = heard.permission.address
        contact = Recipient(KINDS_BY_TYPE[address.type], address.recipient)
        with self.database.tenant(tenant_id, "app") as connection:
            living = self._living(connection, tenant_id, [contact], heard.permission.consent_date)
        if living:
            changes.apply(self.database, self.keyring, tenant_id, [heard.permission], now=heard.at, trusted=False)

    def _living(
        self, connection: Connection, tenant_id: str, contacts: Sequence[Recipient], at: datetime
    ) -> list[Pair]:
        keys = self.keyring.tenant(tenant_id)
        erased = suppression.SuppressionList(keys, suppression.read(connection, tenant_id))
        return [pair for pair in _pairs(keys, contacts) if not _was_erased(erased, pair, at)]


def _pairs(keys: TenantKeys, contacts: Sequence[Recipient]) -> list[Pair]:
    pseudonymiser = keys.pseudonymiser()
    found: list[Pair] = []
    for contact in contacts:
        form = canonical(contact.kind, contact.value)
        if form is not None:
            kind = kind_of(contact.kind, form)
            found.append((kind, pseudonymiser.one(kind, form)))
    return found


def _was_erased(erased: suppression.SuppressionList, pair: Pair, at: datetime) -> bool:
    when = erased.named(*pair, dated=True)
    return when is not None and when >= at
