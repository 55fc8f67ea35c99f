"""Keeps the erased from coming back: rows that an erasure would have emptied are emptied before they land.

It works inside the gate, where every identifier of a row is known whatever its column's action leaves of it, and before
the vault's share is made: an erased person's identifiers, originals and texts reach neither landing nor the vault. Rows
about them that are dated after the erasure are a new relation and pass untouched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from connectors.contract import Stream
from kvkk_policies.arrow import Array, pa, pc
from kvkk_policies.detect.masking import Masked
from kvkk_policies.distinct import Distinct
from kvkk_policies.emptying import Emptying, emptyings
from kvkk_policies.freetext import ScannedColumn
from kvkk_policies.keyed import Keyed
from kvkk_policies.policy import ColumnPolicy, StreamPolicy
from kvkk_policies.tightening import PSEUDONYM

Moments = npt.NDArray[np.int64]
"""Microseconds since 1970 a row; `_NEVER` where there is none, `_UNDATED` for a record of no day."""

_NEVER = np.iinfo(np.int64).min
_UNDATED = _NEVER + 1
_MARK = re.compile(f"<([A-Z_]+):({PSEUDONYM})>")

Scanned = dict[str, tuple[ColumnPolicy, Distinct, ScannedColumn]]


class Erased(Protocol):
    """Whom a tenant has erased."""

    def named(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        """When the person whom only this identifier names was erased; None for everybody else.

        In records that are of no day (`dated` false) also None for somebody with whom there is a new relation.
        """
        ...

    def anchored(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        """The same for whomever a row is about of which this is the strongest identifier."""
        ...

    def anchored_for_days(
        self, kind: str, pseudonym: str
    ) -> Sequence[tuple[datetime | None, datetime | None, datetime]]:
        """For an identifier that several people have: from when until before when it meant somebody who was erased.

        Each with the time of their erasure; None is no bound.
        """
        ...

    def key_mark(self, kind: str, pseudonym: str) -> str:
        """What stands in a key where the pseudonym would."""
        ...


@dataclass
class Gathered:
    """What the gate has made of one batch; `withhold` changes it in place."""

    arrays: dict[str, Array]
    keyed: dict[str, Keyed]
    scanned: Scanned
    count: int


@dataclass(frozen=True)
class _Asked:
    """The list as one stream asks it: microseconds, `_NEVER` for nobody."""

    erased: Erased
    dated: bool

    def named(self, kind: str, pseudonym: str) -> int:
        return _microseconds(self.erased.named(kind, pseudonym, dated=self.dated))

    def anchored(self, kind: str, pseudonym: str) -> int:
        return _microseconds(self.erased.anchored(kind, pseudonym, dated=self.dated))


def withhold(stream: Stream, policy: StreamPolicy, batch: Gathered, erased: Erased) -> None:
    """Empty what is an erased person's in rows that are dated before the erasure."""
    day = batch.arrays.get(policy.dated or stream.version or "")
    dates, asked = _dates(day, batch.count), _Asked(erased, dated=day is not None)
    for emptying in emptyings(policy, stream):
        since = _since(emptying, batch, asked, dates)
        gone = (since != _NEVER) & (dates < since)
        if gone.any():
            _empty(emptying, batch, gone, erased)
    for name in batch.scanned:
        _forget_mentions(name, batch, dates, asked)


def unmarked(text: str, goes: Callable[[str], bool]) -> str:
    """The text with the label alone (`<TR_PHONE>`) where the mark's pseudonym goes."""
    return _MARK.sub(lambda found: f"<{found[1]}>" if goes(found[2]) else found[0], text)


def _dates(array: Array | None, count: int) -> Moments:
    """When each record is of; the beginning of time where nothing says so: such records are never a new relation."""
    if array is None:
        return np.full(count, _UNDATED, dtype=np.int64)
    stamps = pc.cast(pc.cast(array, pa.timestamp("us", tz="UTC")), pa.int64())
    return pc.fill_null(stamps, _UNDATED).to_numpy(zero_copy_only=False).astype(np.int64)


def _microseconds(moment: datetime | None) -> int:
    return _NEVER if moment is None else int(moment.timestamp() * 1_000_000)


