"""Reads extensions, groups and numbers as they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from connectors.bulutfon.listing import in_full, record_pages
from connectors.bulutfon.streams.directory import EXTENSION, GROUP, MEMBER, NUMBER
from connectors.contract import Page, Row
from connectors.nested import record_in, take_records

if TYPE_CHECKING:
    from connectors.bulutfon.client import BulutfonClient

_OF_MEMBERS = ("caller_name", "email", "phone")


async def extension_pages(client: BulutfonClient) -> AsyncIterator[Page]:
    """Extensions; `register` of the second generation is `registered` of the first."""
    async for records in record_pages(client, "extensions"):
        rows: list[Row] = []
        for each in records:
            extension = await in_full(client, "extensions", record_in(each))
            if "register" in extension:
                extension["registered"] = extension.pop("register")
            rows.append(EXTENSION.row(extension))
        yield Page(rows)


async def group_pages(client: BulutfonClient) -> AsyncIterator[Page]:
    """Groups with their members as children. A member's name and address stand in `extensions` and are not repeated."""
    async for records in record_pages(client, "groups"):
        rows: list[Row] = []
        members: list[Row] = []
        for each in records:
            group = await in_full(client, "groups", record_in(each))
            belonging = take_records(group, "extensions")
            row = GROUP.row(group)
            rows.append(row)
            for extension in map(record_in, belonging):
                for name in _OF_MEMBERS:
                    extension.pop(name, None)
                members.append(MEMBER.row(extension, {"group_id": row["group_id"]}))
        yield Page(rows, {"group_members": members})


async def number_pages(client: BulutfonClient) -> AsyncIterator[Page]:
    """The tenant's lines."""
    async for records in record_pages(client, "numbers"):
        rows: list[Row] = []
        for each in records:
            number = await in_full(client, "numbers", record_in(each))
            row = NUMBER.row(number)
            row["line"] = row["number"]
            rows.append(row)
        yield Page(rows)
