"""pyarrow as this package sees it.

pyarrow's published types know some of its compute functions wrongly or not at all, and leave arrays generic; strict
checking would drown in that. Everything here goes through these names, so that the looseness stands in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow
import pyarrow.compute

if TYPE_CHECKING:
    Array: TypeAlias = pyarrow.Array[Any]
    ChunkedArray: TypeAlias = pyarrow.ChunkedArray[Any]
    Table: TypeAlias = pyarrow.Table
else:
    Array = pyarrow.Array
    ChunkedArray = pyarrow.ChunkedArray
    Table = pyarrow.Table

pa: Any = pyarrow
pc: Any = pyarrow.compute

__all__ = ["Array", "ChunkedArray", "Table", "pa", "pc"]
