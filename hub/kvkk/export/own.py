"""What is the person's own, and so may be read by them; everything else that identifies somebody is taken out.

A value counts as the person's if its pseudonym is: how it is spelled does not matter. A part of their own name counts
too, since people are called by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hub.i18n import N_, _
from kvkk_policies.canonical import canonical_or_raw
from kvkk_policies.detect.masking import MASK_PATTERN
from kvkk_policies.detect.span import LABELS
from kvkk_policies.turkish import fold, squeeze

if TYPE_CHECKING:
    from hub.keys.originals import OpenedOriginal
    from hub.kvkk.export.scope import Scope
    from kvkk_policies.detect.span import Span
    from kvkk_policies.freetext import Detector
    from kvkk_policies.pseudonym import Pseudonymiser

KIND_NAMES = {
    "tckn": N_("identity number"),
    "vkn": N_("tax number"),
    "phone": N_("phone number"),
    "email": N_("e-mail address"),
    "plate": N_("number plate"),
    "iban": N_("bank account"),
    "card": N_("card number"),
    "name": N_("name"),
    "address": N_("address"),
    "birth_date": N_("birth date"),
    "ip": N_("IP address"),
    "device": N_("device number"),
    "vin": N_("chassis number"),
    "passport": N_("passport number"),
    "licence": N_("driving licence number"),
    "id_serial": N_("identity card serial number"),
    "mersis": N_("MERSİS number"),
    "sgk": N_("social security number"),
    "uavt": N_("address code"),
    "geo": N_("coordinates"),
    "text": N_("text"),
}
"""What a kind is called where a value of it is taken out, or where it stands in a list of identifiers."""

_MARK = re.compile(r"<([A-Z_]+)(?::([a-z0-9_]+))?>")


class Redacted(NamedTuple):
    """A text with everything taken out that is not the person's; how many values were shown and taken out."""

    text: str
    shown: int
    hidden: int


@dataclass(frozen=True)
class Own:
    """The person's own values. `originals` maps pseudonyms to values in clear; None where the key was destroyed."""

    pseudonyms: frozenset[str]
    originals: Mapping[str, str | None]
    name_words: frozenset[str]

    def has(self, kind: str, pseudonym: str, value: str) -> bool:
        """Whether a value in clear is the person's."""
        return pseudonym in self.pseudonyms or (kind == "name" and self._is_part_of_the_name(value))

    def _is_part_of_the_name(self, value: str) -> bool:
        words = set(fold(squeeze(value)).split())
        return bool(words) and words <= self.name_words

    def shown(self, pseudonym: str) -> str:
        """One of the person's pseudonyms as they may read it; itself where no original is kept."""
        if pseudonym not in self.originals:
            return pseudonym
        value = self.originals[pseudonym]
        return destroyed() if value is None else value


def own_values(scope: Scope, originals: Iterable[OpenedOriginal]) -> Own:
    """What is the person's, from the originals of their subjects."""
    values: dict[str, str | None] = {}
    words: set[str] = set()
    for each in originals:
        if values.get(each.pseudonym) is None:
            values[each.pseudonym] = each.value
        if each.kind == "name" and each.value is not None:
            words.update(fold(squeeze(each.value)).split())
    return Own(scope.pseudonyms | values.keys(), values, frozenset(words))


def hidden(kind: str) -> str:
    """What stands in place of a value that is not the person's."""
    name = KIND_NAMES.get(kind)
    return _("[hidden: {kind}]").format(kind=_(name) if name else kind)


def destroyed() -> str:
    """What stands in place of a value whose key was destroyed."""
    return _("[destroyed]")


class Redactor:
    """Takes out of free texts what is not the person's."""

    def __init__(self, own: Own, detector: Detector, pseudonymiser: Pseudonymiser) -> None:
        self._own = own
        self._detector = detector
        self._pseudonymiser = pseudonymiser

    def redact(self, texts: Sequence[str]) -> list[Redacted]:
        """Texts in clear, or with the gate's marks in them; searched anew in both cases. Raises what detection does."""
        spans = self._detector.scan(texts)
        return [self._one(text, found) for text, found in zip(texts, spans, strict=True)]

    def _one(self, text: str, spans: Iterable[Span]) -> Redacted:
        pieces: list[str] = []
        shown = taken = at = 0
        for start, end, kind, pseudonym in sorted(self._places(text, spans)):
            pieces.append(text[at:start])
            at = end
            value = text[start:end]
            marked = value.startswith("<")
            if self._own.has(kind, pseudonym, "" if marked else value):
                pieces.append(self._own.shown(pseudonym) if marked else value)
                shown += 1
            else:
                pieces.append(hidden(kind))
                taken += 1
        pieces.append(text[at:])
        return Redacted("".join(pieces), shown, taken)

    def _places(self, text: str, spans: Iterable[Span]) -> Iterable[tuple[int, int, str, str]]:
        for span in spans:
            kind = LABELS[span.label].kind
            (form,) = canonical_or_raw(kind, [text[span.start : span.end]])
            yield span.start, span.end, kind, self._pseudonymiser.one(kind, form)
        for match in MASK_PATTERN.finditer(text):
            mark = _MARK.fullmatch(match[0])
            label, pseudonym = (mark[1], mark[2] or "") if mark else ("", "")
            yield match.start(), match.end(), LABELS[label].kind if label in LABELS else "text", pseudonym
