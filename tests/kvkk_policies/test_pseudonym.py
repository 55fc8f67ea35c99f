"""Pseudonyms: keyed, stable, and the same one by one as in bulk."""

from __future__ import annotations

import hmac
from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvkk_policies import pseudonym
from kvkk_policies.pseudonym import Pseudonymiser

KEYS = st.binary(min_size=32, max_size=64).filter(lambda key: len(set(key)) > 1)


@given(KEYS, st.text(max_size=40).filter(lambda text: max(text, default="") < "\ud800" or text.isascii()))
def test_a_pseudonym_is_an_hmac_of_kind_and_value(key: bytes, value: str) -> None:
    expected = hmac.digest(key, b"phone\0" + value.encode("utf-8", "surrogatepass"), "sha256")[:16]

    assert Pseudonymiser(key).one("phone", value) == "phone_" + b32encode(expected).decode().lower().rstrip("=")


@given(KEYS, st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=33, max_size=80))
def test_bulk_gives_the_same_as_one_by_one(key: bytes, values: list[str]) -> None:
    pseudonymiser = Pseudonymiser(key)

    assert pseudonymiser.many("name", values) == [pseudonymiser.one("name", value) for value in values]


def test_what_is_remembered_changes_nothing_and_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonym, "REMEMBERED_AT_MOST", 50)
    key = bytes(range(32))
    pseudonymiser = Pseudonymiser(key)
    pages = [[f"{number % 70}" for number in range(start, start + 40)] for start in range(0, 300, 25)]

    for page in pages:
        assert pseudonymiser.many("phone", page) == [Pseudonymiser(key).one("phone", value) for value in page]
        assert pseudonymiser.many("tckn", page) == [Pseudonymiser(key).one("tckn", value) for value in page]

    assert all(len(made) <= 50 for made in pseudonymiser._made.values())  # pyright: ignore[reportPrivateUsage]


@given(KEYS, KEYS, st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_two_tenants_never_share_a_pseudonym(one: bytes, other: bytes, value: str) -> None:
    # HMAC pads short keys with zero bytes, so those are the same key.
    if one.rstrip(b"\0") != other.rstrip(b"\0"):
        assert Pseudonymiser(one).one("tckn", value) != Pseudonymiser(other).one("tckn", value)


@given(KEYS)
def test_the_kind_is_part_of_the_value(key: bytes) -> None:
    pseudonymiser = Pseudonymiser(key)

    assert pseudonymiser.one("tckn", "1").removeprefix("tckn_") != pseudonymiser.one("vkn", "1").removeprefix("vkn_")


@pytest.mark.parametrize("key", [b"", b"short", b"\0" * 32, bytes(65)])
def test_a_default_or_short_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        Pseudonymiser(key)


def test_printing_shows_no_key() -> None:
    key = bytes(range(32))

    assert str(key) not in repr(Pseudonymiser(key))
    assert repr(Pseudonymiser(key)) == "Pseudonymiser(***)"
