"""Provider values to typed Arrow columns.

Providers give one field now as a number, now as text. Types are decided per column from the set of Python types in it,
and converted by Arrow in one call; only mixed columns fall back to Python. A value that does not fit the declared type
fails the window (`wrong_type`): a guess would load a wrong amount, a skip would lose a payment.

Arrow quotes the offending value in its error, so no error of it survives: the failure names the column alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from connectors.contract import ColumnType
from connectors.failure import ProviderFailure
from kvkk_policies.arrow import Array, pa, pc
from kvkk_policies.landing import arrow_type

Values = Sequence[Any]

# True and False stand for 1 and 0 too: they are equal and have the same hash.
_BOOLEANS: dict[object, bool | None] = {
    **dict.fromkeys((True, "1", "true", "True"), True),
    **dict.fromkeys((False, "0", "false", "False"), False),
    **dict.fromkeys((None, "")),
}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 38
"""On either side of the point; the landing tables hold no more."""


class _WrongType(Exception):
    """A value does not fit; carries nothing."""


def convert(values: Values, column_type: ColumnType, *, name: str) -> Array:
    """One column of raw values as Arrow. None and empty text become null.

    Raises `ProviderFailure` (transient, `wrong_type`) naming the column, never the value.
    """
    try:
        return _CONVERTERS[column_type](values)
    except (_WrongType, pa.ArrowException, TypeError, ValueError, OverflowError):
        # Raised below, outside the handler: Arrow's message holds the value, and a context would carry it along.
        pass
    raise ProviderFailure("transient", "wrong_type", field=name)


def _types(values: Values) -> set[type]:
    return set(map(type, values)) - {type(None)}


def _null_where_empty(array: Array) -> Array:
    empty = pc.equal(array, "")
    return pc.if_else(empty, pa.scalar(None, array.type), array) if pc.any(empty).as_py() else array


def _strings(values: Values) -> Array:
    try:
        array = pa.array(values, pa.string())
    except UnicodeEncodeError:
        array = pa.array([_repaired(value) for value in values], pa.string())
    if _holds_nul(array):
        # Postgres stores no NUL in a text.
        array = pc.replace_substring(array, "\0", "")
    return _null_where_empty(array)


def _holds_nul(array: Array) -> bool:
    """Looks at the column's bytes at once: asking Arrow text by text costs twenty times as much."""
    data: Any = array.buffers()[2]
    return data is not None and not np.frombuffer(data, dtype=np.uint8).all()


def _repaired(value: str | None) -> str | None:
    """Half of an emoji's surrogate pair, as a provider that cuts texts by length leaves it, becomes U+FFFD."""
    return None if value is None else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_short(value: Decimal) -> bool:
    # 1e999999999 is a few bytes on the wire and a gigabyte written out.
    return value.is_finite() and -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal) and _is_short(value):
        return format(value, "f")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _WrongType


def _text(values: Values) -> Array:
    return _strings(values) if _types(values) <= {str} else _strings([_as_text(value) for value in values])


def _trimmed(values: Values) -> Array:
    return _null_where_empty(pc.utf8_trim_whitespace(_text(values)))


def _int(values: Values) -> Array:
    if _types(values) <= {int}:
        return pa.array(values, pa.int64())
    whole = [_exact(value) if isinstance(value, Decimal) else value for value in values]
    return pc.cast(_trimmed(whole), pa.int64())


def _decimal(values: Values) -> Array:
    if _types(values) <= {int, Decimal}:
        return pa.array(values, arrow_type("decimal"))
    return pc.cast(_trimmed(values), arrow_type("decimal"))


def _bool(values: Values) -> Array:
    if not _types(values) <= {bool, int, str}:
        raise _WrongType
    try:
        return pa.array([_BOOLEANS[value] for value in values], pa.bool_())
    except KeyError:
        raise _WrongType from None


def _timestamp(values: Values) -> Array:
    types = _types(values)
    if types <= {datetime}:
        # Differences convert five times as fast as datetimes with a zone, and a datetime without one raises here.
        elapsed = pa.array([None if value is None else value - _EPOCH for value in values], pa.duration("us"))
        return pc.cast(pc.cast(elapsed, pa.int64()), arrow_type("timestamp"))
    if types <= {str}:
        # Arrow refuses a text without a zone offset: only the connector knows in which zone a local time is meant.
        return pc.cast(_trimmed(values), arrow_type("timestamp"))
    raise _WrongType


def _date(values: Values) -> Array:
    types = _types(values)
    if types <= {date}:
        return pa.array(values, pa.date32())
    if types <= {str}:
        return pc.cast(_trimmed(values), pa.date32())
    raise _WrongType


def _exact(value: object) -> object:
    # A binary float would change an amount's digits; whole numbers stay numbers, others keep their digits as text.
    if isinstance(value, Decimal):
        if not _is_short(value):
            raise _WrongType
        return int(value) if value == value.to_integral_value() else format(value, "f")
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise _WrongType


def _json_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        json.loads(value)
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_exact)


def _json(values: Values) -> Array:
    array = _strings([_json_text(value) for value in values])
    # jsonb refuses an escaped NUL as Postgres text refuses a plain one.
    return pc.replace_substring(array, "\\u0000", "")


_CONVERTERS: dict[ColumnType, Callable[[Values], Array]] = {
    "text": _text,
    "int": _int,
    "decimal": _decimal,
    "bool": _bool,
    "timestamp": _timestamp,
    "date": _date,
    "json": _json,
}
