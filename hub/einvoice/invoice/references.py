"""Papers and payments that an invoice points at."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from hub.einvoice.invoice.fields import (
    Amount,
    Currency,
    DocumentNumber,
    Part,
    PaymentChannel,
    PaymentCode,
    ShortText,
    Text,
)


def _iban(text: str) -> str:
    from stdnum import iban

    if not iban.is_valid(text):
        raise PydanticCustomError("field_not_an_iban", "")
    return text


def _compact(text: object) -> object:
    return re.sub(r"\s", "", text).upper() if isinstance(text, str) else text


Iban = Annotated[str, BeforeValidator(_compact), AfterValidator(_iban)]


class Reference(Part):
    """Another paper: an order, a despatch advice, a receipt."""

    number: ShortText
    issue_date: date


class ReturnedInvoice(Part):
    """The invoice whose goods come back."""

    number: DocumentNumber
    issue_date: date


class Document(Part):
    """A further paper, or a name and value that a scenario asks for in its place (such as SGK's file number)."""

    number: ShortText
    issue_date: date
    scheme: ShortText | None = None
    type_code: ShortText | None = None
    type: ShortText | None = None
    description: ShortText | None = None


class Period(Part):
    """The time that an invoice is for."""

    start_date: date
    start_time: time | None = None
    end_date: date
    end_time: time | None = None


class Certificate(Part):
    """An investment incentive certificate (yatırım teşvik belgesi): its six-digit number."""

    number: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    issue_date: date


class Payment(Part):
    """How it is or will be paid: 10 cash, 20 cheque, 42 bank transfer, 48 card, ZZZ other."""

    code: PaymentCode
    due_date: date | None = None
    channel: PaymentChannel | None = None
    note: Text | None = None
    iban: Iban | None = None
    account_currency: Currency | None = None
    account_note: ShortText | None = None
    bank: ShortText | None = None
    branch: ShortText | None = None


class Terms(Part):
    """What is agreed about paying."""

    note: Text | None = None
    due_date: date | None = None
    penalty_percent: Annotated[Amount, Field(le=100)] | None = None
