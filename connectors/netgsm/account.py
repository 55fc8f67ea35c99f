"""What an account has: credit, packages and sender names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.failure import ProviderFailure
from connectors.nested import record_in, records_in

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient

_PACKAGES, _CREDIT = 1, 2
HEADERS_PATH = "/sms/rest/v2/msgheader"


@dataclass(frozen=True)
class Package:
    """What is left of something bought by the piece."""

    name: str
    """In Netgsm's words, such as `Adet OTP Sms`."""
    amount: Decimal


@dataclass(frozen=True)
class Balance:
    """Credit in TRY, and packages."""

    credit: Decimal
    packages: tuple[Package, ...]


async def balance(client: NetgsmClient) -> Balance:
    """Credit and packages, in two questions: one for both answers with a list only. Raises `ProviderFailure`."""
    credit = _amount((await client.balance(_CREDIT)).get("balance"), "balance")
    packages = records_in(await client.balance(_PACKAGES), "balance")
    return Balance(credit, tuple(_package(record_in(each)) for each in packages))


async def headers(client: NetgsmClient) -> list[str]:
    """Approved sender names. Raises `ProviderFailure`."""
    document = await client.ask("GET", HEADERS_PATH, query=client.named({})) or {}
    found: list[Any] = records_in(document, "msgheaders") or records_in(document, "msgheader")
    if not all(isinstance(each, str) for each in found):
        raise ProviderFailure("transient", "wrong_type", field="msgheaders")
    return found


def _package(record: dict[str, Any]) -> Package:
    name = record.get("balance_name")
    if not isinstance(name, str):
        raise ProviderFailure("transient", "wrong_type", field="balance_name")
    return Package(name.strip(), _amount(record.get("amount"), "amount"))


def _amount(value: object, field: str) -> Decimal:
    """A number, or text with a decimal comma (`2,7`). Raises `ProviderFailure` wrong_type."""
    amount: Decimal | None = None
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            amount = Decimal(_point(str(value).strip()))
        except InvalidOperation:
            amount = None
    if amount is None or not amount.is_finite():
        raise ProviderFailure("transient", "wrong_type", field=field)
    return amount


def _point(text: str) -> str:
    """`1.234,5` and `2,7` in Python's spelling."""
    return text.replace(".", "").replace(",", ".") if "," in text else text
