"""Pages of a list, by the counter that iyzico writes beside it and, where it writes none, until nothing new comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from connectors.failure import ProviderFailure
from connectors.fields import to_int
from connectors.nested import records_in

Ask = Callable[[int], Awaitable[dict[str, Any]]]


async def listed(ask: Ask, records: str, *, last: str) -> AsyncIterator[list[Any]]:
    """The records of every page from the first on. `records` and `last` are fields of the document that `ask` gives.

    An empty page ends the list. A page with records and without a counter is not taken for the last one: the next is
    asked for, as long as it differs, since a list that knows no pages gives the same one for ever.
    """
    page, before = 1, list[Any]()
    while True:
        document = await ask(page)
        found = records_in(document, records)
        count = counter(document, last)
        if not found or (count is None and found == before):
            return
        yield found
        if count is not None and page >= count:
            return
        page, before = page + 1, found


def counter(document: dict[str, Any], name: str) -> int | None:
    """A page counter; None when absent. Raises `ProviderFailure` wrong_type."""
    value = document.get(name)
    if value is None:
        return None
    count: int | None = None
    try:
        count = to_int(value)
    except (ValueError, TypeError):
        count = None
    if count is None:
        raise ProviderFailure("transient", "wrong_type", field=name)
    return count
