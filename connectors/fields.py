"""From a provider's record to a row under the hub's names and types, as declared once per stream.

Fields nobody declared travel on under their own names: the gate drops their values and reports the names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.contract import Column, ColumnType, Row
from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL

if TYPE_CHECKING:
    from datetime import tzinfo

Convert = Callable[[Any], Any]
_MOST_DIGITS = 38
_TRUTH = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Field:
    """A declared column and where its value comes from. `wire` None means that the connector fills it in."""

    column: Column
    wire: str | None
    convert: Convert


def field(
    wire: str | None,
    type_: ColumnType,
    description: str,
    *,
    name: str | None = None,
    required: bool = False,
    allowed: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    convert: Convert | None = None,
) -> Field:
    """Declare a field. Its name is the wire name in snake_case unless given; `required` ones may not be null."""
    if name is None:
        if wire is None:
            raise ValueError("a field that is not on the wire needs a name")
        name = snake_case(wire)
    column = Column(name, type_, description, not required, allowed, minimum, maximum)
    return Field(column, wire, convert or CONVERTERS[type_])


class RecordMap:
    """The declared fields of one stream, ready for use on many records."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.columns = tuple(each.column for each in fields)
        self._empty: Row = {column.name: None for column in self.columns}
        self._required = tuple(column.name for column in self.columns if not column.nullable)
        self._by_wire = {each.wire: (each.column.name, each.convert) for each in fields if each.wire is not None}

    def row(self, record: object, ours: Mapping[str, Any] | None = None) -> Row:
        """One row; `ours` are the columns that the connector fills in.

        Raises `ProviderFailure` wrong_type naming the column, answer_malformed when the record is no object.
        """
        if not isinstance(record, dict):
            raise ProviderFailure("transient", "answer_malformed")
        row = dict(self._empty)
        if ours is not None:
            row.update(ours)
        name = self._fill(row, record)  # pyright: ignore[reportUnknownArgumentType]
        if name is None:
            name = next((required for required in self._required if row[required] is None), None)
        if name is not None:
            # Raised outside of the except: a conversion error quotes the value.
            raise ProviderFailure("transient", "wrong_type", field=name)
        return row

    def knows(self, wires: Iterable[str]) -> bool:
        """Whether any of these is the wire name of a declared field."""
        return any(wire in self._by_wire for wire in wires)

    def value(self, record: Mapping[str, Any], wire: str) -> Any:
        """One declared field of a record; None when absent. Raises `ProviderFailure` wrong_type naming the column."""
        name, _ = self._by_wire[wire]
        row: Row = {}
        if self._fill(row, {wire: record.get(wire)}) is not None:
            raise ProviderFailure("transient", "wrong_type", field=name)
        return row.get(name)

    def _fill(self, row: Row, record: Mapping[str, Any]) -> str | None:
        """Fill the row; the name of the first column whose value has a wrong type."""
        name = ""
        try:
            for wire, value in record.items():
                known = self._by_wire.get(wire)
                if known is None:
                    row[self._undeclared_name(wire)] = value
                    continue
                name, convert = known
                if value is not None:
                    row[name] = convert(value)
        except (ValueError, TypeError, ArithmeticError):
            return name
        return None

    def _undeclared_name(self, wire: str) -> str:
        name = snake_case(wire).replace(".", "_")
        if not _NAME.fullmatch(name):
            return "unnamed_field"  # a record keyed by somebody's phone must not become a reported name
        return f"{name}_undeclared" if name in self._empty else name


def snake_case(wire: str) -> str:
    """`paymentTxId` to `payment_tx_id`, `threeDS` to `three_ds`."""
    return _WORD_STARTS.sub("_", wire).lower()


def to_text(value: Any) -> str:
    """Text; whole numbers become their digits, since ids come as either."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError


def to_int(value: Any) -> int:
    """A whole number, also written as text or with a zero fraction."""
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int):
        return value
    if isinstance(value, str | Decimal):
        number = to_decimal(value)
        if number == number.to_integral_value():
            return int(number)
    raise ValueError


def to_decimal(value: Any) -> Decimal:
    """An exact finite number, also written as text with a point. No column holds 38 digits on one side of it."""
    number = value
    if not isinstance(value, Decimal):
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise TypeError
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError from None
    # 1e999999999 is a few bytes on the wire and four hundred megabytes as a whole number.
    if not number.is_finite() or not -_MOST_DIGITS < number.adjusted() < _MOST_DIGITS:
        raise ValueError
    return number


def to_bool(value: Any) -> bool:
    """True or false, also written 1 or 0, as number or text."""
    if isinstance(value, bool):
        return value
    meaning = _TRUTH.get(value.lower() if isinstance(value, str) else value)
    if meaning is None:
        raise ValueError
    return meaning


def to_moment(value: Any, *, zone: tzinfo = ISTANBUL) -> datetime:
    """Aware UTC from ISO 8601 text (in `zone` where it names none) or from epoch milliseconds."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int):
        # Through whole seconds and milliseconds: a float would round.
        return datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
    raise TypeError


def to_date(value: Any) -> date:
    """A calendar day from ISO text; a time of day after it is cut off."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    raise TypeError


def to_json(value: Any) -> Any:
    """As it came."""
    return value


CONVERTERS: dict[ColumnType, Convert] = {
    "text": to_text,
    "int": to_int,
    "decimal": to_decimal,
    "bool": to_bool,
    "timestamp": to_moment,
    "date": to_date,
    "json": to_json,
}
