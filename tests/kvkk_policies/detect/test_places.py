"""Addresses reduced to district and province."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvkk_policies.detect.places import district_and_province, places


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Çınar Mah. Gül Sok. No:3 Kadıköy/İstanbul", "Kadıköy/İstanbul"),
        ("CINAR MAH GUL SOK NO 3 KADIKOY ISTANBUL", "Kadıköy/İstanbul"),
        ("Ankara Caddesi No:5 Bornova İzmir", "Bornova/İzmir"),
        ("Bağdat Cad. No:1 Kadıköy", "Kadıköy/İstanbul"),
        ("Merkez, Urfa", "Şanlıurfa"),
        ("Yenişehir'de bir yer", None),
        ("hiçbir yer", None),
        ("", None),
    ],
)
def test_an_address_is_reduced(address: str, expected: str | None) -> None:
    assert district_and_province(address) == expected


def test_the_list_is_complete() -> None:
    assert len(set(places().provinces.values())) == 81


@given(st.text())
def test_only_listed_names_come_out(address: str) -> None:
    known = {*places().provinces.values(), *places().districts.values()}

    assert set((district_and_province(address) or "").split("/")) - {""} <= known
