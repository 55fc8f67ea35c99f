"""Finders for numbers that only their keyword tells: passports, licences, registers, devices and vehicles.

Each is a row of a table: the keyword, folded, and the shape. Between the two stand no digits and no other number's
keyword; behind the number its keyword may follow at once ("… nolu pasaport").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kvkk_policies.checksums import luhn_valid
from kvkk_policies.detect.boundaries import within_longer_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.separators import JOINTS
from kvkk_policies.detect.span import Span

_GAP = r"(?:[^0-9\n\ue000]{0,40}?[^0-9a-z\n\ue000])??"
_SPLIT = f"[{JOINTS}/\\-]{{0,2}}"
_ALSO = r"(?:[ ,/;&-]{1,3}|[ ,]{1,2}(?:ve|ile|veya) )"
_LONGEST = 90
"""Characters from the beginning of a number, written with separators, to the keyword behind it."""
_NUMBER_WORD = (
    r"(?:no|num|number|numara[a-z]*|seri|belge[a-z]*|kod[a-z]*)"
    r"(?:l[iu]|s[iu]|su?nu|m(?:iz|uz)?|n(?:iz|uz)?|'[a-z]{1,5})?"
)
_ENDS_IN_NUMBER_WORD = re.compile(rf"(?:.*[^a-z])?{_NUMBER_WORD}(?: (?:is|ise|olan|olarak))?[^a-z0-9]*")
_ONLY_A_NUMBER_WORD = re.compile(rf"[^a-z0-9]*{_NUMBER_WORD}[^a-z0-9]*")
_AMOUNT = re.compile(r" ?(?:tl|lira|₺|usd|eur|euro|adet|kisi|yil|yas|ay|gun|km|kg|%)|[.,:/][0-9]")
_THINGS = re.compile(
    r"(?<![a-z])(?:cihaz|urun|makin|motor|sayac|yazici|telefon|bilgisayar|laptop|stok|parca|model|klima|kombi|televizyon"
    r"|modem|tablet|pil|aku|sanziman|imei|sasi|terazi|pos|unite|kamera|batarya|beyaz esya|buzdolab)"
)
_THINGS_REACH = 25
_OTHER_NUMBERS = frozenset({"other", "iban", "card", "phone"})


@dataclass(frozen=True, eq=False)
class Document:
    """How one kind of number is told. Patterns are for folded text."""

    label: str
    words: tuple[str, ...]
    """What keywords contain at least: their absence rejects a text at once."""
    keyword: str
    shape: str
    score: float = 0.85
    strict: bool = False
    """Everyday shape: the keyword, or a word such as "no" behind it, must lead straight to the number."""
    luhn: Literal["must", "should"] | None = None
    """Whether a number that fails the check is none of these, or a suspect."""
    says: re.Pattern[str] = field(init=False)
    before: re.Pattern[str] = field(init=False)
    after: re.Pattern[str] = field(init=False)
    also: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        value = rf"(?P<value>{self.shape})(?![0-9])"
        patterns = {
            "says": rf"(?<![a-z])(?:{self.keyword})",
            "before": rf"(?<![a-z])(?:{self.keyword})(?P<gap>[a-z]{{0,8}}{_GAP}){value}",
            "after": rf"(?<![0-9a-z]){value}(?:'?[a-z]{{1,5}}(?![a-z]))?"
            rf"[ (]{{0,2}}(?:(?:no'?[a-z]{{0,6}}|num[a-z]{{0,10}}|sayili) )?(?:{self.keyword})",
            "also": rf"{_ALSO}{value}",
        }
        for name, pattern in patterns.items():
            object.__setattr__(self, name, re.compile(pattern))


DOCUMENTS: tuple[Document, ...] = (
    Document("TR_PASSPORT", ("pasaport", "passport"), "pasaport|passport", r"[a-z][ \-]?[0-9]{8}"),
    Document(
        "TR_PASSPORT",
        ("pasaport", "passport"),
        "pasaport|passport",
        r"(?=(?:[a-z]{0,2}[0-9]){4})[a-z0-9]{7,9}(?![a-z])",
        strict=True,
    ),
    Document(
        "TR_DRIVER_LICENCE",
        ("ehliyet", "surucu belge", "driv"),
        "ehliyet|surucu belge|driv(?:er'?s?|ing) licen[cs]e",
        r"(?:[a-z][ \-]?)?(?:[0-9]{5,6}|[0-9]{3}[ .\-][0-9]{3})",
        strict=True,
    ),
    Document("TR_MERSIS", ("mersis",), "mersis", rf"[0-9](?:{_SPLIT}[0-9]){{15}}", 0.95),
    Document(
        "TR_UAVT",
        ("uavt", "u.a.v.t", "adres kod", "adres no", "adres num"),
        r"uavt|u\.a\.v\.t|adres (?:kod|no|num)",
        rf"[0-9](?:{_SPLIT}[0-9]){{9}}",
        0.95,
    ),
    Document(
        "TR_SGK",
        ("sgk", "ssk", "s.g.k", "s.s.k", "sicil", "sigorta no"),
        r"sgk|ssk|s\.g\.k|s\.s\.k|sicil|sigorta no",
        rf"[0-9](?:{_SPLIT}[0-9]){{20,25}}|[0-9](?:{_SPLIT}[0-9]){{12}}",
        0.9,
    ),
    Document(
        "VIN",
        ("sasi", "sase", "vin", "chassis", "ruhsat"),
        "sasi|sase|vin(?![a-z])|chassis|ruhsat",
        r"(?=[a-z \-]{0,33}[0-9])[0-9a-hj-npr-z](?:[ .\-]?[0-9a-hj-npr-z]){16}(?![a-z])",
        0.95,
    ),
    Document(
        "IMEI", ("imei",), r"imei(?: ?[12](?=[ :=.\-]))?", rf"[0-9](?:{_SPLIT}[0-9]){{14,15}}", 1.0, luhn="should"
    ),
    Document(
        "IMEI",
        ("cihaz", "unite", "modem", "tablet", "sim", "el terminal"),
        "cihaz|unite|modem|tablet|sim(?![a-z])|sim kart|el terminal",
        "(?:35|86)[0-9]{13}",
        luhn="must",
    ),
    Document(
        "TR_ID_SERIAL",
        ("kimlik", "nufus", "cuzdan", "seri"),
        "kimlik|nufus|cuzdan|seri",
        r"[a-z][0-9]{2} ?[a-z] ?[0-9]{5}|[a-z][0-9]{2}[ \-]?(?:no ?:? ?)?[0-9]{6}",
    ),
)


_BY_WORD: dict[str, tuple[Document, ...]] = {
    word: tuple(document for document in DOCUMENTS if word in document.words)
    for word in dict.fromkeys(word for document in DOCUMENTS for word in document.words)
}
DOCUMENT_WORDS = tuple(_BY_WORD)


def find_document(text: Prepared) -> Iterator[Span]:
    """Numbers of `DOCUMENTS` beside their keyword."""
    folded = text.folded
    asked = dict.fromkeys(document for word, documents in _BY_WORD.items() if word in folded for document in documents)
    for document in asked:
        yield from _of_kind(text, document)


def _of_kind(text: Prepared, document: Document) -> Iterator[Span]:
    folded = text.folded
    for keyword in document.says.finditer(folded):
        match = document.before.match(folded, keyword.start())
        if match is not None and _leads_there(text, document, match):
            yield from _span(text, document, match)
            also = document.also.match(folded, match.end())
            while also is not None:
                yield from _span(text, document, also)
                also = document.also.match(folded, also.end())
        for match in document.after.finditer(folded, max(0, keyword.start() - _LONGEST), keyword.end()):
            yield from _span(text, document, match)


def _leads_there(text: Prepared, document: Document, match: re.Match[str]) -> bool:
    gap_start, gap_end = match.span("gap")
    # "Ehliyet numaram": the word that people give their telephone by, too.
    plain = _ONLY_A_NUMBER_WORD.fullmatch(match["gap"].lstrip("abcdefghijklmnopqrstuvwxyz")) is not None
    if not plain and any(topic in _OTHER_NUMBERS for topic in text.topics.between(gap_start, gap_end)):
        return False
    if document.label == "TR_ID_SERIAL" and match[0].startswith("seri"):
        # Machines and goods have serial numbers too.
        return _THINGS.search(text.folded, max(0, match.start() - _THINGS_REACH), match.start()) is None
    if not document.strict:
        return True
    gap = match["gap"].lstrip("abcdefghijklmnopqrstuvwxyz")
    return not any(char.isalpha() for char in gap) or _ENDS_IN_NUMBER_WORD.fullmatch(gap) is not None


def _span(text: Prepared, document: Document, match: re.Match[str]) -> Iterator[Span]:
    start, end = match.span("value")
    if within_longer_code(text, start, end):
        return
    if document.strict and _AMOUNT.match(text.folded, end):
        return
    if document.luhn is not None and not luhn_valid(re.sub("[^0-9]", "", match["value"])):
        if document.luhn == "should":
            yield Span(start, end, f"{document.label}_SUSPECT", 0.6)
        return
    yield Span(start, end, document.label, document.score)
