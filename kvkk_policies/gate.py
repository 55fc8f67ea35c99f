"""The gate: provider rows in, a masked Arrow table and the vault's share out. Nothing else may see rows in clear.

Work is done per column and on distinct values, because one batch holds tens of thousands of rows and a row has but a
few microseconds. A failure anywhere (detector down, value of a wrong type, invalid override) lets nothing through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from connectors.contract import Column, Row, Stream
from connectors.failure import ProviderFailure
from hub.errors import HubError
from kvkk_policies.ageing import Ages, age, expired
from kvkk_policies.arrow import Array, ChunkedArray, Table, pa, pc
from kvkk_policies.columns import convert
from kvkk_policies.detect.span import KINDS_MENTIONED, Span
from kvkk_policies.distinct import Distinct, distinct
from kvkk_policies.foresight import Foresight
from kvkk_policies.freetext import Detector, ScannedColumn, scan_column
from kvkk_policies.gated import Gated, Mention, TextOriginal
from kvkk_policies.generalise import generalise
from kvkk_policies.keyed import Keyed, key_column
from kvkk_policies.landing import LandingColumn, landing_columns
from kvkk_policies.override import Override, check_override
from kvkk_policies.parameters import TEXT_LIKE
from kvkk_policies.partial import shortener
from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy
from kvkk_policies.pseudonym import Pseudonymiser
from kvkk_policies.rows import RawColumns, read_rows
from kvkk_policies.subjects import SubjectAnchors, anchors_by_subject, identifiers_of, originals_of, pairs_of
from kvkk_policies.withholding import Erased, Gathered, withhold

__all__ = ["Detector", "Gate", "Gated", "Override"]

Found = TypeVar("Found")


@dataclass
class _Work:
    """What one batch gathers while its columns are worked through."""

    pseudonymiser: Pseudonymiser
    arrays: dict[str, Array] = field(default_factory=dict[str, Array])
    keyed: dict[str, Keyed] = field(default_factory=dict[str, Keyed])
    scanned: dict[str, tuple[ColumnPolicy, Distinct, ScannedColumn]] = field(
        default_factory=dict[str, tuple[ColumnPolicy, Distinct, ScannedColumn]]
    )
    masked: Counter[str] = field(default_factory=Counter[str])


class _Named:
    """The detector, whose every failure has one name: which text it broke on, an error must not say."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        return self._answer(self._detector.scan, texts)

    def special(self, texts: Sequence[str]) -> list[bool]:
        return self._answer(self._detector.special, texts)

    @staticmethod
    def _answer(ask: Callable[[Sequence[str]], list[Found]], texts: Sequence[str]) -> list[Found]:
        try:
            found = ask(texts)
            kind = "" if len(found) == len(texts) else "answers_missing"
        except Exception as error:
            found, kind = [], type(error).__name__
        # Outside the handler: its error's text may quote what it was given, and must not travel along.
        if kind:
            raise HubError("detector_failed", kind=kind)
        return found


