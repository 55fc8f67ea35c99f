from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from hub.einvoice.issue import archive, series
from hub.einvoice.issue.sheet import Sheet, issue_sheet
from hub.sync.fetch import http_client
from hub.validation import InvalidInput
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import Shop
from tests.proofs.numbering_child import Unasked

_HEADINGS = (
    "invoice;type;alias;customer.identity;customer.name;customer.address.district;customer.address.city;"
    "line.name;line.quantity;line.price;line.vat_rate"
)


def sheet(*rows: str) -> bytes:
    return "\n".join([_HEADINGS, *rows]).encode()


def row(shop: Shop, name: str, *, standing: str = "none", alias: str = "", quantity: str = "2", vat: str = "10") -> str:
    buyer = shop.buyer(standing)
    return f"{name};SATIS;{alias};{buyer};Örnek Ltd.;Çankaya;Ankara;Defter;{quantity};42,50;{vat}"


def issued(shop: Shop, content: bytes, **options: Any) -> Sheet:
    issuing = replace(shop.issuing, checker=Unasked())

    async def run() -> Sheet:
        async with http_client() as client:
            return await issue_sheet(issuing, shop.tenant, content, client, key="ekim-", issued_by="test", **options)

    return asyncio.run(run())


def numbers(found: Sheet) -> list[tuple[str, str]]:
    return [(name, each.document.number) for name, each in found.issued]


def test_every_invoice_of_a_file_is_issued_under_a_key_of_its_own(shop: Shop) -> None:
    year = samples.issue_day().year
    content = sheet(row(shop, "A-1"), "A-1;;;;;;;Kalem;1;10;20", row(shop, "A-2", standing="one"))
    first = issued(shop, content)
    assert numbers(first) == [("A-1", f"ARS{year}000000001"), ("A-2", f"FTR{year}000000001")]
    assert str(first.issued[0][1].document.payable) == "105.50"
    again = issued(shop, content + ("\n" + row(shop, "A-3")).encode())
    assert [each.repeated for _name, each in again.issued] == [True, True, False]
    assert len(archive.listed(shop.database, shop.tenant)) == 3


def test_a_wrong_row_is_named_and_nothing_of_the_file_is_issued(shop: Shop) -> None:
    content = sheet(
        row(shop, "A-1"),
        row(shop, "A-2", quantity="çok"),
        row(shop, "A-3", standing="several"),
        row(shop, "A-4", alias="urn:mail:yok"),
    )
    with pytest.raises(InvalidInput) as refused:
        issued(shop, content)
    assert [(each.field, each.code) for each in refused.value.problems] == [
        ("3:line.quantity", "field_not_a_number"),
        ("4:alias", "einvoice_alias_ambiguous"),
    ]
    assert series.listed(shop.database, shop.tenant) == []
    found = issued(shop, content, skip_wrong=True)
    assert [name for name, _each in found.issued] == ["A-1", "A-4"]
    assert [each.field for each in found.wrong] == ["3:line.quantity", "4:alias"]


def test_an_invoice_whose_rows_stand_apart_is_not_issued_without_some_of_them(shop: Shop) -> None:
    content = sheet(row(shop, "A-1"), row(shop, "A-2"), row(shop, "A-1", quantity="9"))
    found = issued(shop, content, skip_wrong=True)
    assert [name for name, _each in found.issued] == ["A-2"]
    assert [(each.field, each.code) for each in found.wrong] == [("4:invoice", "field_rows_apart")]


def test_a_row_that_names_no_invoice_stops_the_file_even_where_wrong_ones_are_skipped(shop: Shop) -> None:
    with pytest.raises(InvalidInput) as refused:
        issued(shop, sheet(row(shop, "A-1"), ";;;;;;;Kalem;1;10;20"), skip_wrong=True)
    assert [each.field for each in refused.value.problems] == ["3:invoice"]
    assert archive.listed(shop.database, shop.tenant) == []
