"""The outbox's rule about messages: hands each to the judge (gate.py), and notes who wants no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.iys.register import RecipientType
from hub.errors import HubError
from hub.kvkk.stores.outbox import of_the_erased
from hub.messaging.channels import channel_of
from hub.messaging.checks import SEND, Refuse, SendCheck, Wait
from hub.messaging.gate import UNREACHABLE_WAIT, judge
from hub.messaging.opt_outs import note
from hub.outbox.gate import Candidate, Go, Later, Stop

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.messaging.checks import Verdict as Judged
    from hub.outbox.gate import Verdict

RECIPIENT_ERASED = "recipient_erased"
ASK_SECONDS = 10.0
"""The outbox has a transaction open meanwhile: what is not answered by then comes again a minute later."""


class MessagingGate:
    """Consent, opt-outs, İYS and quiet hours (hub.outbox.gate.Gate). Kinds that are no messages pass."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """See `Gate`."""
        messages = [each for each in candidates if each.kind.is_message and each.recipient is not None]
        # Of a message to nobody that is known nothing can be asked, so nothing lets it pass.
        erased = {each.action_id for each in candidates if each.kind.is_message and each.recipient is None}
        if messages:
            keys = self._keyring.tenant(tenant_id)
            erased.update(of_the_erased(connection, keys, [each.action_id for each in messages]))
        checks = [_check(each) for each in messages]
        try:
            told = judge(
                self._database, self._keyring, tenant_id, checks, now, connection=connection, seconds=ASK_SECONDS
            )
        except HubError as error:
            if error.code != "tenant_setting_wrong":
                raise
            # Somebody has to mend it, and will want the messages to go then.
            told = [
                Wait(now + UNREACHABLE_WAIT, error.code) if each.commercial or each.template else SEND
                for each in messages
            ]
        verdicts = {each.action_id: _verdict(found) for each, found in zip(messages, told, strict=True)}
        verdicts |= dict.fromkeys(erased, Stop(RECIPIENT_ERASED))
        return [verdicts.get(each.action_id, Go()) for each in candidates]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Nothing is counted here."""
        del connection, tenant_id, candidates, day

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """A provider refused the message because its recipient wants no more (131050 of WhatsApp, 15 of Netgsm)."""
        del recipient_kind
        note(connection, tenant_id, recipient=recipient, channel=channel_of(kind), source="provider_refusal")


def _check(candidate: Candidate) -> SendCheck:
    recipient_type: RecipientType = "TACIR" if candidate.recipient_type == "TACIR" else "BIREYSEL"
    return SendCheck(
        kind=candidate.recipient_kind or "",
        channel=channel_of(candidate.kind),
        commercial=candidate.commercial,
        value=candidate.value,
        pseudonym=candidate.recipient,
        purpose=candidate.purpose,
        recipient_type=recipient_type,
        template=candidate.template,
    )


def _verdict(found: Judged) -> Verdict:
    match found:
        case Refuse(code):
            return Stop(code)
        case Wait(until, code):
            return Later(until, code)
        case _:
            return Go()