class Gate:
    """Applies the policies. One instance serves all tenants: what is a tenant's comes with each call."""

    def __init__(self, policies: Mapping[str, ProviderPolicy], detector: Detector) -> None:
        self._policies = policies
        self._detector = detector if isinstance(detector, Foresight) else _Named(detector)

    def foreseeing(self, *, provider: str, stream: Stream, rows: Iterable[Row]) -> Gate:
        """A gate for several batches of a stream: the free texts of all their rows have been searched at once.

        HubError `detector_failed`.
        """
        policies = self._policy(provider, stream).columns
        scanned = [name for name, policy in policies.items() if policy.action == "scan"]
        texts = [value for row in rows for name in scanned if isinstance(value := row.get(name), str) and value]
        return Gate(self._policies, Foresight(self._detector, texts)) if texts else self

    def apply(
        self,
        *,
        provider: str,
        stream: Stream,
        rows: Sequence[Row],
        pseudonymiser: Pseudonymiser,
        overrides: Mapping[str, Override] | None = None,
        erased: Erased | None = None,
        ages: Ages | None = None,
    ) -> Gated:
        """Mask one batch of a stream's rows. What is `erased` people's in rows from before comes out empty.

        Rows that are past their retention by `ages` stay out, what is past it in others comes out empty or coarse.

        Raises `ProviderFailure` (`wrong_type`) when a declared column holds what it should not, `HubError` when no
        policy covers the stream, an override is not allowed or the detector failed.
        """
        base = self._policy(provider, stream)
        policy = _overridden(stream, base, overrides or {})
        raw = read_rows(rows, stream, policy)
        work = _Work(pseudonymiser)
        columns = [(column, policy.columns[column.name]) for column in stream.columns if column.name in policy.columns]
        left_out: tuple[int, ...] = ()
        if ages is not None:
            raw, work, left_out = self._current(stream, policy, ages, raw, work)
        for column, column_policy in columns:
            if ages is None or column.name not in ages.times:
                self._column(column, column_policy, raw, work)
        gathered = Gathered(work.arrays, work.keyed, work.scanned, raw.count)
        if erased is not None:
            withhold(stream, policy, gathered, erased)
        aged = age(ages, gathered) if ages is not None else 0
        landed = landing_columns(stream, base)
        table = _table(landed, work, raw.count)
        return replace(_with_vault_share(table, landed, raw, work), expired=left_out, aged=aged)

    def _current(
        self, stream: Stream, policy: StreamPolicy, ages: Ages, raw: RawColumns, work: _Work
    ) -> tuple[RawColumns, _Work, tuple[int, ...]]:
        """The rows that are not over as a whole, the columns that tell so worked through, and who is left out."""
        times = [(column, policy.columns[column.name]) for column in stream.columns if column.name in ages.times]
        for column, column_policy in times:
            self._column(column, column_policy, raw, work)
        gone = expired(ages, work.arrays, raw.count)
        if gone is None:
            return raw, work, ()
        kept = [row for row, its_time_is_over in zip(raw.rows, gone.tolist(), strict=True) if not its_time_is_over]
        left_out = tuple(place for place, its_time_is_over in enumerate(gone.tolist()) if its_time_is_over)
        raw, work = read_rows(kept, stream, policy), _Work(work.pseudonymiser)
        for column, column_policy in times:
            self._column(column, column_policy, raw, work)
        return raw, work, left_out

    def _policy(self, provider: str, stream: Stream) -> StreamPolicy:
        policy = self._policies.get(provider)
        if policy is None or stream.name not in policy.streams:
            raise HubError("policy_stream_missing", provider=provider, found=stream.name)
        return policy.streams[stream.name]

    def _column(self, column: Column, policy: ColumnPolicy, raw: RawColumns, work: _Work) -> None:
        if policy.action == "drop":
            work.masked[policy.category] += raw.present(column.name)
            return
        array = convert(raw.values(column.name), column.type, name=column.name)
        if policy.action != "scan" and policy.kind is not None and column.type in TEXT_LIKE:
            self._keyed(array, policy, work)
        elif policy.action == "scan":
            values = distinct(array)
            result = scan_column(values, self._detector, work.pseudonymiser)
            work.scanned[column.name] = (policy, values, result)
            work.arrays[column.name] = result.landed
            work.masked.update(result.counts)
        elif policy.action == "partial":
            self._partial(distinct(array), policy, work)
        elif policy.action == "generalise":
            work.arrays[column.name] = generalise(array, policy.params)
            work.masked[policy.category] += len(array) - array.null_count
        else:
            work.arrays[column.name] = array

    def _keyed(self, array: Array, policy: ColumnPolicy, work: _Work) -> None:
        """A column with a kind: its pseudonyms land, or only serve the subject index while something else lands."""
        values = distinct(array)
        keyed = key_column(values, policy, work.pseudonymiser)
        work.keyed[policy.name] = keyed
        if policy.action in ("pseudonymise", "vault"):
            work.arrays[policy.name] = keyed.landed
            work.masked[policy.category] += int((keyed.codes >= 0).sum())
        elif policy.action == "partial":
            self._partial(values, policy, work)
        elif policy.action == "generalise":
            work.arrays[policy.name] = generalise(array, policy.params)
            work.masked[policy.category] += values.present
        else:
            work.arrays[policy.name] = array

    def _partial(self, values: Distinct, policy: ColumnPolicy, work: _Work) -> None:
        shorten = shortener(policy.params, policy.kind)
        work.arrays[policy.name] = values.column([shorten(value) for value in values.values])
        work.masked[policy.category] += values.present


