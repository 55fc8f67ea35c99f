"""The sweep itself: each wrapping, encoding and spelling is planted alone and seen found."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.sandbox.company import turkish_upper
from tests.proofs.identity import Identity
from tests.proofs.stores import log_pieces, pages
from tests.proofs.sweep import Sweep

KINDS = ("tckn", "phone", "email", "name", "plate", "card")
PERSON = Identity.invented("control", 41, name="Gülşen İğdırlı")
EVERYTHING = {("control", kind) for kind in KINDS}
NOISE = bytes(number * 193 % 251 for number in range(5_000))


def utf16(encoding: str) -> Callable[[str], bytes]:
    return lambda text: b"\x07" + text.encode(encoding)


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", text)
    return file.getvalue()


def parquet(compression: str) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        file = io.BytesIO()
        pq.write_table(pa.table({"note": [text, "another"]}), file, compression=compression)
        return file.getvalue()

    return write


def zstandard(text: str) -> bytes:
    return pa.compress(text.encode(), codec="zstd", asbytes=True)


WRAPPINGS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "Turkish code page": lambda text: text.encode("iso8859_9"),
    "JSON escapes": lambda text: json.dumps({"text": text}).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"text": text})).encode(),
    "repr of bytes": lambda text: repr(text.encode()).encode(),
    "URL": lambda text: f"https://x/?q={quote(text)}".encode(),
    "hexadecimal": lambda text: b"\\x" + text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(b"a:" + text.encode()),
    "base64 for URLs": lambda text: b"token=" + base64.urlsafe_b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()),
    "UTF-16 little": utf16("utf-16-le"),
    "UTF-16 big": utf16("utf-16-be"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zlib": lambda text: zlib.compress(text.encode()),
    "zstandard": zstandard,
    "zip": zipped,
    "parquet": parquet("snappy"),
    "parquet, zstandard": parquet("zstd"),
    "parquet with zeroes": lambda text: parquet("none")("\0" * 200 + text),
    "base64 of gzip of JSON": lambda text: base64.b64encode(gzip.compress(json.dumps([text]).encode())),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_everything_about_a_person_is_found_in_every_wrapping(wrapping: str) -> None:
    wrapped = WRAPPINGS[wrapping](PERSON.sentence())
    assert Sweep([PERSON]).find([("here", [wrapped])]) == {"here": EVERYTHING}
    # Whole files have no neighbours; everything else stands among other bytes.
    if not wrapped.startswith((b"PK", b"PAR1")):
        assert Sweep([PERSON]).search(NOISE + b"\0\n" + wrapped + b"\n" + NOISE) == EVERYTHING


def test_every_spelling_is_found() -> None:
    sweep = Sweep([PERSON])
    found = [sweep.search(note.encode()) for note in PERSON.notes()]
    assert all(found), found
    assert set().union(*found) == EVERYTHING
    for text in (turkish_upper(PERSON.name), "İĞDIRLI, Gülşen", "gulsen.igdirli", "Gu\u0308ls\u0327en Ig\u0306dırlı"):
        assert sweep.search(text.encode()) == {("control", "name")}, text


def test_other_people_are_not_found() -> None:
    neighbour = Identity.invented("neighbour", 42, name="Ahmet Iğdır")
    assert Sweep([PERSON]).search(neighbour.sentence().encode()) == set()


def test_a_secret_is_found() -> None:
    assert Sweep([], {"shop key": "Zq81-anahtar"}).search(b'{"key": "Zq81-anahtar"}') == {("shop key", "secret")}


def test_a_piece_seen_before_is_found_again_and_where_it_is() -> None:
    sweep, text = Sweep([PERSON]), PERSON.tckn.encode()
    places = [("a", [NOISE, text]), ("b", [NOISE]), ("c", [b"x", text])]
    for _ in range(2):
        assert sweep.find(places) == {place: {("control", "tckn")} for place in "ac"}


def test_a_value_across_two_pages_of_the_log_is_found() -> None:
    before = b"\1" * (8_192 - 6)
    segment = before + PERSON.tckn[:6].encode() + b"\2" * 24 + PERSON.tckn[6:].encode() + b"\3" * 9_000
    assert Sweep([PERSON]).find([("wal", log_pieces(segment))]) == {"wal": {("control", "tckn")}}
    assert Sweep([PERSON]).find([("heap", pages(segment))]) == {}
