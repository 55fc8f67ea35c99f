"""What the values of one column show, as shares of its non-empty values. Nothing here carries a value on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.contract import ColumnType
from hub.discovery.headers import Header
from hub.discovery.sample import SampledColumn
from hub.discovery.shapes import forms_of, labels_of

CONTEXT = {
    "tckn": "TC kimlik no",
    "vkn": "vergi no",
    "tax_number": "vergi no",
    "phone": "telefon",
    "iban": "IBAN",
    "card": "kart no",
    "name": "Ad Soyad",
    "address": "adres",
    "plate": "plaka",
    "birth_date": "doğum tarihi",
    "personal_detail": "kimlik seri no",
    "passport": "pasaport no",
    "licence": "ehliyet no",
    "sgk": "SGK sicil no",
    "mersis": "MERSIS no",
    "uavt": "UAVT adres kodu",
    "vin": "şasi no",
    "ip": "IP",
    "device": "IMEI",
    "position": "konum",
}
"""The words that stand beside such a value in a text: what the heading says to a reader, told to the detector."""

WHOLE = 0.8
"""A span of that share of a text is the text."""
CERTAIN_SHARE = 0.6
"""From that share on a form is no chance any more (`hub.discovery.shapes.CHANCE`)."""
_LONGEST_CELL = 64
_BATCH = 2_000


@dataclass(frozen=True)
class Evidence:
    """Shares of the non-empty values: `labels` found anywhere in them, `whole` that are them, `forms` they have.

    `filled` and `distinct` are shares of all sampled rows and of the non-empty values.
    """

    rows: int
    filled: float
    distinct: float
    kinds: int
    """How many different values there are."""
    labels: Mapping[str, float]
    whole: Mapping[str, float]
    forms: Mapping[str, float]
    special: float
    binary: float
    type: ColumnType
    length: float
    """Mean code points of a value."""

    @property
    def unique(self) -> bool:
        """Whether every row has a value, and none came twice."""
        return self.rows > 1 and self.filled == 1 and self.distinct == 1


def evidence_of(column: SampledColumn, rows: int, header: Header) -> Evidence:
    """Look at a column's distinct values, once as they stand and once beside the words of the heading."""
    values = column.texts.total()
    texts = list(column.texts)
    counts = [column.texts[text] for text in texts]
    forms = [forms_of(text) for text in texts]
    shapes = [labels_of(text) for text in texts]
    inside, whole = _detected(texts, forms, header)
    form_shares = _shares(forms, counts, values)
    shape_shares = _shares(shapes, counts, values)
    counted = {label for label, share in shape_shares.items() if share >= CERTAIN_SHARE}
    # A column of tax numbers is full of numbers that could be phones: the heading settles it.
    counted = {label for label in shape_shares if _expects(header, label)} or counted
    every = [found | (shape & counted) for found, shape in zip(inside, shapes, strict=True)]
    entire = [found | (shape & counted) for found, shape in zip(whole, shapes, strict=True)]
    return Evidence(
        rows=rows,
        filled=column.filled / rows if rows else 0.0,
        distinct=len(texts) / values if values else 0.0,
        kinds=len(texts),
        labels=_shares(every, counts, values),
        whole=_shares(entire, counts, values),
        forms=form_shares,
        special=_special(texts, counts, values),
        binary=column.binary / column.filled if column.filled else 0.0,
        type=_type(column.types, form_shares, typed=column.typed),
        length=sum(len(text) * count for text, count in zip(texts, counts, strict=True)) / values if values else 0.0,
    )


def _expects(header: Header, label: str) -> bool:
    from hub.discovery.meanings import MEANINGS

    meaning = MEANINGS.get(header.meaning or "")
    return meaning is not None and label in meaning.labels


def _detected(
    texts: list[str], forms: list[frozenset[str]], header: Header
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    from kvkk_policies.detect import detect_many

    inside: list[frozenset[str]] = []
    whole: list[frozenset[str]] = []
    word = CONTEXT.get(header.meaning or "")
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        asked = [text if not forms[start + at] & {"bool", "decimal"} else "" for at, text in enumerate(batch)]
        for text, spans in zip(batch, detect_many(asked), strict=True):
            inside.append(frozenset(span.label for span in spans))
            whole.append(frozenset(span.label for span in spans if span.end - span.start >= WHOLE * len(text)))
        silent = [at for at in range(start, start + len(batch)) if not inside[at] and len(texts[at]) <= _LONGEST_CELL]
        if word is None or not silent:
            continue
        prefix = f"{word}: "
        for at, spans in zip(silent, detect_many([prefix + texts[at] for at in silent]), strict=True):
            own = [span for span in spans if span.start >= len(prefix)]
            inside[at] = frozenset(span.label for span in own)
            whole[at] = frozenset(span.label for span in own if span.end - span.start >= WHOLE * len(texts[at]))
    return inside, whole


def _special(texts: list[str], counts: list[int], values: int) -> float:
    from kvkk_policies.detect import ColumnScanner

    if not texts:
        return 0.0
    flags = ColumnScanner().special(texts)
    return sum(count for flag, count in zip(flags, counts, strict=True) if flag) / values


def _shares(found: Iterable[frozenset[str]], counts: list[int], values: int) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for names, count in zip(found, counts, strict=True):
        for name in names:
            totals[name] += count
    return {name: total / values for name, total in totals.most_common()}


def _type(declared: set[ColumnType], forms: Mapping[str, float], *, typed: bool) -> ColumnType:
    """The type a connector would declare. A file of texts has only the forms of its values to go by."""
    if declared == {"text"}:
        found = _type_of_texts(forms)
        return "text" if typed and found == "int" else found  # digits written as text are so on purpose
    if len(declared) == 1:
        return next(iter(declared))
    wider: dict[frozenset[ColumnType], ColumnType] = {
        frozenset({"int", "decimal"}): "decimal",
        frozenset({"date", "timestamp"}): "timestamp",
    }
    return wider.get(frozenset(declared), "text")


def _type_of_texts(forms: Mapping[str, float]) -> ColumnType:
    if forms.get("date") == 1:
        return "timestamp" if forms.get("time") else "date"
    numbers = 0 if forms.get("leading_zero") else forms.get("int", 0) + forms.get("decimal", 0)
    if numbers != 1:
        return "text"
    return "decimal" if forms.get("decimal") else "int"
