"""The service's contract, as far as clients need it: both SOAP bindings, DataSets as schema and any, packets."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.arvento.operations import OPERATIONS, Operation
from connectors.sandbox.arvento.render import DECLARATION, NAMESPACE

_PACKET = (
    ("strNode", "string"),
    ("dtGMTDateTime", "dateTime"),
    ("dtLocalDateTime", "dateTime"),
    ("dLatitude", "double"),
    ("dLongitude", "double"),
    ("dSpeed", "double"),
    ("strAddress", "string"),
    ("strRegion", "string"),
    ("nCourse", "int"),
    ("dOdometer", "double"),
    ("nAltitude", "int"),
)


def wsdl(address: str) -> bytes:
    """The document, with the address at which the service answers."""
    operations = tuple(OPERATIONS.values())
    parts = (
        f'{DECLARATION}<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{NAMESPACE}"',
        ' xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"',
        f' xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" targetNamespace="{NAMESPACE}"><wsdl:types>',
        f'<s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">',
        '<s:import namespace="http://www.w3.org/2001/XMLSchema" />',
        *(element for operation in operations for element in _elements(operation)),
        _packet_types(),
        "</s:schema></wsdl:types>",
        *(message for operation in operations for message in _messages(operation.name)),
        '<wsdl:portType name="ReportSoap">',
        *(_port_operation(operation.name) for operation in operations),
        "</wsdl:portType>",
        *(_binding(version, operations) for version in ("soap", "soap12")),
        '<wsdl:service name="Report">',
        *(
            f'<wsdl:port name="{name}" binding="tns:{name}"><{version}:address location="{address}" /></wsdl:port>'
            for name, version in (("ReportSoap", "soap"), ("ReportSoap12", "soap12"))
        ),
        "</wsdl:service></wsdl:definitions>",
    )
    return "".join(parts).encode()


def _elements(operation: Operation) -> Iterator[str]:
    parameters = "".join(
        f'<s:element minOccurs="0" maxOccurs="1" name="{name}" type="s:string" />' for name in operation.parameters
    )
    yield _element(operation.name, f"<s:complexType><s:sequence>{parameters}</s:sequence></s:complexType>")
    result = f"{operation.name}Result"
    match operation.shape:
        case "dataset":
            inner = (
                f'<s:element minOccurs="0" maxOccurs="1" name="{result}"><s:complexType><s:sequence>'
                '<s:element ref="s:schema" /><s:any /></s:sequence></s:complexType></s:element>'
            )
        case "packets":
            inner = f'<s:element minOccurs="0" maxOccurs="1" name="{result}" type="tns:ArrayOfLastPacket" />'
        case "packet":
            inner = f'<s:element minOccurs="0" maxOccurs="1" name="{result}" type="tns:LastPacket" />'
        case "text" | "json":
            inner = f'<s:element minOccurs="0" maxOccurs="1" name="{result}" type="s:string" />'
    yield _element(f"{operation.name}Response", f"<s:complexType><s:sequence>{inner}</s:sequence></s:complexType>")


def _element(name: str, content: str) -> str:
    return f'<s:element name="{name}">{content}</s:element>'


def _packet_types() -> str:
    fields = "".join(
        f'<s:element minOccurs="0" maxOccurs="1" name="{name}" type="s:{kind}" />' for name, kind in _PACKET
    )
    return (
        '<s:complexType name="ArrayOfLastPacket"><s:sequence><s:element minOccurs="0" maxOccurs="unbounded"'
        ' name="LastPacket" nillable="true" type="tns:LastPacket" /></s:sequence></s:complexType>'
        f'<s:complexType name="LastPacket"><s:sequence>{fields}</s:sequence></s:complexType>'
    )


def _messages(name: str) -> Iterator[str]:
    for direction, element in (("In", name), ("Out", f"{name}Response")):
        part = f'<wsdl:part name="parameters" element="tns:{element}" />'
        yield f'<wsdl:message name="{name}Soap{direction}">{part}</wsdl:message>'


def _port_operation(name: str) -> str:
    return (
        f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}SoapIn" />'
        f'<wsdl:output message="tns:{name}SoapOut" /></wsdl:operation>'
    )


def _binding(version: str, operations: tuple[Operation, ...]) -> str:
    name = "ReportSoap12" if version == "soap12" else "ReportSoap"
    bound = "".join(
        f'<wsdl:operation name="{operation.name}">'
        f'<{version}:operation soapAction="{NAMESPACE}{operation.name}" style="document" />'
        f'<wsdl:input><{version}:body use="literal" /></wsdl:input>'
        f'<wsdl:output><{version}:body use="literal" /></wsdl:output></wsdl:operation>'
        for operation in operations
    )
    return (
        f'<wsdl:binding name="{name}" type="tns:ReportSoap">'
        f'<{version}:binding transport="http://schemas.xmlsoap.org/soap/http" />{bound}</wsdl:binding>'
    )
