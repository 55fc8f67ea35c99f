from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from hub.einvoice.envelope.package import pack, require_named, unpack
from hub.errors import HubError
from tests.support.seals import NOW

ID = "af978ba9-fa2f-4da8-a9d8-a695381d66d1"
XML = b"<?xml version='1.0'?><a/>"


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def code(file_name: str, content: bytes) -> object:
    with pytest.raises(HubError) as caught:
        unpack(file_name, content)
    assert caught.value.code == "envelope_package_refused"
    return caught.value.params["gib_code"]


def test_a_package_is_one_file_named_as_the_envelope_with_the_md5_of_the_zip() -> None:
    package = pack(ID, XML, at=NOW)
    assert package.file_name == f"{ID}.zip"
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert archive.namelist() == [f"{ID}.xml"]
    assert package.hash == hashlib.new("md5", package.content, usedforsecurity=False).hexdigest()
    assert unpack(package.file_name, package.content) == XML
    assert XML.decode() not in repr(package)


def test_the_same_envelope_gives_the_same_bytes() -> None:
    assert pack(ID, XML, at=NOW) == pack(ID, XML, at=NOW)


@pytest.mark.parametrize(
    ("file_name", "content", "expected"),
    [
        (f"{ID}.zip", b"no zip", 1110),
        (f"{ID}.rar", zipped((f"{ID}.xml", XML)), 1110),
        ("short.zip", zipped(("short.xml", XML)), 1111),
        (f"{ID}.zip", zipped((f"{ID}.xml", XML)).replace(XML, XML[:-1] + b"?"), 1110),
        (f"{ID}.zip", zipped((f"{ID}.xml", XML), ("b.xml", XML)), 1131),
        (f"{ID}.zip", zipped((f"{ID}.pdf", XML)), 1132),
        (f"{ID}.zip", zipped((f"{ID}.xml", b"%PDF")), 1132),
        (f"{ID}.zip", zipped((f"{ID[:-1]}0.xml", XML)), 1133),
    ],
)
def test_what_is_wrong_with_a_package_is_told_by_gibs_code(file_name: str, content: bytes, expected: int) -> None:
    assert code(file_name, content) == expected


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.einvoice.envelope import package

    monkeypatch.setattr(package, "MAX_BYTES", len(XML) - 1)
    assert code(f"{ID}.zip", zipped((f"{ID}.xml", XML))) == 1130


def test_an_envelope_in_a_zip_of_another_name_is_refused() -> None:
    require_named(ID.upper(), f"{ID}.zip")
    with pytest.raises(HubError) as caught:
        require_named(ID, "x.zip")
    assert caught.value.params["gib_code"] == 1142
