"""Parquet: rows are chosen before anything is read, and row groups are read in batches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.discovery.names import distinctly_shown, shown
from hub.discovery.sample import TableSample, sample_of, spread
from hub.discovery.sources import OnRows
from hub.errors import HubError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH_ROWS = 4_096


def samples(path: Path, limit: int, on_rows: OnRows) -> Iterator[TableSample]:
    """One table, named after the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        names = distinctly_shown(file.schema_arrow.names)
        total = file.metadata.num_rows
        found = sample_of(shown(path.stem), _records(file, names, total, limit, on_rows), columns=names, total=total)
    except (pa.ArrowException, OSError, ValueError):
        found = None
    if found is None:  # outside the handler: Arrow's words may quote what it read
        raise HubError("scan_file_unreadable", path=str(path))
    yield found


def _records(
    file: ParquetFile, names: list[str], total: int, limit: int, on_rows: OnRows
) -> Iterator[Mapping[str, Any]]:
    wanted = spread(total, limit)
    before = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        after = before + batch.num_rows
        chosen = [at - before for at in wanted[bisect_left(wanted, before) : bisect_left(wanted, after)]]
        before = after
        if chosen:
            on_rows("Parquet", after, total)
            taken: Any = batch.take(chosen)
            columns: list[list[Any]] = [column.to_pylist() for column in taken.columns]
            yield from (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
