"""Clients that know nothing of ours against the stand-in: zeep from the WSDL, and plain forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from zeep import Client, Settings
from zeep.exceptions import Fault

from connectors.arvento.soap.results import read_result
from connectors.sandbox.arvento.fleet import Vehicle, fleets
from connectors.sandbox.arvento.operations import OPERATIONS, TWIN
from connectors.sandbox.server import Sandbox
from tests.connectors.arvento.fleet import FLEET, SOAP_PATH

YESTERDAY = {"StartDate": "20261117000000", "EndDate": "20261117235959"}
MONTH_FIRST = {"StartDate": "11172026000000", "EndDate": "11172026235959"}


def signed(sandbox: Sandbox) -> dict[str, str]:
    keys = sandbox.credentials(FLEET, "arvento")
    return {"Username": keys["username"], "PIN1": keys["pin1"], "PIN2": keys["pin2"]}


def fleet(sandbox: Sandbox) -> tuple[Vehicle, ...]:
    return fleets(sandbox.world)(FLEET)


@pytest.fixture(autouse=True)
def _whole_contract(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.world.withheld.clear()


class TestZeep:
    @pytest.fixture(params=["ReportSoap", "ReportSoap12"])
    def service(self, sandbox: Sandbox, request: pytest.FixtureRequest) -> Any:
        """The service as the WSDL describes it, over SOAP 1.1 and 1.2."""
        client = Client(f"{sandbox.url}{SOAP_PATH}?WSDL", settings=Settings(strict=False))
        return client.bind("Report", request.param)

    def rows(self, result: Any) -> list[dict[str, Any]]:
        """Rows of a DataSet as zeep reads them by the inline schema."""
        return [next(iter(row.values())) for row in result["_value_1"]["_value_1"]]

    def test_a_dataset_is_read_by_its_own_schema(self, service: Any, sandbox: Sandbox) -> None:
        rows = self.rows(service.GetVehicleStatus(**signed(sandbox), Language="1"))
        assert {row["Device_x0020_No"] for row in rows} <= {each.node for each in fleet(sandbox)}
        assert all(isinstance(row["Latitude"], float) for row in rows)
        # The server writes GMT with the offset of its own zone.
        assert {row["GMT_x0020_Date_x002F_Time"].utcoffset().total_seconds() for row in rows} == {3 * 3600}

    def test_typed_packets_are_read(self, service: Any, sandbox: Sandbox) -> None:
        packets = [packet for _ in range(3) for packet in service.GetVehicleStatusV3(**signed(sandbox), Language="1")]
        assert {packet["strNode"] for packet in packets} == {each.node for each in fleet(sandbox)}
        assert all(
            (packet["dtLocalDateTime"] - packet["dtGMTDateTime"]).total_seconds() == 3 * 3600 for packet in packets
        )

    def test_single_look_ups_answer_a_text_or_nothing(self, service: Any, sandbox: Sandbox) -> None:
        first = fleet(sandbox)[0]
        assert service.GetNodeFromLicensePlate(**signed(sandbox), LicensePlate=first.plate) == first.node
        assert service.GetLicensePlateFromNode(**signed(sandbox), Node=first.node) == first.written_plate
        assert service.GetLicensePlateFromNode(**signed(sandbox), Node="K9999999999") is None

    @pytest.mark.parametrize(
        ("language", "column"),
        [("0", "Cihaz_x0020_No"), ("1", "Device_x0020_No"), ("1033", "Device_x0020_No"), ("tr", "Device_x0020_No")],
    )
    def test_only_language_zero_is_turkish(self, service: Any, sandbox: Sandbox, language: str, column: str) -> None:
        rows = self.rows(service.GetLicensePlateNodeMappings(**signed(sandbox), Language=language))
        assert all(column in row for row in rows)

    def test_reports_are_read(self, service: Any, sandbox: Sandbox) -> None:
        asked = {**signed(sandbox), "Language": "1"}
        (row, *_) = self.rows(service.VehicleOperatingReport(**asked, **YESTERDAY))
        assert re.fullmatch(r"\d+,\d", row["Distance_x0020_km"])
        assert self.rows(service.VehicleDistanceReport(**asked, **MONTH_FIRST))
        assert self.rows(service.GeneralReportWithDistance(**asked, **YESTERDAY, MinuteDif="180"))

    def test_refusals_stand_in_the_result_under_200(self, service: Any, sandbox: Sandbox) -> None:
        wrong = signed(sandbox) | {"PIN2": "wrong"}
        assert service.GetLicensePlateFromNode(**wrong, Node="K1") == "Access denied"
        (packet,) = service.GetVehicleStatusV3(**wrong, Language="1")
        assert packet["strNode"] == "Access denied"
        sandbox.world.withheld.add(("arvento", FLEET, "GetNodeFromLicensePlate"))
        refusal = service.GetNodeFromLicensePlate(**signed(sandbox), LicensePlate="34 ABC 123")
        assert refusal.startswith("You are not authorized")

    def test_a_fault_is_a_fault(self, service: Any, sandbox: Sandbox) -> None:
        from connectors.sandbox.faults import Fault as SandboxFault

        sandbox.world.faults.add(SandboxFault("server_error", company=FLEET))
        with pytest.raises(Fault):
            service.GetVehicleStatus(**signed(sandbox), Language="1")


class TestForms:
    """GET and POST bindings, as three public clients use them."""

    def ask(self, sandbox: Sandbox, method: str, operation: str, **parameters: str) -> httpx.Response:
        known = OPERATIONS.get(operation.removesuffix(TWIN))
        form = dict.fromkeys(known.parameters if known else (), "") | signed(sandbox) | parameters
        url = f"{sandbox.url}{SOAP_PATH}/{operation}"
        with httpx.Client(trust_env=False) as client:
            return client.get(url, params=form) if method == "GET" else client.post(url, data=form)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_both_give_the_bare_dataset(self, sandbox: Sandbox, method: str) -> None:
        answer = self.ask(sandbox, method, "GetLicensePlateNodeMappings", Language="1")
        assert answer.status_code == 200
        rows = read_result(answer.content, "GetLicensePlateNodeMappings").records
        assert [row["node"] for row in rows] == [each.node for each in fleet(sandbox)]

    def test_some_answers_begin_with_stray_bytes(self, sandbox: Sandbox) -> None:
        assert not self.ask(sandbox, "POST", "GetDriverNodeMappings").content.startswith(b"<")

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_missing_parameter_is_an_error_of_the_server(self, sandbox: Sandbox, method: str) -> None:
        url = f"{sandbox.url}{SOAP_PATH}/VehicleDistanceReport"
        answer = httpx.request(method, url, params=signed(sandbox) if method == "GET" else None, trust_env=False)
        assert answer.status_code == 500
        assert "Missing parameter" in answer.text

    def test_the_wrong_layout_of_a_date_is_an_error_in_the_result(self, sandbox: Sandbox) -> None:
        answer = self.ask(sandbox, "POST", "VehicleDistanceReport", **YESTERDAY)
        assert "<Error>" in answer.text

    def test_json_is_wrapped_in_the_callback(self, sandbox: Sandbox) -> None:
        answer = self.ask(sandbox, "GET", "GetVehicleStatusJSON", callBack="cb")
        assert answer.text.startswith('cb([{"Node":')
        assert answer.text.endswith("}]);")
        (item, *_) = read_result(
            self.ask(sandbox, "GET", "GetVehicleAlarmStatusJson").content, "GetVehicleAlarmStatusJson"
        ).records
        assert {"node", "gmt_time", "event_type", "latitude", "longitude", "altitude", "region"} <= item.keys()

    def test_the_typed_twin_of_a_report_has_the_same_rows(self, sandbox: Sandbox) -> None:
        asked = {"Language": "1", **MONTH_FIRST}
        plain = self.ask(sandbox, "GET", "VehicleDistanceReport", **asked)
        twin = self.ask(sandbox, "GET", f"VehicleDistanceReport{TWIN}", **asked)
        assert b"schema" not in twin.content
        rows = read_result(plain.content, "VehicleDistanceReport").records
        assert rows
        assert read_result(twin.content, f"VehicleDistanceReport{TWIN}").records == rows

    def test_a_refusal_is_written_in_the_language_asked_for(self, sandbox: Sandbox) -> None:
        sandbox.world.withheld.add(("arvento", FLEET, "GetDriverNodeMappings"))
        assert "yetkiniz yoktur" in self.ask(sandbox, "GET", "GetDriverNodeMappings", Language="0").text
        assert "You are not authorized" in self.ask(sandbox, "GET", "GetDriverNodeMappings", Language="1").text


def test_over_soap_the_json_stands_before_the_envelope(sandbox: Sandbox) -> None:
    parameters = "".join(f"<{name}>{value}</{name}>" for name, value in signed(sandbox).items())
    body = (
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        f'<GetVehicleStatusJSON xmlns="http://www.arvento.com/">{parameters}<callBack /></GetVehicleStatusJSON>'
        "</env:Body></env:Envelope>"
    )
    answer = httpx.post(f"{sandbox.url}{SOAP_PATH}", content=body, trust_env=False)
    assert answer.text.startswith('([{"Node"')
    assert answer.text.endswith("</soap:Envelope>")


@pytest.mark.parametrize("body", [b"", b"nothing", b"<a/>"])
def test_what_is_no_call_is_a_fault(sandbox: Sandbox, body: bytes) -> None:
    answer = httpx.post(f"{sandbox.url}{SOAP_PATH}", content=body, trust_env=False)
    assert answer.status_code == 500
    assert b"Fault" in answer.content
