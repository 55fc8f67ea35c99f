"""A text column as its distinct values and one code a row, so that costly work happens once a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kvkk_policies.arrow import Array, pa, pc

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Distinct:
    """`values[codes[row]]` is the row's value; a code of -1 is null."""

    values: list[str]
    codes: Codes

    @property
    def present(self) -> int:
        """Rows that are not null."""
        return int(np.count_nonzero(self.codes >= 0))

    def column(self, replaced: Sequence[str | None]) -> Array:
        """A text column in which each distinct value is replaced by the one at its place."""
        indices = pa.array(self.codes, mask=self.codes < 0)
        return pc.take(pa.array(replaced, pa.string()), indices)


def distinct(array: Array) -> Distinct:
    """Encode a text column, or the text of an integer column."""
    texts = array if pa.types.is_string(array.type) else pc.cast(array, pa.string())
    encoded: Any = pc.dictionary_encode(texts)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Distinct(encoded.dictionary.to_pylist(), codes)
