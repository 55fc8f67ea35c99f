"""The service's contract, as far as clients need it. An invoice in it is left open: UBL has schemas of its own."""

from __future__ import annotations

from connectors.sandbox.uyumsoft.operations import OPERATIONS
from connectors.sandbox.uyumsoft.requests import NAMESPACE

_FLAG, _STRING = "tns:FlagResponse", "s:string"
_IDS = ("invoiceIds", "tns:ArrayOfString")
_ONE = ("invoiceId", _STRING)
_SIGNATURES: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "TestConnection": ((), _FLAG),
    "IsEInvoiceUser": ((("vknTckn", _STRING), ("alias", _STRING)), _FLAG),
    "GetUserAliasses": ((("vknTckn", _STRING),), "tns:UserAliassesResponse"),
    "GetSystemUsersCompressedList": ((("type", _STRING),), "tns:ByteArrayResponse"),
    "SendInvoice": ((("invoices", "tns:ArrayOfInvoiceInfo"),), "tns:InvoiceIdentitiesResponse"),
    "QueryOutboxInvoiceStatus": ((_IDS,), "tns:InvoiceStatusResponse"),
    "GetOutboxInvoiceStatusWithLogs": ((_IDS,), "tns:InvoiceStatusResponse"),
    "QueryInboxInvoiceStatus": ((_IDS,), "tns:InvoiceStatusResponse"),
    "GetOutboxInvoiceList": ((("query", "tns:ListQuery"),), "tns:ListResponse"),
    "GetInboxInvoiceList": ((("query", "tns:ListQuery"),), "tns:ListResponse"),
    "CancelEArchiveInvoice": ((("request", "tns:EArchiveCancelInvoiceContext"),), _FLAG),
    "RecoverEArchiveCancel": ((("documentId", _STRING),), _FLAG),
    "SendDocumentResponse": ((("responses", "tns:ArrayOfDocumentResponseInfo"),), _FLAG),
    **{
        f"Get{box}Invoice{what}": ((_ONE,), "tns:InvoiceViewResponse" if what == "View" else "tns:InvoiceDataResponse")
        for box in ("Inbox", "Outbox")
        for what in ("Data", "Pdf", "View")
    },
}


def _attribute(name: str, kind: str = "string") -> str:
    return f'<s:attribute name="{name}" type="s:{kind}" />'


def _element(name: str, kind: str, *, many: bool = False) -> str:
    most = "unbounded" if many else "1"
    return f'<s:element minOccurs="0" maxOccurs="{most}" name="{name}" type="{kind}" />'


def _type(name: str, content: str = "", attributes: str = "", *, base: str = "") -> str:
    inner = f"<s:sequence>{content}</s:sequence>{attributes}"
    if base:
        inner = f'<s:complexContent><s:extension base="tns:{base}">{inner}</s:extension></s:complexContent>'
    return f'<s:complexType name="{name}">{inner}</s:complexType>'


