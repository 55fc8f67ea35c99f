"""The shapes of a result (DataSet, typed rows, last packets, one text, JSONP before an envelope) as plain records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.arvento.columns import decode_name, named
from connectors.arvento.soap.xml import Element, local, namespace, parse
from connectors.arvento.values import Record
from connectors.failure import ProviderFailure

NAMESPACE = "http://www.arvento.com/"
_DIFFGRAM = "urn:schemas-microsoft-com:xml-diffgram-v1"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NO_COLUMNS = ("Error", "NewDataSet")
"""What a result holds beside rows: a failure, or the empty DataSet."""
_JSONP = re.compile(rb"\s*[A-Za-z_$][\w$.]{0,80}\s*\(\s*\[|\s*\(\s*\[")


@dataclass(frozen=True)
class Result:
    """The rows of an answer, and what it says in words instead of them or beside them."""

    records: list[Record]
    said: tuple[str, ...] = ()
    fault: str | None = None
    """`client` or `server` where the answer is a SOAP fault: whose it is."""


def read_result(content: bytes, operation: str) -> Result:
    """What a body holds, whichever binding it came by. Raises `ProviderFailure` answer_malformed."""
    if _JSONP.match(content):
        return _jsonp(content)
    root = parse(content)
    if namespace(root) == NAMESPACE:
        return _result(root)
    if local(root) != "Envelope":
        raise ProviderFailure("transient", "answer_malformed")
    body = next((child for child in root if local(child) == "Body"), None)
    answer = next(iter(body), None) if body is not None else None
    if answer is None:
        raise ProviderFailure("transient", "answer_malformed")
    if local(answer) == "Fault":
        return _fault(answer)
    if local(answer) != f"{operation}Response":
        raise ProviderFailure("transient", "answer_malformed")
    result = next(iter(answer), None)
    return Result([]) if result is None else _result(result)


def _result(result: Element) -> Result:
    said = tuple(_said(result))
    diffgram = next((each for each in result.iter() if each.tag == f"{{{_DIFFGRAM}}}diffgram"), None)
    if diffgram is not None:
        return Result(list(_dataset_rows(diffgram)), said)
    if any(local(child) == "schema" for child in result):
        return Result([], said)
    return Result([_record(row) for row in _typed_rows(result)], said)


def _dataset_rows(diffgram: Element) -> Iterator[Record]:
    for data in diffgram:
        # Beside the rows a diffgram may hold their former values and errors, in its own namespace.
        if namespace(data) != _DIFFGRAM:
            yield from (_record(row) for row in data if local(row) != "Error")


def _typed_rows(element: Element) -> Iterator[Element]:
    """Elements whose children hold values and no elements: rows, however deep somebody wrapped them."""
    if len(element) and not any(len(child) for child in element):
        if local(element) != "Error" and not all(local(child) in _NO_COLUMNS for child in element):
            yield element
        return
    for child in element:
        yield from _typed_rows(child)


def _record(row: Element) -> Record:
    return named((decode_name(local(column)), _text(column)) for column in row)


def _text(column: Element) -> str | None:
    if column.attrib.get(_NIL) in ("true", "1") or column.text is None:
        return None
    return column.text.strip()


def _said(result: Element) -> Iterator[str]:
    if result.text and result.text.strip():
        yield result.text.strip()
    for each in result.iter():
        if local(each) == "Error":
            yield (each.text or "").strip() or "Error"


def _fault(fault: Element) -> Result:
    # SOAP 1.1 says faultcode and faultstring, 1.2 Code/Value (Sender for the client) and Reason/Text.
    texts = {local(each).lower(): (each.text or "").strip() for each in fault.iter()}
    code = texts.get("faultcode") or texts.get("value", "")
    whose = "client" if code.rpartition(":")[2] in ("Client", "Sender") else "server"
    return Result([], (texts.get("faultstring") or texts.get("text", ""),), whose)


def _jsonp(content: bytes) -> Result:
    """The array of a JSONP text. An envelope may be written behind it: such a body is neither JSON nor XML."""
    items = _items(content)
    if items is None:
        raise ProviderFailure("transient", "answer_malformed")
    said = tuple(item for item in items if isinstance(item, str))
    records = [named(item.items()) for item in items if isinstance(item, dict)]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if len(said) + len(records) != len(items):
        raise ProviderFailure("transient", "answer_malformed")
    return Result(records, said)


def _items(content: bytes) -> list[Any] | None:
    # Errors are dropped before anyone raises: they hold the whole document.
    try:
        text = content.decode()
        items, end = json.JSONDecoder(parse_float=Decimal).raw_decode(text, text.index("["))
    except (ValueError, RecursionError):
        return None
    closed = isinstance(items, list) and text[end:].lstrip().startswith(")")
    return items if closed else None  # pyright: ignore[reportUnknownVariableType]
