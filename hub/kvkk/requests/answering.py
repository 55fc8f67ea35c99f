"""Answers, refuses and closes: an acceptance needs its work done, a refusal its ground, article and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from hub.errors import HubError
from hub.kvkk.requests import packages, record
from hub.kvkk.requests.fees import Delivery, highest_fee
from hub.kvkk.requests.sealed import seal
from hub.kvkk.requests.vocabulary import REFUSAL_GROUNDS
from hub.kvkk.wording import require_remark

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.record import Request


WORK_REFUSED = "refused"
"""Work code of an erasure of which a legal hold left nothing to do."""


class Refusal:
    """Why something is refused: a ground's code, the article it rests on, and when the data will be destroyed.

    The article is a remark. `InvalidInput`; HubError `refusal_ground_unknown`, `refusal_without_article`,
    `refusal_without_date`.
    """

    def __init__(self, code: str, *, article: str | None = None, destruction_due: date | None = None) -> None:
        ground = REFUSAL_GROUNDS.get(code)
        if ground is None:
            raise HubError("refusal_ground_unknown", known=", ".join(REFUSAL_GROUNDS))
        if article is not None:
            require_remark("article", article)
        stated = article or ground.article
        if not stated:
            raise HubError("refusal_without_article", ground=code)
        if ground.needs_destruction_date and destruction_due is None:
            raise HubError("refusal_without_date", ground=code)
        self.code = code
        self.article = stated
        self.destruction_due = destruction_due


def answer(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    text: Secret,
    *,
    actor: Actor,
    delivery: Delivery | None = None,
    refused_part: Refusal | None = None,
    now: datetime | None = None,
) -> Request:
    """Accept, or accept in part where `refused_part` or the hub's own work says why the rest is not.

    The text is sealed. HubError `request_work_open` while the hub's own part is not done, `request_work_refused` where
    it found that nothing can be granted, `request_package_gone` where what it made is there no more,
    `fee_figures_wrong`, and what `transitions.after` says.
    """
    return _answered(
        database,
        keyring,
        tenant_id,
        request_id,
        "answer",
        text,
        actor=actor,
        delivery=delivery or Delivery(),
        refusal=refused_part,
        now=now,
    )


def refuse(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    text: Secret,
    refusal: Refusal | None = None,
    *,
    actor: Actor,
    now: datetime | None = None,
) -> Request:
    """Refuse the whole, in any state before the answer, with the reasons in the sealed text (KVKK art. 13/3).

    Without a `refusal` the ground that the hub's own work found stands. HubError `refusal_without_ground`.
    """
    return _answered(
        database,
        keyring,
        tenant_id,
        request_id,
        "refuse",
        text,
        actor=actor,
        delivery=Delivery(),
        refusal=refusal,
        now=now,
    )


def close(
    database: Database, tenant_id: str, request_id: UUID, *, actor: Actor, now: datetime | None = None
) -> Request:
    """Put an answered request away: the answer has reached the applicant."""
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        return record.move(connection, tenant_id, request, "close", actor=actor, now=moment, closed_at=moment)


def _answered(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    act: Literal["answer", "refuse"],
    text: Secret,
    *,
    actor: Actor,
    delivery: Delivery,
    refusal: Refusal | None,
    now: datetime | None,
) -> Request:
    if not text.reveal().strip():
        raise HubError("answer_without_text")
    keys = keyring.tenant(tenant_id)
    fee = highest_fee(delivery)
    with record.deciding(database, tenant_id, request_id, act, actor=actor) as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        if request.work_state == "running":
            raise HubError("request_work_running", state=request.work_state)
        if act == "answer" and request.work_state not in {"none", "done"}:
            raise HubError("request_work_open", state=request.work_state)
        if act == "answer" and request.work_code == WORK_REFUSED:
            raise HubError("request_work_refused")
        if act == "answer" and packages.is_gone(connection, tenant_id, request):
            raise HubError("request_package_gone")
        if act == "refuse" and refusal is None and request.refusal_code is None:
            raise HubError("refusal_without_ground")
        # A ground that stands already was written by the work: some of the data is kept, and the answer says why.
        grounded = refusal is not None or request.refusal_code is not None
        outcome = "refused" if act == "refuse" else "partly" if grounded else "accepted"
        changes: dict[str, Any] = {
            "outcome": outcome,
            "answer_cipher": seal(keys, request_id, "answer", {"text": text.reveal(), "form": delivery.form}),
            "fee": fee,
            "answered_at": moment,
        }
        if request.work_state == "pending":  # nobody has begun it: it is called off
            changes["work_state"] = "none"
        details: dict[str, Any] = {"outcome": outcome, "form": delivery.form, "late": moment >= request.due_at}
        if refusal is not None:
            changes |= {
                "refusal_code": refusal.code,
                "refusal_article": refusal.article,
                "destruction_due": refusal.destruction_due,
            }
            details |= {"ground": refusal.code, "article": refusal.article}
        return record.move(connection, tenant_id, request, act, actor=actor, now=moment, details=details, **changes)
