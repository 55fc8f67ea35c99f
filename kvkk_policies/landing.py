"""The landing table of a stream: which columns it has, and of which types, after the policy's actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.contract import ColumnType, Stream
from kvkk_policies.parameters import landed_type
from kvkk_policies.policy import StreamPolicy
from kvkk_policies.vocabulary import ActionName

if TYPE_CHECKING:
    import pyarrow as pa

POSTGRES_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "int": "bigint",
    "decimal": "numeric",
    "bool": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
    "json": "jsonb",
}
DECIMAL_PRECISION, DECIMAL_SCALE = 38, 9
"""dlt's default for a decimal column, so that it neither widens nor rounds ours."""


@dataclass(frozen=True)
class LandingColumn:
    """One column of `landing.<provider>_<stream>`, before tenant and system columns are added."""

    name: str
    type: ColumnType
    postgres_type: str
    description: str
    key: bool
    action: ActionName
    category: str

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type that `Gate.apply` gives this column."""
        return arrow_type(self.type)


def landing_columns(stream: Stream, policy: StreamPolicy) -> tuple[LandingColumn, ...]:
    """The columns that land, in the stream's order. A column without a policy, or dropped, is absent."""
    columns: list[LandingColumn] = []
    for column in stream.columns:
        column_policy = policy.columns.get(column.name)
        if column_policy is None:
            continue
        landed = landed_type(column_policy.action, column_policy.params, column.type)
        if landed is None:
            continue
        columns.append(
            LandingColumn(
                name=column.name,
                type=landed,
                postgres_type=POSTGRES_TYPES[landed],
                description=column.description,
                key=column.name in stream.key,
                action=column_policy.action,
                category=column_policy.category,
            )
        )
    return tuple(columns)


def arrow_type(kind: ColumnType) -> pa.DataType:
    """The Arrow type of a hub type. JSON travels as its text."""
    import pyarrow as pa

    if kind == "decimal":
        return pa.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE)
    plain = {
        "text": pa.string(),
        "json": pa.string(),
        "int": pa.int64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
    }
    return plain[kind]