def _overridden(stream: Stream, policy: StreamPolicy, overrides: Mapping[str, Override]) -> StreamPolicy:
    if not overrides:
        return policy
    columns = dict(policy.columns)
    for name, override in overrides.items():
        columns[name] = check_override(stream=stream, policy=policy, column=name, override=override)
    return replace(policy, columns=columns)


def _table(landed: Sequence[LandingColumn], work: _Work, count: int) -> Table:
    arrays: list[Array] = []
    for column in landed:
        array = work.arrays.get(column.name)
        if array is None:
            # A tenant's override dropped the column, which other tenants' rows still fill.
            array = pa.nulls(count, column.arrow_type)
        if column.key and array.null_count:
            raise ProviderFailure("transient", "wrong_type", field=column.name)
        arrays.append(array)
    schema = pa.schema([pa.field(column.name, column.arrow_type, nullable=not column.key) for column in landed])
    return pa.Table.from_arrays(arrays, schema=schema)


def _with_vault_share(table: Table, landed: Sequence[LandingColumn], raw: RawColumns, work: _Work) -> Gated:
    gated = Gated(
        table=table,
        undeclared=raw.undeclared,
        masked={category: count for category, count in sorted(work.masked.items()) if count},
        texts_dropped=sum(result.dropped for _, _, result in work.scanned.values()),
    )
    subjects = anchors_by_subject(list(work.keyed.values()), raw.count)
    for keyed in work.keyed.values():
        pairs = pairs_of(keyed, subjects.get(keyed.policy.subject or ""))
        if keyed.policy.action == "vault":
            gated.originals.extend(originals_of(keyed, pairs))
        if keyed.policy.identifies:
            gated.identifiers.extend(identifiers_of(keyed, pairs))
    key = [table.column(column.name) for column in landed if column.key]
    for name, (policy, values, result) in work.scanned.items():
        _texts(name, policy, values, result, subjects.get(policy.subject or ""), key, work.pseudonymiser, gated)
    return gated


def _texts(
    name: str,
    policy: ColumnPolicy,
    values: Distinct,
    result: ScannedColumn,
    anchors: SubjectAnchors | None,
    key: Sequence[ChunkedArray],
    pseudonymiser: Pseudonymiser,
    gated: Gated,
) -> None:
    rows = result.rows_with_data
    texts: dict[str, TextOriginal] = {}
    mentions: dict[Mention, None] = {}
    for row, row_key in zip(rows, _row_keys(key, rows), strict=True):
        masked = result.masked[int(values.codes[row])]
        if masked is None:
            continue
        for kind, pseudonym in masked.mentions:
            if kind in KINDS_MENTIONED:
                mentions[Mention(name, row_key, kind, pseudonym)] = None
        if policy.params.get("vault", False):
            anchor = anchors.of_row(row) if anchors is not None else None
            # Nobody known in the row: whoever the text names first, so that erasing that person also shreds the text.
            texts[row_key] = TextOriginal(
                name, row_key, anchor or masked.mentions[0], values.values[int(values.codes[row])]
            )
    gated.texts.extend(texts.values())
    gated.mentions.extend(mentions)


def _row_keys(key: Sequence[ChunkedArray], rows: Sequence[int]) -> list[str]:
    """Landing key values joined by `|`: what leads from the vault back to the row, in clear only as far as they are."""
    parts = [pc.cast(column.take(pa.array(rows, pa.int64())), pa.string()).to_pylist() for column in key]
    return ["|".join(values) for values in zip(*parts, strict=True)] if parts else ["" for _ in rows]
