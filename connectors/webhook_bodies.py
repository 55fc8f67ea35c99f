"""What a call carries, for providers that send JSON, a form or a query as they like. Nothing of it is quoted."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from connectors.webhooks import Call, CallMalformed

if TYPE_CHECKING:
    from connectors.secret import Secret

_MOST_FIELDS = 200


def json_of(body: bytes) -> Any:
    """The document; numbers keep their spelling (an id is no float). `CallMalformed`."""
    # The error is dropped before anyone raises: a JSONDecodeError holds the whole document.
    try:
        readable, document = True, json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        readable, document = False, None
    if not readable:
        raise CallMalformed("not JSON")
    return document


def object_of(body: bytes) -> Mapping[str, Any]:
    """The same where it is one object. `CallMalformed`."""
    return _object(json_of(body))


def records_of(call: Call) -> Sequence[Mapping[str, Any]]:
    """The records of a call in whatever form: a JSON object or array, a form, or the query. `CallMalformed`."""
    if call.body.strip():
        if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return [_pairs(call.body)]
        document = json_of(call.body)
        records = cast("list[Any]", document) if isinstance(document, list) else [document]
        return [_object(each) for each in records]
    if call.query:
        return [call.query]
    raise CallMalformed("nothing")


def first_of(record: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that has a value, as text; empty when none has. Names in any case."""
    values = {name.lower(): value for name, value in record.items()}
    for name in names:
        value = values.get(name.lower())
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def packed(record: Mapping[str, Any]) -> bytes:
    """A record as the body of an event of its own."""
    return json.dumps(dict(record), ensure_ascii=False).encode("utf-8", "surrogatepass")


def composite(*parts: str) -> str:
    """An event's identity where the provider gives it none: the parts cannot run into each other."""
    return "\x1f".join(parts)


def signed(key: Secret | None, body: bytes, given: str) -> bool:
    """Whether a hex signature is HMAC-SHA256 of exactly these bytes. Never, under an empty key."""
    if key is None or not key:
        return False
    expected = hmac.new(key.reveal().encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def _object(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise CallMalformed("not an object")
    return cast("Mapping[str, Any]", document)


def _pairs(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        pass
    raise CallMalformed("not a form")
