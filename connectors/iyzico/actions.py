"""What the hub does at iyzico. What an ambiguous attempt allows is written in docs/iyzico-actions.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.actions import ActionKind
from connectors.iyzico.acts.checks import check_cancel, check_link, check_link_disable, check_refund
from connectors.iyzico.acts.links import open_disabling, open_links
from connectors.iyzico.acts.refunds import open_cancels, open_refunds
from connectors.iyzico.settings import LINK_SETTLES_AFTER, SETTLES_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.actions import Payload


def _money(payload: Payload) -> Mapping[str, str | int]:
    """Sums and iyzico's own numbers; why it was done stays sealed."""
    names = ("payment_id", "payment_transaction_id", "amount", "currency")
    return {name: payload[name] for name in names if payload.get(name) is not None}


REFUND = ActionKind(
    name="iyzico.refund",
    provider="iyzico",
    title="iyzico refund",
    check=check_refund,
    open=open_refunds,
    asking="by_reference",
    settles_after=SETTLES_AFTER,
    summary=_money,
)
CANCEL = ActionKind(
    name="iyzico.cancel",
    provider="iyzico",
    title="iyzico cancel",
    check=check_cancel,
    open=open_cancels,
    asking="by_reference",
    settles_after=SETTLES_AFTER,
    summary=_money,
)
PAYMENT_LINK = ActionKind(
    name="iyzico.payment_link",
    provider="iyzico",
    title="iyzico payment link",
    check=check_link,
    open=open_links,
    asking="by_reference",
    settles_after=LINK_SETTLES_AFTER,
    summary=_money,
)
PAYMENT_LINK_DISABLE = ActionKind(
    name="iyzico.payment_link_disable",
    provider="iyzico",
    title="iyzico payment link, out of use",
    check=check_link_disable,
    open=open_disabling,
    asking="idempotent",
    settles_after=LINK_SETTLES_AFTER,
)

KINDS: tuple[ActionKind, ...] = (REFUND, CANCEL, PAYMENT_LINK, PAYMENT_LINK_DISABLE)
