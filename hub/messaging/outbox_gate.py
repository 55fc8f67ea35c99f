"""The outbox's rule about messages: hands each to the judge (gate.py), and notes who wants no more.

İYS is asked before the outbox opens its transaction, and what it said is remembered; within, nobody is asked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.iys.register import RecipientType
from hub.errors import HubError
from hub.kvkk.stores.outbox import of_the_erased
from hub.messaging.channels import channel_of
from hub.messaging.checks import SEND, Refuse, SendCheck, Wait
from hub.messaging.gate import UNREACHABLE_WAIT, ask_ahead, judge
from hub.messaging.opt_outs import note
from hub.outbox.enqueue import PAYLOAD
from hub.outbox.gate import Candidate, Go, Later, Stop

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.messaging.checks import Verdict as Judged
    from hub.outbox.gate import Verdict

RECIPIENT_ERASED = "recipient_erased"
ASK_SECONDS = 10.0
"""The outbox has a lease meanwhile: what is not answered by then comes again a minute later."""
_MOST_REMEMBERED = 10_000
_COMMERCIAL = (
    "SELECT action_id, payload_cipher, recipient_kind, recipient, commercial, purpose, template, units, amount,"
    " currency, now() FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s) AND state = 'leased'"
    " AND recipient IS NOT NULL AND (commercial OR template IS NOT NULL)"
    " AND (expires_at IS NULL OR expires_at > now())"
)


class MessagingGate:
    """Consent, opt-outs, İYS and quiet hours (hub.outbox.gate.Gate). Kinds that are no messages pass."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._unanswered: set[UUID] = set()
        self._lock = Lock()

    def early(self, tenant_id: str, kind: ActionKind, action_ids: Sequence[UUID]) -> None:
        """See `Early`: asks İYS about those that promote something. Whatever goes wrong is the judge's to say."""
        if not kind.is_message:
            return
        with self._database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(_COMMERCIAL, (tenant_id, list(action_ids))).fetchall()
        if not rows:
            return
        keys = self._keyring.tenant(tenant_id)
        candidates = [each for row in rows if (each := _early(keys, kind, row)) is not None]
        try:
            unanswered = ask_ahead(
                self._database,
                self._keyring,
                tenant_id,
                [_check(each) for each in candidates],
                rows[0][-1],
                seconds=ASK_SECONDS,
            )
        except HubError:
            return
        if unanswered:
            with self._lock:
                if len(self._unanswered) > _MOST_REMEMBERED:  # of actions that never came to be judged
                    self._unanswered.clear()
                self._unanswered.update(each.action_id for each in candidates)

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
        unreachable = self._failed_to_answer({each.action_id for each in messages})
        try:
            told = judge(
                self._database, self._keyring, tenant_id, checks, now, connection=connection, unreachable=unreachable
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

    def _failed_to_answer(self, action_ids: Collection[UUID]) -> bool:
        with self._lock:
            found = self._unanswered.intersection(action_ids)
            self._unanswered -= found
        return bool(found)

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Nothing is counted here."""
        del connection, tenant_id, candidates, day

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """A provider refused the message because its recipient wants no more (131050 of WhatsApp, 15 of Netgsm)."""
        del recipient_kind
        note(connection, tenant_id, recipient=recipient, channel=channel_of(kind), source="provider_refusal")


def _early(keys: TenantKeys, kind: ActionKind, row: Sequence[Any]) -> Candidate | None:
    """A candidate as `prepare` will have it; None for what it will not let through."""
    action_id, cipher, *rest = row[:-1]
    try:
        payload: dict[str, Any] = json.loads(keys.open(PAYLOAD, str(action_id), bytes(cipher)))
        recipient, recipient_type = kind.recipient(payload), payload.get("recipient_type")
    except Exception:  # unreadable, or written for other code
        return None
    return replace(
        Candidate(action_id, kind, *rest),
        recipient_type=recipient_type if isinstance(recipient_type, str) else None,
        value=recipient.value if recipient is not None else None,
    )


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
