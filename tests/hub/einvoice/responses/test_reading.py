from __future__ import annotations

from datetime import date

import pytest

from hub.einvoice.envelope.read import read
from hub.einvoice.responses.model import ApplicationResponse, SystemResponse
from hub.einvoice.responses.read import read_response
from hub.errors import HubError
from tests.support.ubl_samples import draft, sample


def enclosed(name: str) -> bytes:
    (document,) = read(sample(f"gib-envelope-legacy/{name}")).documents
    return document.content


def alone(name: str) -> ApplicationResponse:
    found = read_response(sample(f"gib-ubltr-1.2.1/{name}"))
    assert isinstance(found, ApplicationResponse)
    return found


class TestSystem:
    def test_gibs_answer_names_the_envelope_and_its_code(self) -> None:
        found = read_response(enclosed("1_SISTEM_YANITI_MERKEZ.xml"))
        assert found == SystemResponse(
            uuid="74472467-65e3-4e52-ac9f-ef367e8967fc",
            envelope_id="e002da78-223f-438c-addb-16badeb047b5",
            envelope_type="SENDERENVELOPE",
            code=1200,
            issued=date(2013, 6, 19),
            sender="3900383669",
        )
        assert isinstance(found, SystemResponse)
        assert found.standing == "pending"

    @pytest.mark.parametrize(
        ("code", "standing"), [("1300", "done"), ("1163", "already_there"), ("1150", "repair"), ("1215", "same_number")]
    )
    def test_the_code_says_what_becomes_of_the_documents(self, code: str, standing: str) -> None:
        content = enclosed("1_SISTEM_YANITI_MERKEZ.xml").replace(b">1200<", f">{code}<".encode())
        found = read_response(content)
        assert isinstance(found, SystemResponse)
        assert (str(found.code), found.standing) == (code, standing)

    def test_the_words_beside_the_code_are_not_kept(self) -> None:
        found = read_response(enclosed("1_SISTEM_YANITI_MERKEZ.xml"))
        assert "ISLENDI" not in repr(vars(found))


class TestApplication:
    def test_an_acceptance_is_read(self) -> None:
        found = alone("KabulUygulamaYanitiOrnegi.xml")
        assert (found.verdict, found.profile, found.document) == ("accepted", "TICARIFATURA", "GIB2009000000011")
        assert (found.sender, found.receiver) == ("9205121120", "1288331521")
        assert found.note == "Fatura Kabul Edilmiştir."
        assert found.note not in repr(found)
        assert found.sender not in repr(found)

    def test_a_return_is_read(self) -> None:
        assert alone("IadeUygulamaYanitiOrnegi.xml").verdict == "returned"

    @pytest.mark.parametrize(
        ("name", "verdict"),
        [("2_UYGULAMA_YANITI_KABUL_ZARF.xml", "accepted"), ("3_UYGULAMA_YANITI_RED_ZARF.xml", "rejected")],
    )
    def test_answers_in_envelopes_are_read(self, name: str, verdict: str) -> None:
        found = read_response(enclosed(name))
        assert isinstance(found, ApplicationResponse)
        assert found.verdict == verdict

    def test_customs_tells_its_numbers(self) -> None:
        accepted = alone("IHRACAT_GTB_UygulamaYaniti_KABUL.xml")
        assert accepted.verdict == "accepted"
        assert accepted.customs.keys() == {"GTB_REFNO", "GTB_GCB_TESCILNO", "GTB_FIILI_IHRACAT_TARIHI"}
        rejected = alone("IHRACAT_GTB_UygulamaYaniti_RED.xml")
        assert (rejected.verdict, rejected.customs.keys()) == ("rejected", {"GTB_REFNO"})
        assert alone("YOLCUBERABER_UygulamaYaniti.xml").verdict in ("accepted", "customs")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b">KABUL<", b">BELKI<", "response_code_unknown"),
        (b"<cbc:UUID>c9ad1370-3581-11de-b418-0800200c9a66</cbc:UUID>", b"", "response_incomplete"),
        (b"<cbc:IssueDate>2009-01-06", b"<cbc:IssueDate>soon-01-06", "response_incomplete"),
        (b"SenderParty", b"OtherParty", "response_incomplete"),
    ],
)
def test_what_is_missing_is_said(old: bytes, new: bytes, code: str) -> None:
    content = sample("gib-ubltr-1.2.1/KabulUygulamaYanitiOrnegi.xml")
    assert old in content
    with pytest.raises(HubError) as caught:
        read_response(content.replace(old, new))
    assert caught.value.code == code


def test_an_invoice_is_no_response() -> None:
    with pytest.raises(HubError) as caught:
        read_response(draft())
    assert caught.value.code == "response_root_unknown"