_ANY = '<s:any minOccurs="0" maxOccurs="unbounded" processContents="skip" />'
_PAGE = "".join(_attribute(name, "int") for name in ("PageIndex", "PageSize"))
_TYPES = "".join(
    (
        _type("Response", attributes=_attribute("IsSucceded", "boolean") + _attribute("Message")),
        _type("FlagResponse", attributes=_attribute("Value", "boolean"), base="Response"),
        _type("ByteArrayResponse", _element("Value", "s:base64Binary"), base="Response"),
        _type("ArrayOfString", _element("string", _STRING, many=True)),
        _type("UserAliassesResponse", _element("Value", "tns:SystemUserWithAlias"), base="Response"),
        _type(
            "SystemUserWithAlias",
            _element("Definition", "tns:SystemUserDefinition")
            + _element("ReceiverboxAliases", "tns:SystemUserAlias", many=True),
        ),
        _type(
            "SystemUserDefinition",
            attributes="".join(_attribute(name) for name in ("CreateDateUtc", "Identifier", "Title", "Type")),
        ),
        _type(
            "SystemUserAlias",
            attributes=_attribute("Alias")
            + _attribute("Type", "int")
            + _attribute("SystemCreateDate")
            + _attribute("SystemDeleteDate")
            + _attribute("Enabled", "boolean"),
        ),
        _type("ArrayOfInvoiceInfo", _element("InvoiceInfo", "tns:InvoiceInfo", many=True)),
        _type(
            "InvoiceInfo",
            _element("Invoice", "tns:AnyInvoice")
            + _element("TargetCustomer", "tns:CustomerInfo")
            + _element("EArchiveInvoiceInfo", "tns:EArchiveInvoiceInformation")
            + _element("Scenario", _STRING)
            + _element("CreateDateUtc", "s:dateTime"),
            _attribute("LocalDocumentId"),
        ),
        _type("AnyInvoice", _ANY),
        _type("CustomerInfo", attributes="".join(_attribute(name) for name in ("VknTckn", "Alias", "Title"))),
        _type("EArchiveInvoiceInformation", attributes=_attribute("DeliveryType")),
        _type("InvoiceIdentitiesResponse", _element("Value", "tns:InvoiceIdentity", many=True), base="Response"),
        _type("InvoiceIdentity", attributes="".join(_attribute(name) for name in ("Id", "Number", "InvoiceScenario"))),
        _type("InvoiceStatusResponse", _element("Value", "tns:InvoiceStatusInfo", many=True), base="Response"),
        _type(
            "InvoiceStatusInfo",
            attributes=_attribute("Status")
            + _attribute("StatusCode", "int")
            + _attribute("InvoiceId")
            + _attribute("Message")
            + _attribute("EnvelopeStatusCode", "int"),
        ),
        _type("ListQuery", _ANY, _PAGE + _attribute("OnlyNewestInvoices", "boolean")),
        _type("ListResponse", _element("Value", "tns:Paged"), base="Response"),
        _type("Paged", _element("Items", "tns:Item", many=True), _PAGE + _attribute("TotalPages", "int")),
        _type("Item", _ANY),
        _type(
            "EArchiveCancelInvoiceContext", attributes=_attribute("InvoiceId") + _attribute("CancelDate", "dateTime")
        ),
        _type("ArrayOfDocumentResponseInfo", _element("DocumentResponseInfo", "tns:DocumentResponseInfo", many=True)),
        _type(
            "DocumentResponseInfo",
            "".join(_element(name, _STRING) for name in ("InvoiceId", "ResponseStatus", "Reason")),
        ),
        _type("InvoiceDataResponse", _element("Value", "tns:InvoiceData"), base="Response"),
        _type("InvoiceData", _element("Data", "s:base64Binary"), _attribute("InvoiceId")),
        _type("InvoiceViewResponse", _element("Value", "tns:ViewResult"), base="Response"),
        _type("ViewResult", _element("Html", _STRING) + _element("IsUsingDefaultXslt", "s:boolean")),
    )
)


def wsdl(address: str) -> bytes:
    """The document, with the address at which the service answers."""
    parts = (
        '<?xml version="1.0" encoding="utf-8"?><wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"',
        f' xmlns:tns="{NAMESPACE}" xmlns:s="http://www.w3.org/2001/XMLSchema"',
        f' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" name="Integration" targetNamespace="{NAMESPACE}">',
        f'<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">',
        *(_operation_elements(name) for name in OPERATIONS),
        _TYPES,
        "</s:schema></wsdl:types>",
        *(_messages(name) for name in OPERATIONS),
        '<wsdl:portType name="IIntegration">',
        *(
            f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}In" />'
            f'<wsdl:output message="tns:{name}Out" /></wsdl:operation>'
            for name in OPERATIONS
        ),
        '</wsdl:portType><wsdl:binding name="BasicHttpBinding_IIntegration" type="tns:IIntegration">',
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http" />',
        *(
            f'<wsdl:operation name="{name}"><soap:operation soapAction="{NAMESPACE}IIntegration/{name}"'
            ' style="document" /><wsdl:input><soap:body use="literal" /></wsdl:input><wsdl:output>'
            '<soap:body use="literal" /></wsdl:output></wsdl:operation>'
            for name in OPERATIONS
        ),
        '</wsdl:binding><wsdl:service name="Integration"><wsdl:port name="BasicHttpBinding_IIntegration"',
        f' binding="tns:BasicHttpBinding_IIntegration"><soap:address location="{address}" /></wsdl:port>',
        "</wsdl:service></wsdl:definitions>",
    )
    return "".join(parts).encode()


def _operation_elements(name: str) -> str:
    parameters, result = _SIGNATURES[name]
    taken = "".join(_element(parameter, kind) for parameter, kind in parameters)
    return (
        f'<s:element name="{name}"><s:complexType><s:sequence>{taken}</s:sequence></s:complexType></s:element>'
        f'<s:element name="{name}Response"><s:complexType><s:sequence>{_element(f"{name}Result", result)}'
        "</s:sequence></s:complexType></s:element>"
    )


def _messages(name: str) -> str:
    return "".join(
        f'<wsdl:message name="{name}{direction}"><wsdl:part name="parameters" element="tns:{element}" /></wsdl:message>'
        for direction, element in (("In", name), ("Out", f"{name}Response"))
    )