def _since(emptying: Emptying, batch: Gathered, asked: _Asked, dates: Moments) -> Moments:
    """When whom each row is about was erased."""
    since: Moments = np.full(batch.count, _NEVER, dtype=np.int64)
    anchored = np.zeros(batch.count, dtype=np.bool_)
    for column in emptying.identifying:
        keyed = batch.keyed.get(column.name)
        if keyed is None:
            continue  # a tenant's choice dropped it
        pairs = list(zip(keyed.kinds, keyed.pseudonyms, strict=True))
        # The last place serves code -1: a row without this identifier.
        named = np.array([*(asked.named(*pair) for pair in pairs), _NEVER], dtype=np.int64)
        anchor = np.array([*(asked.anchored(*pair) for pair in pairs), _NEVER], dtype=np.int64)
        first = (keyed.codes >= 0) & ~anchored
        since = np.maximum(since, named[keyed.codes])
        since = np.where(first, np.maximum(since, anchor[keyed.codes]), since)
        for code, pair in enumerate(pairs):
            for start, end, erased_at in asked.erased.anchored_for_days(*pair):
                theirs = first & (keyed.codes == code) & _within(dates, start, end)
                since = np.where(theirs, np.maximum(since, _microseconds(erased_at)), since)
        anchored |= first
    return since


def _within(dates: Moments, start: datetime | None, end: datetime | None) -> npt.NDArray[np.bool_]:
    """Which records are of that time; one that is of no day is of none."""
    known = dates > _UNDATED
    first = _UNDATED if start is None else _microseconds(start)
    return known & (dates >= first) & (True if end is None else dates < _microseconds(end))


def _empty(emptying: Emptying, batch: Gathered, gone: npt.NDArray[np.bool_], erased: Erased) -> None:
    for name in emptying.rekeys:
        keyed = batch.keyed.get(name)
        if keyed is not None and name in batch.arrays:
            marks = [erased.key_mark(*pair) for pair in zip(keyed.kinds, keyed.pseudonyms, strict=True)]
            values = batch.arrays[name].to_pylist()
            for row in np.flatnonzero(gone & (keyed.codes >= 0)).tolist():
                values[row] = marks[int(keyed.codes[row])]
            batch.arrays[name] = pa.array(values, pa.string())
    for name in emptying.empties:
        if name in batch.arrays:
            batch.arrays[name] = pc.if_else(
                pa.array(gone), pa.scalar(None, batch.arrays[name].type), batch.arrays[name]
            )
    # The vault's share is made of codes: a row without one brings neither originals nor identifiers.
    for name in (*emptying.empties, *emptying.rekeys):
        if name in batch.keyed:
            batch.keyed[name] = replace(batch.keyed[name], codes=np.where(gone, -1, batch.keyed[name].codes))
    for name in (*emptying.empties, *emptying.texts):
        if name in batch.scanned:
            _rewrite(name, batch, dict.fromkeys(np.flatnonzero(gone).tolist(), _everybody))


def _everybody(pseudonym: str) -> bool:
    del pseudonym
    return True


def _forget_mentions(name: str, batch: Gathered, dates: Moments, asked: _Asked) -> None:
    _, values, result = batch.scanned[name]
    if not result.rows_with_data:
        return
    when: dict[str, int] = {}
    for masked in result.masked:
        for kind, pseudonym in masked.mentions if masked is not None else ():
            since = asked.named(kind, pseudonym)
            if since != _NEVER:
                when[pseudonym] = since
    if not when:
        return
    rows: dict[int, Callable[[str], bool]] = {}
    for row in result.rows_with_data:
        masked = result.masked[int(values.codes[row])]
        date = int(dates[row])
        gone = {its for _, its in (masked.mentions if masked else ()) if when.get(its, _NEVER) > date}
        if gone:
            rows[row] = gone.__contains__
    if rows:
        _rewrite(name, batch, rows)


def _rewrite(name: str, batch: Gathered, rows: Mapping[int, Callable[[str], bool]]) -> None:
    """Take marks out of some rows' texts. Their original, which names the person in clear, is not kept either."""
    policy, values, result = batch.scanned[name]
    landed: list[Any] = batch.arrays[name].to_pylist()
    texts, masked, codes = list(values.values), list(result.masked), values.codes.copy()
    new: dict[tuple[int, str], int] = {}
    silent: set[int] = set()
    for row, goes in rows.items():
        code = int(codes[row])
        before = masked[code] if code >= 0 else None
        if before is None:
            continue
        text = unmarked(before.text, goes)
        if landed[row] is not None:
            landed[row] = text
        mentions = [each for each in before.mentions if not goes(each[1])]
        if not mentions:
            silent.add(row)
            continue
        place = new.get((code, text))
        if place is None:
            place = new[code, text] = len(texts)
            texts.append(text)
            masked.append(Masked(text, mentions))
        codes[row] = place
    batch.arrays[name] = pa.array(landed, pa.string())
    remaining = [row for row in result.rows_with_data if row not in silent]
    batch.scanned[name] = (
        policy,
        Distinct(texts, codes),
        replace(result, landed=batch.arrays[name], masked=masked, rows_with_data=remaining),
    )
