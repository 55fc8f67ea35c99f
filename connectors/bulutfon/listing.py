"""Pages of a list, in either generation's envelope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from connectors.bulutfon.settings import PAGE_SIZE, V2_PATHS, Generation
from connectors.failure import ProviderFailure
from connectors.fields import to_int
from connectors.nested import record_in

if TYPE_CHECKING:
    from connectors.bulutfon.client import BulutfonClient

_V1_NAMES = {"calls": "cdrs", "extensions": "extensions", "groups": "groups", "numbers": "dids"}
_V1_DETAIL_NAMES = {"extensions": "extension", "groups": "group", "numbers": "did"}


def list_path(generation: Generation, noun: str) -> str:
    """Where a list is."""
    return f"/{_V1_NAMES[noun]}" if generation == "v1" else V2_PATHS[noun]


def records_of(generation: Generation, noun: str, document: dict[str, Any]) -> list[Any]:
    """The list itself. Raises `ProviderFailure`: an answer without its list is not an empty one."""
    name = _V1_NAMES[noun] if generation == "v1" else "data"
    if name not in document:
        raise ProviderFailure("transient", "answer_malformed")
    records = document[name]
    if not isinstance(records, list):
        raise ProviderFailure("transient", "wrong_type", field=name)
    return records  # pyright: ignore[reportUnknownVariableType]


def total_pages(document: dict[str, Any]) -> int | None:
    """How many pages there are; None where the list does not say. Raises `ProviderFailure` wrong_type."""
    pagination = document.get("pagination")
    value: Any = pagination.get("total_pages") if isinstance(pagination, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if value is None:
        return None
    count: int | None = None
    try:
        count = to_int(value)
    except (ValueError, TypeError):
        count = None
    if count is None:
        raise ProviderFailure("transient", "wrong_type", field="total_pages")
    return count


async def ask(
    client: BulutfonClient, noun: str, page: int, query: Mapping[str, str | int] | None = None
) -> dict[str, Any]:
    """One page of a list. Raises `ProviderFailure`."""
    return await client.get(list_path(client.generation, noun), {**(query or {}), "limit": PAGE_SIZE, "page": page})


async def record_pages(
    client: BulutfonClient, noun: str, query: Mapping[str, str | int] | None = None
) -> AsyncIterator[list[Any]]:
    """The records as Bulutfon gives them, page by page.

    Where a list does not say how many pages it has, a full page is followed by another, as long as it brings news: a
    list that knows no pages gives the same one for ever.
    """
    page, known = 1, set[str]()
    while True:
        document = await ask(client, noun, page, query)
        records = records_of(client.generation, noun, document)
        ids = {str(record.get("uuid", record.get("id"))) for record in map(record_in, records)}
        if records and not ids <= known:
            yield records
        last = total_pages(document)
        full = len(records) >= PAGE_SIZE and not ids <= known
        if not records or (page >= last if last is not None else not full):
            return
        known |= ids
        page += 1


async def in_full(client: BulutfonClient, noun: str, record: dict[str, Any]) -> dict[str, Any]:
    """A record with the fields that only its details have. The second generation documents none for this."""
    if client.generation == "v2" or not isinstance(number := record.get("id"), int | str):
        return record
    document = await client.find(f"{list_path('v1', noun)}/{number}")
    if document is None:
        return record
    return record | record_in(document.get(_V1_DETAIL_NAMES[noun]))
