"""The originals of texts in the vault, by the rows from which they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.kvkk.stores.landed import LandedStream


def forget_texts(
    database: Database,
    tenant_id: str,
    landed: LandedStream,
    keys: Sequence[tuple[Any, ...]],
    columns: Sequence[str],
) -> None:
    """Delete what the vault keeps of these columns of these rows. `keys` are the rows' in the order of the stream's."""
    given = {
        "tenant": tenant_id,
        "stream": f"{landed.provider}.{landed.stream.name}",
        "keys": _row_keys(keys),
        "columns": list(columns),
    }
    with database.tenant(tenant_id, "vault") as connection:
        for table in ("vault.texts", "vault.mentions"):
            connection.execute(
                f"DELETE FROM {table} WHERE tenant_id = %(tenant)s AND stream = %(stream)s"  # noqa: S608 - our own names
                " AND row_key = ANY(%(keys)s) AND column_name = ANY(%(columns)s)",
                given,
            )


def _row_keys(keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """As the gate writes them (kvkk_policies/gate.py)."""
    if not keys:
        return []
    parts: list[list[Any]] = []
    for column in zip(*keys, strict=True):
        array = pa.array(list(column))
        if pa.types.is_timestamp(array.type):
            array = array.cast(pa.timestamp("us", tz="UTC"))
        parts.append(pc.cast(array, pa.string()).to_pylist())
    return ["|".join(values) for values in zip(*parts, strict=True)]
