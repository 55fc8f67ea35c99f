from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from connectors.iyzico.readers.paging import listed


def read(*pages: dict[str, Any]) -> tuple[list[Any], int]:
    """Records of a list that has these pages and gives its last one for ever, and how many pages were asked for."""
    asked: list[int] = []

    async def ask(page: int) -> dict[str, Any]:
        asked.append(page)
        return pages[min(page, len(pages)) - 1]

    async def run() -> list[Any]:
        return [record async for records in listed(ask, "rows", last="pages") for record in records]

    found = asyncio.run(run())
    assert asked == list(range(1, len(asked) + 1))
    return found, len(asked)


def test_a_counted_list_is_read_to_its_last_page() -> None:
    assert read({"rows": [1], "pages": "2"}, {"rows": [2], "pages": "2"}) == ([1, 2], 2)
    assert read({"rows": [1, 2], "pages": 1}) == ([1, 2], 1)


def test_an_empty_page_is_the_last_one_whatever_is_counted() -> None:
    assert read({}) == ([], 1)
    assert read({"rows": [1], "pages": 9}, {"rows": [], "pages": 9}) == ([1], 2)


def test_a_page_without_a_counter_is_followed_by_another() -> None:
    assert read({"rows": [1]}, {"rows": [2]}, {"rows": []}) == ([1, 2], 3)


def test_a_list_that_knows_no_pages_ends() -> None:
    assert read({"rows": [1, 2]}) == ([1, 2], 2)


def test_a_counter_that_is_no_number_is_named() -> None:
    with pytest.raises(ProviderFailure, match="wrong_type field=pages"):
        read({"rows": [1], "pages": "viele"})
