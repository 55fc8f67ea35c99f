"""`hub einvoice check|sign|verify|view` as a person types them; none of them needs an installation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.einvoice.seal.verify import verify
from hub.i18n import use
from tests.hub.einvoice.samples import issue_day, supplier
from tests.hub.einvoice.test_documentation import example
from tests.support.seals import Seal, make_seal
from tests.support.ubl_samples import draft


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """`hub("check", "in.xml")` in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "no-home"))
    monkeypatch.setenv("LANGUAGE", "en")
    for name in ("HUB_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, language: str = "en") -> Outcome:
        capsys.readouterr()
        status = main(["--lang", language, "einvoice", *arguments])
        shown = capsys.readouterr()
        return Outcome(status, shown.out, shown.err)

    yield run
    use("en")  # a command speaks for its whole process


@pytest.fixture(scope="module")
def valid_now() -> Seal:
    """Commands ask the clock, so the certificate has to be valid today."""
    now = datetime.now(UTC)
    return make_seal(start=now - timedelta(days=1), end=now + timedelta(days=1))


@pytest.fixture
def files(tmp_path: Path, valid_now: Seal) -> Path:
    """A draft, a key with its certificate that are valid now, a key with a password."""
    seal = valid_now
    (tmp_path / "in.xml").write_bytes(draft())
    (tmp_path / "key.pem").write_bytes(seal.key_file())
    (tmp_path / "closed.pem").write_bytes(seal.key_file(b"gizli"))
    (tmp_path / "cert.pem").write_bytes(seal.certificate_file())
    (tmp_path / "password").write_bytes(b"gizli\n")
    return tmp_path


SIGN = ("sign", "in.xml", "--key", "key.pem", "--cert", "cert.pem", "--out", "out.xml")


class TestSign:
    def test_a_draft_becomes_a_document_that_checks_and_verifies(self, hub: Run, files: Path) -> None:
        assert hub(*SIGN).status == 0
        assert hub("check", "out.xml").status == 0
        shown = hub("verify", "out.xml")
        assert shown.status == 0
        assert "out.xml /inv:Invoice: the signature holds" in shown.out
        assert "serialNumber=1234567808" in shown.out
        assert "revoked" in shown.err

    def test_no_file_is_written_over_unless_asked(self, hub: Run, files: Path) -> None:
        (files / "out.xml").write_text("mine")

        refused = hub(*SIGN)
        assert (refused.status, (files / "out.xml").read_text()) == (1, "mine")
        assert "--force" in refused.err
        assert hub(*SIGN, "--force").status == 0
        assert verify((files / "out.xml").read_bytes())[0].holds

    def test_a_file_that_came_between_is_not_written_over(
        self, hub: Run, files: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hub.cli.einvoice_seal.require_free", lambda *_paths, **_options: None)
        (files / "out.xml").write_text("mine")

        assert hub(*SIGN).status == 1
        assert (files / "out.xml").read_text() == "mine"

    def test_nothing_is_left_of_what_could_not_be_written(
        self, hub: Run, files: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        before = set(files.iterdir())
        monkeypatch.setattr("os.fsync", full)
        shown = hub(*SIGN)

        assert (shown.status, shown.err) == (1, "The file out.xml cannot be written.\n")
        assert set(files.iterdir()) == before

    def test_a_signed_document_is_signed_again_when_asked(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        again = ("sign", "out.xml", *SIGN[2:6], "--out", "again.xml")

        assert "--again" in hub(*again).err
        assert hub(*again, "--again").status == 0

    def test_a_password_comes_from_a_file_or_a_variable(
        self, hub: Run, files: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = ("sign", "in.xml", "--key", "closed.pem", "--cert", "cert.pem", "--out", "out.xml", "--force")
        monkeypatch.setenv("SEAL_PASSWORD", "gizli")

        assert "password" in hub(*closed).err
        assert hub(*closed, "--pin-file", "password").status == 0
        assert hub(*closed, "--pin-env", "SEAL_PASSWORD").status == 0

    def test_a_signer_that_is_not_clear_is_asked_for(self, hub: Run, files: Path) -> None:
        without = ("sign", "in.xml", "--out", "out.xml")

        assert hub(*without).status == 1
        assert hub(*without, "--key", "key.pem").status == 1
        assert hub(*SIGN, "--token", "t").status == 1

    def test_another_taxpayers_certificate_is_noted(self, hub: Run, files: Path) -> None:
        (files / "in.xml").write_bytes(draft().replace(b"1234567808", b"9205121120"))

        assert "another taxpayer" in hub(*SIGN).err

    def test_an_output_in_no_directory_is_refused_before_the_work(self, hub: Run, files: Path) -> None:
        assert hub(*SIGN[:-1], "none/out.xml").status == 1


class TestVerify:
    def test_a_changed_document_ends_with_1_and_says_what_was_changed(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        file = files / "out.xml"
        file.write_bytes(file.read_bytes().replace(b">120.00<", b">121.00<"))
        shown = hub("verify", "out.xml", language="tr")

        assert shown.status == 1
        assert "İMZA GEÇERSİZ" in shown.out
        assert "Belge imzalandıktan sonra değiştirilmiş." in shown.out

    def test_json_says_the_same(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        data: dict[str, Any] = json.loads(hub("verify", "out.xml", "--json").out)

        assert data["holds"] is True
        assert data["documents"][0]["certificate"]["identity"] == "1234567808"
        assert data["documents"][0]["findings"] == []


class TestCheck:
    def test_a_finding_is_explained_in_the_persons_language_with_its_path(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        file = files / "out.xml"
        file.write_bytes(file.read_bytes().replace(b'unitCode="C62"', b'unitCode="ADET"'))
        shown = hub("check", "out.xml", language="tr")

        assert shown.status == 1
        assert "/inv:Invoice/cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode" in shown.out
        assert "Birim kodu listede yok" in shown.out
        assert "GİB: Geçersiz unitCode niteliği : 'ADET'" in shown.out

    def test_json_holds_no_value_of_the_document(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        file = files / "out.xml"
        file.write_bytes(file.read_bytes().replace(b'unitCode="C62"', b'unitCode="ADET"'))
        shown = hub("check", "out.xml", "--json")

        assert shown.status == 1
        assert json.loads(shown.out)["files"][0]["findings"][0]["code"] == "gib:GeneralUnitCodeCheck-1"
        assert "ADET" not in shown.out

    def test_a_file_that_cannot_be_read_does_not_hide_the_others(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        (files / "broken.xml").write_text("<Invoice")
        data: dict[str, Any] = json.loads(hub("check", "none.xml", "broken.xml", "out.xml", "--json").out)

        assert [each["valid"] for each in data["files"]] == [False, False, True]
        assert [each["findings"][0]["code"] for each in data["files"][:2]] == ["document_unreadable", "xml_malformed"]

    def test_what_a_terminal_would_obey_is_not_shown(self, hub: Run, files: Path) -> None:
        hub(*SIGN)
        file = files / "out.xml"
        file.write_bytes(file.read_bytes().replace(b'unitCode="C62"', 'unitCode="\u009b2J"'.encode()))

        assert "\u009b" not in hub("check", "out.xml").out

    def test_a_kind_that_is_none_is_refused(self, hub: Run, files: Path) -> None:
        assert "archive-invoice" in hub("check", "in.xml", "--kind", "nope").err


def test_a_page_is_written_and_not_over_another_file(hub: Run, files: Path) -> None:
    assert hub("view", "in.xml", "--out", "page.html").status == 0
    assert "Deneme Satıcı" in (files / "page.html").read_text(encoding="utf-8")
    assert hub("view", "in.xml", "--out", "page.html").status == 1
    assert hub("view", "in.xml", "--out", "page.html", "--force", "--embedded").status == 1


def test_numbers_of_the_page_about_invoices_are_built_by_the_command(hub: Run, tmp_path: Path) -> None:
    text = json.dumps(json.loads(example("json")) | {"supplier": supplier()}, ensure_ascii=False)
    (tmp_path / "invoice.json").write_text(text, encoding="utf-8")
    number = f"ABC{issue_day().year}000000001"

    built = hub("build", "invoice.json", "--number", number, "--out", "invoice.xml")

    assert (built.status, "hub einvoice sign" in built.err) == (0, True)
    assert b">450.5</cbc:PriceAmount>" in (tmp_path / "invoice.xml").read_bytes()


def test_a_sheet_is_built_into_a_directory_with_numbers_from_the_first_on(hub: Run, tmp_path: Path) -> None:
    heading, *rows = example("csv").splitlines()
    own = supplier()
    columns = {"supplier.identity": own["identity"], "supplier.name": own["name"], "supplier.tax_office": "Çankaya",
               "supplier.address.district": "Çankaya", "supplier.address.city": "Ankara"}  # fmt: skip
    content = [",".join([heading, *columns]), *(",".join([row, *columns.values()]) for row in rows)]
    (tmp_path / "invoices.csv").write_text("\n".join(content).replace(",20,", ",19,", 1), encoding="utf-8")
    first = f"ABC{issue_day().year}000000009"
    command = ("build", "invoices.csv", "--number", first, "--out")

    assert "2" in hub(*command, "all.xml").err
    assert not (tmp_path / "all.xml").exists()
    (tmp_path / "made").mkdir()
    built = hub(*command, "made")

    assert built.status == 0
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == [f"{first}.xml", f"{first[:-2]}10.xml"]
    assert first.encode() in (tmp_path / "made" / names[0]).read_bytes()
    assert "einvoice_vat_rate" in built.err
    checked = hub("check", f"made/{names[0]}", "--json")
    assert "einvoice_vat_rate" in checked.out


def test_an_invoice_nested_beyond_all_measure_is_no_invoice(hub: Run, tmp_path: Path) -> None:
    (tmp_path / "invoice.json").write_text('{"a":' * 100_000, encoding="utf-8")

    refused = hub("build", "invoice.json", "--number", "ABC2026000000001", "--out", "invoice.xml")

    assert (refused.status, "invoice.json" in refused.err) == (1, True)


def test_documents_go_into_an_envelope_and_come_out_byte_for_byte(hub: Run, files: Path) -> None:
    assert hub("sign", "in.xml", "--key", "key.pem", "--cert", "cert.pem", "--out", "signed.xml").status == 0
    (files / "out").mkdir()
    command = ("envelope", "pack", "signed.xml", "--from", "urn:mail:defaultgb@a.tr", "--to", "urn:mail:defaultpk@b.tr")
    packed = hub(*command, "--out", "out")
    assert (packed.status, "SENDERENVELOPE, documents: 1, MD5: " in packed.out) == (0, True), packed.err
    (zipped,) = (files / "out").iterdir()

    (files / "back").mkdir()
    back = hub("envelope", "unpack", f"out/{zipped.name}", "--out", "back")
    assert (back.status, zipped.stem in back.out) == (0, True)
    (document,) = (files / "back").iterdir()
    assert document.name == "0001-INVOICE.xml"
    assert (files / "signed.xml").read_bytes().rstrip().endswith(document.read_bytes())
    assert hub("verify", f"back/{document.name}").status == 0

    assert "SENDERENVELOPE" in hub(*command, "--out", "out", "--type", "ZARF").err
    assert hub(*command, "--out", "nowhere").status == 1
    assert hub("envelope", "unpack", "signed.xml", "--out", "back").status == 1
