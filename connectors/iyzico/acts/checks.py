"""What is wrong with a request before anything is queued, told by field; what nobody knows is refused too."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING

from connectors.actions import Problem
from connectors.iyzico.settings import FAST_LINK_CURRENCY, FAST_LINK_MOST
from connectors.iyzico.streams.transactions import CURRENCIES

if TYPE_CHECKING:
    from connectors.actions import Payload

REASONS = ("OTHER", "FRAUD", "BUYER_REQUEST", "DOUBLE_PAYMENT")
LINK_CURRENCIES = (*CURRENCIES, "RUB")
_WHY = ("ip", "reason", "description")
_REFUND = ("payment_id", "payment_transaction_id", "amount", "currency", *_WHY)
_CANCEL = ("payment_id", *_WHY)
_LINK = ("name", "description", "amount", "currency", "image", "address_ignorable", "installments", "stock", "fast")
_ID = re.compile(r"[0-9]{1,20}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_TEXT = 255
_LARGEST_IMAGE = 2 * 1024 * 1024
"""Bytes of a link's picture. iyzico states no bound; the outbox keeps it sealed until the link is made."""
_IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def check_refund(payload: Payload) -> Sequence[Problem]:
    """`payment_id` is asked for even where the line is named: only by it can be looked up what became of a refund."""
    return [
        *_unknown(payload, _REFUND),
        *_matching(payload, "payment_id", _ID),
        *_matching(payload, "payment_transaction_id", _ID, required=False),
        *_amount(payload),
        *_listed(payload, "currency", CURRENCIES),
        *_why(payload),
        # iyzico takes a reason for a line only.
        *(_missing(payload, "payment_transaction_id") if payload.get("reason") is not None else ()),
    ]


def check_cancel(payload: Payload) -> Sequence[Problem]:
    """A payment is voided whole: there is no amount."""
    return [*_unknown(payload, _CANCEL), *_matching(payload, "payment_id", _ID), *_why(payload)]


def check_link(payload: Payload) -> Sequence[Problem]:
    """A link with a picture, or a `fast` one, which is small, serves once and has neither name nor picture."""
    fast = payload.get("fast") is True
    known = ("description", "amount", "currency", "fast") if fast else _LINK
    problems = [*_unknown(payload, known), *_amount(payload), *_listed(payload, "currency", LINK_CURRENCIES)]
    for name in ("fast", "address_ignorable", "installments"):
        problems += _truth(payload, name)
    problems += _text(payload, "description", required=not fast)
    if not fast:
        return [*problems, *_text(payload, "name"), *_image(payload), *_stock(payload)]
    if not problems and payload["currency"] != FAST_LINK_CURRENCY:
        problems.append(Problem("currency", "field_not_in_list", {"expected": FAST_LINK_CURRENCY}))
    elif not problems and Decimal(payload["amount"]) > FAST_LINK_MOST:
        problems.append(Problem("amount", "field_too_large", {"limit": str(FAST_LINK_MOST)}))
    return problems


def check_link_disable(payload: Payload) -> Sequence[Problem]:
    """The token that iyzico gave the link."""
    return [*_unknown(payload, ("token",)), *_matching(payload, "token", _TOKEN)]


def _unknown(payload: Payload, known: Collection[str]) -> Iterator[Problem]:
    for name in payload:
        if name not in known:
            yield Problem(name, "field_unknown", {"known": ", ".join(known)})


def _missing(payload: Payload, name: str) -> Iterator[Problem]:
    if payload.get(name) is None:
        yield Problem(name, "field_missing")


def _matching(payload: Payload, name: str, form: re.Pattern[str], *, required: bool = True) -> Iterator[Problem]:
    value = payload.get(name)
    if value is None:
        yield from _missing(payload, name) if required else ()
    elif not isinstance(value, str) or not form.fullmatch(value):
        yield Problem(name, "field_wrong")


def _amount(payload: Payload) -> Iterator[Problem]:
    """Decimal text above zero, in whole kuruş: a number would have lost its last digits on the way here."""
    value = payload.get("amount")
    if value is None:
        yield Problem("amount", "field_missing")
    elif not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        yield Problem("amount", "field_not_an_amount")
    elif Decimal(value) <= 0:
        yield Problem("amount", "field_not_positive")


def _listed(payload: Payload, name: str, allowed: Collection[str], *, required: bool = True) -> Iterator[Problem]:
    value = payload.get(name)
    if value is None:
        yield from _missing(payload, name) if required else ()
    elif value not in allowed:
        yield Problem(name, "field_not_in_list", {"expected": ", ".join(allowed)})


def _why(payload: Payload) -> Iterator[Problem]:
    yield from _listed(payload, "reason", REASONS, required=False)
    yield from _text(payload, "description", required=False)
    if payload.get("description") is not None:
        yield from _missing(payload, "reason")
    value = payload.get("ip")
    if value is not None and not (isinstance(value, str) and _is_address(value)):
        yield Problem("ip", "field_not_an_address")


def _text(payload: Payload, name: str, *, required: bool = True) -> Iterator[Problem]:
    value = payload.get(name)
    if value is None:
        yield from _missing(payload, name) if required else ()
    elif not isinstance(value, str):
        yield Problem(name, "field_wrong")
    elif not value.strip():
        yield Problem(name, "field_empty")
    elif len(value) > _LONGEST_TEXT:
        yield Problem(name, "field_too_long", {"max_length": _LONGEST_TEXT})


def _truth(payload: Payload, name: str) -> Iterator[Problem]:
    if not isinstance(payload.get(name, False), bool):
        yield Problem(name, "field_wrong")


def _stock(payload: Payload) -> Iterator[Problem]:
    value = payload.get("stock")
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        yield Problem("stock", "field_wrong")
    elif value <= 0:
        yield Problem("stock", "field_not_positive")


def _image(payload: Payload) -> Iterator[Problem]:
    value = payload.get("image")
    if value is None:
        yield Problem("image", "field_missing")
        return
    content = _decoded(value)
    if content is None or not content.startswith(_IMAGE_STARTS):
        yield Problem("image", "field_wrong")
    elif len(content) > _LARGEST_IMAGE:
        yield Problem("image", "field_too_large", {"limit": _LARGEST_IMAGE})


def _decoded(value: object) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
