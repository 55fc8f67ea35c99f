"""Keeps out at load what retention would take away again: a backfill brings rows that are past their time already.

It leaves behind what the periodic destruction would have (hub/kvkk/retention/aged.py): rows that are over as a whole do
not come in, columns that are over come empty, coordinates come as coarse as their age asks for. It works in the gate,
before the vault's share is made, so that nothing that is over is stored even for a day. Where no row is past, it costs
one comparison of one column.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, reduce
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kvkk_policies.arrow import Array, pa, pc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kvkk_policies.withholding import Gathered

Mask = npt.NDArray[np.bool_]
"""One flag a row."""


@dataclass(frozen=True, order=True)
class Cutoff:
    """What is dated before this moment is over; `day` is the Istanbul day that begins with it."""

    moment: datetime
    day: date


@dataclass(frozen=True)
class Ages:
    """What age takes from one stream's rows, for one tenant, at one moment.

    `dated` is the landed column that says when a record happened, `version` the one that dates its last change; where
    neither says anything a record is as old as its fetch, which is now. Rows that hold one of the `held` pseudonyms in
    a column of `naming` are under a legal hold and stay as they are.
    """

    dated: str | None
    version: str | None
    deleted: Cutoff | None
    emptied: tuple[tuple[Cutoff, tuple[str, ...]], ...] = ()
    coarsened: tuple[tuple[Cutoff, str, int], ...] = ()
    naming: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()

    @property
    def times(self) -> frozenset[str]:
        """Columns that must be known before a row's age is; with a hold, also those that say whom it names."""
        return frozenset({self.dated, self.version, *(self.naming if self.held else ())} - {None})  # pyright: ignore[reportReturnType] - None is taken out

    @cached_property
    def newest(self) -> Cutoff | None:
        """What is dated from here on has nothing to fear."""
        cutoffs = [self.deleted, *(each[0] for each in self.emptied), *(each[0] for each in self.coarsened)]
        return max((each for each in cutoffs if each is not None), default=None)


def expired(ages: Ages, arrays: Mapping[str, Array], count: int) -> Mask | None:
    """Which rows are over as a whole; None where none is. `arrays` holds the columns of `ages.times`."""
    if ages.deleted is None:
        return None
    gone = _past(ages, ages.deleted, arrays, count)
    return gone if gone.any() else None


def age(ages: Ages, batch: Gathered) -> int:
    """Empty and coarsen what is over in the rows of a batch, in place; how many rows lost something."""
    if ages.newest is None or not _past(ages, ages.newest, batch.arrays, batch.count).any():
        return 0
    changed: list[Mask] = []
    for cutoff, names in ages.emptied:
        gone = _past(ages, cutoff, batch.arrays, batch.count)
        if gone.any():
            changed.extend(_empty(name, batch, gone) for name in names)
    for cutoff, name, decimals in ages.coarsened:
        gone = _past(ages, cutoff, batch.arrays, batch.count)
        if name in batch.arrays and gone.any():
            changed.append(_coarsen(name, batch, gone, decimals))
    return int(reduce(np.logical_or, changed).sum()) if changed else 0


def _past(ages: Ages, cutoff: Cutoff, arrays: Mapping[str, Array], count: int) -> Mask:
    dated, version = arrays.get(ages.dated or ""), arrays.get(ages.version or "")
    past: Array = pa.nulls(count, pa.bool_())
    if dated is not None:
        past = _before(dated, cutoff)
    if version is not None and version is not dated and past.null_count:
        stamps = pc.cast(version, pa.timestamp("us", tz="UTC"))
        past = pc.coalesce(past, pc.less(stamps, pa.scalar(cutoff.moment, stamps.type)))
    if past.null_count:
        past = pc.fill_null(past, False)
    found: Mask = past.to_numpy(zero_copy_only=False)
    return found & ~_held(ages, arrays, count) if ages.held and found.any() else found


def _before(dated: Array, cutoff: Cutoff) -> Array:
    if pa.types.is_date(dated.type):
        return pc.less(dated, pa.scalar(cutoff.day, dated.type))
    return pc.less(dated, pa.scalar(cutoff.moment, dated.type))


def _held(ages: Ages, arrays: Mapping[str, Array], count: int) -> Mask:
    held: Mask = np.zeros(count, dtype=np.bool_)
    pseudonyms = pa.array(sorted(ages.held), pa.string())
    for name in ages.naming:
        if name in arrays:
            held |= pc.is_in(arrays[name], pseudonyms).to_numpy(zero_copy_only=False)
    return held


def _empty(name: str, batch: Gathered, gone: Mask) -> Mask:
    array = batch.arrays.get(name)
    if array is None:
        return np.zeros(batch.count, dtype=np.bool_)
    lost: Mask = gone & pc.is_valid(array).to_numpy(zero_copy_only=False)
    batch.arrays[name] = pc.if_else(pa.array(gone), pa.scalar(None, array.type), array)
    if name in batch.keyed:
        # The vault's share is made of codes: a row without one brings neither originals nor identifiers.
        batch.keyed[name] = replace(batch.keyed[name], codes=np.where(gone, -1, batch.keyed[name].codes))
    if name in batch.scanned:
        policy, values, result = batch.scanned[name]
        kept = [row for row in result.rows_with_data if not gone[row]]
        batch.scanned[name] = policy, values, replace(result, landed=batch.arrays[name], rows_with_data=kept)
    return lost


def _coarsen(name: str, batch: Gathered, gone: Mask, decimals: int) -> Mask:
    array = batch.arrays[name]
    # As Postgres rounds a numeric: halves go away from zero.
    coarse = pc.cast(pc.round(array, ndigits=decimals, round_mode="half_towards_infinity"), array.type)
    batch.arrays[name] = pc.if_else(pa.array(gone), coarse, array)
    return gone & pc.fill_null(pc.not_equal(array, coarse), False).to_numpy(zero_copy_only=False)
