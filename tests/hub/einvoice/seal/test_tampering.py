"""A byte changed anywhere in a signed document is found: in what is signed, in the signature, in what is beside it."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW
from tests.support.ubl_samples import draft

DECLARATION = b"?>"


@pytest.fixture(scope="session")
def signed(signer: KeySigner) -> bytes:
    return sign(draft(lines=2), signer, now=NOW)


def is_found(document: bytes) -> bool:
    try:
        return not all(verification.holds for verification in verify(document))
    except HubError:
        return True  # no XML any more, or no UBL-TR


def places(document: bytes) -> list[int]:
    """Every byte but white space, and but the XML declaration, which says nothing that is signed."""
    start = document.index(DECLARATION) + len(DECLARATION)
    return [at for at in range(start, len(document)) if not document[at : at + 1].isspace()]


def is_the_same_word(document: bytes, at: int, other: int) -> bool:
    """`CN=` and `cn=` are one in the certificate's name, which stands outside of what is signed."""
    begin, end = document.index(b"<ds:X509SubjectName>") + 20, document.index(b"</ds:X509SubjectName>")
    words = [begin + at for word in re.finditer(rb"\w+(?==)", document[begin:end]) for at in range(*word.span())]
    return at in words and other == document[at] ^ 32


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_another_byte_in_any_place(signed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(places(signed)), label="place")
    other = data.draw(st.integers(33, 126).filter(lambda byte: byte != signed[at]), label="byte")
    assume(not is_the_same_word(signed, at, other))

    assert is_found(signed[:at] + bytes([other]) + signed[at + 1 :])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_byte_less_in_any_place(signed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(places(signed)), label="place")

    assert is_found(signed[:at] + signed[at + 1 :])


@pytest.mark.prove
def test_another_byte_in_every_place(signed: bytes) -> None:
    """Each place once, with the bytes that differ in one bit, so that letters stay letters where they can."""
    unseen = [
        (at, other)
        for at in places(signed)
        for other in (signed[at] ^ 1, signed[at] ^ 2, signed[at] ^ 32)
        if 32 < other < 127 and not is_the_same_word(signed, at, other)
        if not is_found(signed[:at] + bytes([other]) + signed[at + 1 :])
    ]

    assert unseen == []


def test_the_search_sees_a_document_that_was_not_changed(signed: bytes) -> None:
    assert not is_found(signed)
