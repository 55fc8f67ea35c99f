"""Every shape in which a result comes, and every way in which it says no."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.arvento.soap.client import read_answer
from connectors.arvento.soap.results import read_result
from connectors.arvento.values import Record
from connectors.failure import ProviderFailure
from connectors.http import Answer
from tests.connectors.arvento.payloads import (
    DECLARATION,
    ENGLISH_ROW,
    JSONP,
    PACKET,
    TURKISH_ROW,
    WORKING_DAY,
    dataset,
    envelope,
    fault,
)

STATUS = "GetVehicleStatus"
FIX = {
    "node": "K1200000001",
    "gmt_time": "2026-06-01T03:42:23+03:00",
    "latitude": "41.060123",
    "longitude": "28.987456",
    "speed": "63",
    "address": "Büyükdere Cd., Şişli, İstanbul, Türkiye",
    "region": None,
}


def records(content: bytes, operation: str = STATUS) -> list[Record]:
    return read_answer(Answer(200, content, None), operation=operation)


def failure(content: bytes, operation: str = STATUS, status: int = 200) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        read_answer(Answer(status, content, None), operation=operation)
    return caught.value


class TestDataSets:
    @pytest.mark.parametrize("row", [ENGLISH_ROW, TURKISH_ROW])
    def test_columns_of_either_language_are_read_alike(self, row: str) -> None:
        assert records(envelope(STATUS, dataset(row))) == [FIX]

    @pytest.mark.parametrize("prefix", ["soap", "SOAP-ENV", "env", "s"])
    def test_the_envelopes_prefix_does_not_matter(self, prefix: str) -> None:
        assert records(envelope(STATUS, dataset(ENGLISH_ROW), prefix=prefix)) == [FIX]

    def test_the_form_bindings_have_no_envelope(self) -> None:
        body = f'{DECLARATION}<DataSet xmlns="http://www.arvento.com/">{dataset(ENGLISH_ROW)}</DataSet>'.encode()
        assert records(body) == [FIX]
        assert records(b"\r\n\xef\xbb\xbf" + body) == [FIX]
        assert records(body.removeprefix(DECLARATION.encode())) == [FIX]

    @pytest.mark.parametrize("result", [dataset(), "<NewDataSet />", ""])
    def test_empty_is_no_error(self, result: str) -> None:
        assert records(envelope(STATUS, result)) == []

    def test_a_schema_without_rows_is_empty(self) -> None:
        assert records(envelope(STATUS, dataset().partition("<diffgr:diffgram")[0])) == []

    def test_former_values_of_rows_are_not_rows(self) -> None:
        before = f"<diffgr:before><dtVehicleStatus>{ENGLISH_ROW}</dtVehicleStatus></diffgr:before>"
        assert len(records(envelope(STATUS, dataset(ENGLISH_ROW, extra=before)))) == 1

    def test_nil_and_empty_columns_have_no_value(self) -> None:
        row = (
            "<Device_x0020_No>K1</Device_x0020_No><Address></Address>"
            '<Speed xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">9</Speed>'
        )
        assert records(envelope(STATUS, dataset(row))) == [{"node": "K1", "address": None, "speed": None}]

    def test_durations_come_in_three_columns(self) -> None:
        (row,) = records(envelope("VehicleOperatingReport", dataset(WORKING_DAY)), "VehicleOperatingReport")
        assert row == {
            "license_plate": "34 ABC 123",
            "distance": "125,4",
            "maximum_speed": "112",
            "ignition_on_hr": "5",
            "ignition_on_min": "12",
            "ignition_on_sec": "40",
            "first_ignition_on": "01.06.2026 07:58:11",
        }


class TestTypedRows:
    def test_last_packets_are_rows(self) -> None:
        rows = records(envelope("GetVehicleStatusV3", PACKET * 2), "GetVehicleStatusV3")
        assert (
            rows
            == [
                {
                    "node": "K1200000001",
                    "gmt_time": "2026-06-01T03:42:23",
                    "local_time": "2026-06-01T06:42:23",
                    "latitude": "41.060123",
                    "longitude": "28.987456",
                    "speed": "63",
                    "address": "Büyükdere Cd., Şişli, İstanbul, Türkiye",
                    "region": None,
                    "course": "245",
                    "odometer": "24507.3",
                    "altitude": "85",
                }
            ]
            * 2
        )

    def test_one_packet_is_the_result_itself(self) -> None:
        inner = PACKET.removeprefix("<LastPacket>").removesuffix("</LastPacket>")
        assert len(records(envelope("GetVehicleStatusByNodeV3", inner), "GetVehicleStatusByNodeV3")) == 1

    def test_rows_of_a_return_object_are_found_however_deep(self) -> None:
        rows = f"<Rows><Row>{ENGLISH_ROW}</Row><Row>{ENGLISH_ROW}</Row></Rows>"
        operation = "GetVehicleStatusReturnObject"
        assert records(envelope(operation, rows), operation) == [FIX, FIX]


JSON_STATUS = "GetVehicleStatusJSON"
ITEM = {
    "node": "K1200000001",
    "latitude": Decimal("41.060123"),
    "longitude": Decimal("28.987456"),
    "speed": 63,
    "course": 245,
    "address": "Büyükdere Cd., Şişli, İstanbul",
    "local_time": "20260601064223000",
}


class TestJsonp:
    @pytest.mark.parametrize("callback", ["", "cb", "window.cb1"])
    def test_the_array_is_read_and_the_envelope_behind_it_is_not(self, callback: str) -> None:
        text = (callback + JSONP).encode()
        assert records(text, JSON_STATUS) == [ITEM]
        assert records(text + envelope(JSON_STATUS, ""), JSON_STATUS) == [ITEM]

    def test_an_empty_array_is_empty(self) -> None:
        assert records(b"([]);" + envelope(JSON_STATUS, ""), JSON_STATUS) == []

    @pytest.mark.parametrize("text", ['([{"Node":"K1"', '([{"Node":"K1"}]', '([{"Node":"K1"}]<', "([1]);", "([[]]);"])
    def test_a_broken_array_is_malformed(self, text: str) -> None:
        caught = failure(text.encode(), JSON_STATUS)
        assert (caught.kind, caught.code) == ("transient", "answer_malformed")
        assert caught.__context__ is None

    def test_a_refusal_may_come_without_the_array(self) -> None:
        assert failure(envelope(JSON_STATUS, "Access denied"), JSON_STATUS).code == "credentials_rejected"
        assert failure(b'(["Access denied"]);', JSON_STATUS).code == "credentials_rejected"


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "code", "provider_code"),
        [
            ("Access denied", "credentials_rejected", "ACCESS_DENIED"),
            ("ACCESS DENIED!", "credentials_rejected", "ACCESS_DENIED"),
            ("Access denied for IP 203.0.113.9", "address_refused", "ADDRESS_DENIED"),
            ("Access denied. Adres izinli değil", "address_refused", "ADDRESS_DENIED"),
            ("You are not authorized to use this report", "not_licensed", "NOT_AUTHORIZED"),
            ("Bu servisi kullanma yetkiniz yoktur.", "not_licensed", "NOT_AUTHORIZED"),
            ("BU SERVİSİ KULLANMA YETKİNİZ YOKTUR", "not_licensed", "NOT_AUTHORIZED"),
        ],
    )
    @pytest.mark.parametrize(
        "shape",
        [
            "{}",
            "<Error>{}</Error>",
            "<LastPacket><strNode>{}</strNode><dLatitude>0</dLatitude></LastPacket>",
            "<LastPacket><strNode /><strAddress>{}</strAddress></LastPacket>",
        ],
    )
    def test_a_refusal_under_200_is_permanent_wherever_it_stands(
        self, text: str, code: str, provider_code: str, shape: str
    ) -> None:
        caught = failure(envelope(STATUS, shape.format(text)))
        assert (caught.kind, caught.code, caught.provider_code) == ("permanent", code, provider_code)

    def test_a_refusal_in_a_dataset_or_alone_is_one_too(self) -> None:
        assert failure(envelope(STATUS, dataset("<Error>Access denied</Error>"))).code == "credentials_rejected"
        assert failure(b"Access denied").code == "credentials_rejected"
        assert failure(fault("Server", "Access denied"), status=500).code == "credentials_rejected"

    def test_a_place_that_is_called_like_a_refusal_is_none(self) -> None:
        row = ENGLISH_ROW.replace("Büyükdere Cd., Şişli", "Cafe Access denied")
        assert len(records(envelope(STATUS, dataset(row)))) == 1

    def test_any_other_error_is_the_providers_own(self) -> None:
        caught = failure(envelope(STATUS, "<Error>Ayşe Yılmaz 10000000146</Error>"))
        assert (caught.kind, caught.code) == ("transient", "provider_error")
        assert "Ayşe" not in str(caught)

    @pytest.mark.parametrize(
        ("code", "kind", "meaning"),
        [("Client", "permanent", "request_refused"), ("Server", "transient", "provider_error")],
    )
    def test_a_fault_says_whose_it_is(self, code: str, kind: str, meaning: str) -> None:
        caught = failure(fault(code, "Ayşe Yılmaz"), status=500)
        assert (caught.kind, caught.code, caught.status) == (kind, meaning, 500)
        assert "Ayşe" not in str(caught)

    def test_an_error_page_leaves_the_word_to_the_status(self) -> None:
        assert failure(b"<html>", status=500).code == "provider_error"
        assert failure(b"Missing parameter: Node.", status=500).code == "provider_error"


class TestUnsafeXml:
    def test_an_entity_is_never_resolved(self) -> None:
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x">]>'
            b'<DataSet xmlns="http://www.arvento.com/"><row><a>&a;</a></row></DataSet>'
        )
        with pytest.raises(ProviderFailure) as caught:
            read_result(bomb, STATUS)
        assert caught.value.code == "answer_malformed"

    def test_a_file_is_never_read(self) -> None:
        thief = (
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
            b'<DataSet xmlns="http://www.arvento.com/"><row><Node>&a;</Node></row></DataSet>'
        )
        with pytest.raises(ProviderFailure) as caught:
            read_result(thief, STATUS)
        assert caught.value.code == "answer_malformed"

    def test_a_tree_that_is_too_deep_is_malformed(self) -> None:
        with pytest.raises(ProviderFailure) as caught:
            read_result(
                b'<DataSet xmlns="http://www.arvento.com/">' + b"<a>" * 5000 + b"</a>" * 5000 + b"</DataSet>", STATUS
            )
        assert caught.value.code == "answer_malformed"

    @pytest.mark.parametrize("content", [b"", b"<html>Bak\xc4\xb1m", b"<DataSet><row>", b"\xff\xfe"])
    def test_what_is_no_document_is_malformed_and_not_quoted(self, content: bytes) -> None:
        with pytest.raises(ProviderFailure) as caught:
            read_result(content, STATUS)
        assert caught.value.code == "answer_malformed"
        assert caught.value.__context__ is None

    def test_an_answer_to_something_else_is_malformed(self) -> None:
        assert failure(envelope("SpeedAlarm", dataset())).code == "answer_malformed"
