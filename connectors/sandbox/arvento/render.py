"""Results as the service writes them: DataSet with its inline schema, typed rows, packets, JSONP, one text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from connectors.sandbox.arvento.reports import Table

NAMESPACE = "http://www.arvento.com/"
_MSDATA = "urn:schemas-microsoft-com:xml-msdata"
_DIFFGRAM = "urn:schemas-microsoft-com:xml-diffgram-v1"
_SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_PLAIN = re.compile(r"[A-Za-z0-9_.\-çğıöşüÇĞİÖŞÜ]")
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def encoded_name(name: str) -> str:
    """A column's name as an element's: what XML does not allow becomes `_xHHHH_`; Turkish letters stay."""
    return "".join(letter if _PLAIN.fullmatch(letter) else f"_x{ord(letter):04X}_" for letter in name)


def dataset(table: Table, *, turkish: bool) -> str:
    """The inline schema and the diffgram of a table."""
    names = [encoded_name(column.turkish if turkish else column.english) for column in table.columns]
    row = encoded_name(table.row)
    fields = "".join(
        f'<xs:element name="{name}" type="xs:{column.kind}" minOccurs="0" />'
        for name, column in zip(names, table.columns, strict=True)
    )
    schema = (
        f'<xs:schema id="{table.dataset}" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:msdata="{_MSDATA}">'
        f'<xs:element name="{table.dataset}" msdata:IsDataSet="true"><xs:complexType>'
        f'<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="{row}"><xs:complexType><xs:sequence>{fields}'
        "</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema>"
    )
    rows = "".join(
        f'<{row} diffgr:id="{row}{number + 1}" msdata:rowOrder="{number}">'
        f"{_fields(zip(names, values, strict=True))}</{row}>"
        for number, values in enumerate(table.rows)
    )
    data = f'<{table.dataset} xmlns="">{rows}</{table.dataset}>' if rows else ""
    return f'{schema}<diffgr:diffgram xmlns:msdata="{_MSDATA}" xmlns:diffgr="{_DIFFGRAM}">{data}</diffgr:diffgram>'


def typed_rows(table: Table, *, turkish: bool) -> str:
    """The same rows without a schema."""
    names = [encoded_name(column.turkish if turkish else column.english) for column in table.columns]
    row = encoded_name(table.row)
    return "".join(f"<{row}>{_fields(zip(names, values, strict=True))}</{row}>" for values in table.rows)


def packet(fields: Mapping[str, Any]) -> str:
    """The fields of one packet."""
    return _fields(fields.items())


def jsonp(items: list[dict[str, Any]], callback: str) -> str:
    """`callback([…]);`."""
    return f"{callback}({json.dumps(items, ensure_ascii=False, separators=(',', ':'))});"


def envelope(version: str, body: str) -> bytes:
    """A SOAP answer."""
    return (
        f'{DECLARATION}<soap:Envelope xmlns:soap="{_SOAP[version]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def response(operation: str, result: str) -> str:
    """The wrapped result of an operation."""
    inner = f"<{operation}Result>{result}</{operation}Result>" if result else f"<{operation}Result />"
    return f'<{operation}Response xmlns="{NAMESPACE}">{inner}</{operation}Response>'


def fault(version: str, *, client: bool, text: str) -> bytes:
    """A SOAP fault."""
    if version == "1.2":
        code = "Sender" if client else "Receiver"
        body = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="tr">{escape(text)}</soap:Text></soap:Reason></soap:Fault>'
        )
    else:
        code = "Client" if client else "Server"
        body = (
            f"<soap:Fault><faultcode>soap:{code}</faultcode><faultstring>{escape(text)}</faultstring><detail />"
            "</soap:Fault>"
        )
    return envelope(version, body)


def _fields(columns: Iterable[tuple[str, Any]]) -> str:
    return "".join(_field(name, value) for name, value in columns if value is not None)


def _field(name: str, value: Any) -> str:
    if value == "":
        return f"<{name} />"
    # The server serialises every time in its own zone, whatever it means.
    text = value.strftime("%Y-%m-%dT%H:%M:%S") + "+03:00" if isinstance(value, datetime) else str(value)
    return f"<{name}>{escape(text)}</{name}>"
