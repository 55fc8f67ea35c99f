"""What the words around a number speak of: "telefonu", "plakalı", "sipariş no".

Presidio compares lemmas, of which a blank Turkish pipeline has none; here a word's folded beginning is enough, whatever
suffix follows. Words repeat across texts, so each spelling is judged once.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from kvkk_policies.turkish import fold

_STEMS = {
    "tckn": "tckn kimlik kimlig vatandaslik nufus ykn",
    "vkn": "vkn vergi mukellef",
    "iban": "iban hesap hesab havale",
    "card": "kart kredi visa mastercard troy",
    "phone": "tel telefon cep gsm whatsapp faks iletisim numaram arayin arasin arayabil ulas dahili mobil aradi hatti",
    "plate": "plaka arac araci kamyon surucu sofor ruhsat otomobil araba minibus cekici dorse kurye",
    "birth": "dogum",
    "imei": "imei",
    "version": "surum versiyon version firmware yazilim",
    "other": "siparis fatura takip kargo irsaliye police barkod referans islem dekont ettn gtip stok urun parca seri"
    " model sozlesme dosya talep ticket belge evrak basvuru provizyon abone sayac tesisat mersis raf koridor beden"
    " koltuk peron artikel order invoice rezervasyon pnr gonderi waybill fis",
}
_WHOLE = {
    "tckn": "tc t.c t.c. tck tcno",
    "vkn": "vd v.d v.d. vno tax v.no",
    "iban": "eft",
    "card": "pan card",
    "phone": "wp fax hat ara hattan hattim t tlf",
    "plate": "hgs ogs tir tirin",
    "birth": "dog dog. d.t d.t. dt dt. d.tarihi d.tar d.tar.",
    "version": "ver ver. v",
    "other": "ref ref. lot kod kodu kodlu sip oda kapi",
}
_BY_STEM = sorted(
    ((stem, topic) for topic, stems in _STEMS.items() for stem in stems.split()), key=lambda pair: -len(pair[0])
)
_BY_WHOLE = {word: topic for topic, words in _WHOLE.items() for word in words.split()}
_LONGEST_SUFFIX = 9
_ADJACENT = 2
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\.?")
_KEPT = 50_000
_Found = tuple[tuple[int, int, str], ...]
_judged: dict[str, _Found] = {}


def topics_of(token: str) -> _Found:
    """Keywords inside a piece of text between white space: start, end and topic of each."""
    found = _judged.get(token)
    if found is None:
        if len(_judged) >= _KEPT:
            _judged.clear()
        judged = ((word.start(), word.end(), _judge(fold(word[0]))) for word in _WORD.finditer(token))
        found = _judged[token] = tuple((start, end, topic) for start, end, topic in judged if topic is not None)
    return found


def _judge(folded: str) -> str | None:
    if folded in _BY_WHOLE:
        return _BY_WHOLE[folded]
    bare = folded.rstrip(".")
    if bare in _BY_WHOLE:
        return _BY_WHOLE[bare]
    if "." in bare:
        # A full stop without a space after it: "geldi.Tel".
        return _judge(bare.rpartition(".")[2])
    for stem, topic in _BY_STEM:
        if bare.startswith(stem) and len(bare) - len(stem) <= _LONGEST_SUFFIX:
            return topic
    return None


class Topics:
    """The keywords of one text, in order."""

    __slots__ = ("_ends", "_names", "_starts")

    def __init__(self, starts: list[int], pieces: list[str]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._names: list[str] = []
        for at, piece in zip(starts, pieces, strict=True):
            for start, end, topic in _judged.get(piece) or topics_of(piece):
                self._names.append(self._in_context(topic, at + start))
                self._starts.append(at + start)
                self._ends.append(at + end)

    def _in_context(self, topic: str, at: int) -> str:
        """A tax number, where "vergi kimlik no" is written, although "kimlik" stands nearer."""
        follows_tax = bool(self._names) and self._names[-1] == "vkn" and at - self._ends[-1] <= _ADJACENT
        return "vkn" if topic == "tckn" and follows_tax else topic

    def holds(self, topic: str) -> bool:
        """Whether any keyword has that topic."""
        return topic in self._names

    def before(self, at: int, reach: int) -> str | None:
        """The topic of the nearest keyword that ends at most `reach` characters before a position."""
        index = bisect_right(self._ends, at) - 1
        return self._names[index] if index >= 0 and at - self._ends[index] <= reach else None

    def near(self, start: int, end: int, *, before: int, after: int) -> set[str]:
        """Topics of all keywords within `before` characters before `start` and `after` characters behind `end`."""
        return {
            name
            for first, last, name in zip(self._starts, self._ends, self._names, strict=True)
            if (last <= start and start - last <= before) or (first >= end and first - end <= after)
        }
