"""The words that addresses are built of, and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kvkk_policies.turkish import unfolded

Kind = Literal["area", "road", "building", "number", "detail", "postcode"]

_AREA = (
    r"mah(?:al(?:le(?:si|miz|m)?)?)?|mhl?|koyu?|mevkii?|mevkisi|mvk|mezrasi?|osb|org(?:anize)?\.? ?san(?:ayi)?\.?"
    r"(?: bol(?:gesi)?)?|(?:kucuk )?san(?:ayi)?\.? sit(?:esi)?|serbest bolgesi?|kume ?evler[i]?|beldesi|kasabasi"
    r"|yaylasi|toplu konut(?:lari)?|kisim|etap"
)
_ROAD = (
    r"cad(?:de(?:si)?|d)?|cd|so[kg](?:ak|agi)?|sk|bulv?(?:ar[i]?)?|blv|meydani?|cikmazi?|cikm|karayolu|yolu|yokusu"
    r"|gecidi|kordonu?"
)
_BUILDING = (
    r"apt|apart(?:man[i]?)?|sit(?:e(?:si|ler[i]?)?)?|plaza(?:si)?|is ?mer(?:kezi)?|is ?hani|pasaji?|residence"
    r"|re[sz]idansi?"
    r"|konut(?:lari)?|konak(?:lari)?|evleri|villa(?:lari)?|tower|kule(?:si|leri)?|center|avm|carsisi?|yurdu|toki|hali"
    r"|ticaret merkezi|lojman(?:lari)?|hani|fabrikasi|ciftligi"
)
_VALUE = r"[0-9]{1,5}(?: ?[/\-] ?(?:[0-9]{1,4}|[a-z](?![a-z.:]))|[a-z](?![a-z.:])){0,6}"
"""A house's number with what follows it ("12/A-3"); bounded, since a search begins at every number of a long row."""
_NUMBER = (
    r"(?:(?:dis |ic |bina |ev )?kapi(?: no| numarasi)?|bina(?: no)?|no|nr|num|numara(?:si)?) ?[:.;=\-]{0,2} ?"
    rf"{_VALUE}|no ?[:.] ?[a-z](?:[\-/]?[0-9]+)?(?![a-z])|{_VALUE} ?(?:numara(?:da|dayim|li)?|no'?lu)(?![a-z])"
)
_DETAIL = (
    r"(?:kat|k) ?[:.;=]? ?-?[0-9]{1,2}(?![0-9])|[0-9]{1,2} ?\.? ?kat(?![a-z])"
    r"|(?:zemin|bodrum|giris|asma|bahce|cati) kat[i]?"
    r"|(?:daire|d|dr) ?(?:no)? ?[:.;=]? ?[0-9]{1,4}[a-z]?(?![a-z0-9])|[a-z0-9]{1,3} ?-? ?blok"
    r"|blok ?(?:no)? ?[:.]? ?[a-z0-9]{1,3}(?![a-z0-9])|(?:ofis|oda|dukkan|stand|depo) ?(?:no)? ?[:.]? ?[0-9]{1,4}"
    r"|[0-9]{1,3}(?:[.,][0-9])? ?\.? ?km(?![a-z])|km ?[:.]? ?[0-9]{1,3}(?:[.,][0-9])?"
)
_POSTCODE = r"(?:pk|posta kodu) ?[:.]? ?[0-9]{5}|(?:0[1-9]|[1-7][0-9]|8[01])[0-9]{3}(?![0-9.,:/\-][0-9]|[0-9a-z])"
_SUFFIX = r"'?(?:ndeki|ndaki|deki|daki|nden|ndan|den|dan|nde|nda|de|da|te|ta|nin|ne|na|ni|e|a)"
_PART = re.compile(
    rf"(?<![a-z0-9])(?:(?P<postcode>{_POSTCODE})|(?P<number>{_NUMBER})|(?P<detail>{_DETAIL})"
    rf"|(?:(?P<area>{_AREA})|(?P<road>{_ROAD})|(?P<building>{_BUILDING}))(?P<suffix>{_SUFFIX})?(?![a-z])\.?)"
)
_BEGINNINGS = (
    "mahal mevki mezra osb organi sanay serbest kume belde kasaba yayla konut kisim etap cadd sokak sokag bulv "
    "meydan cikm karayol yolu yokus gecid kordon apart sitesi siteler plaz pasaj rezidan residan residen konak evler "
    "villa tower kules center avm carsi lojman yurdu toki fabrikas ciftlig"
)
_WHOLE = "mah mhl mh koy koyu mvk org san bol cad cd cadde sok sk bul blv apt sit site is ticaret hani kule"
_NO_LETTER = "(?:[^A-Za-zçğıöşüÇĞİÖŞÜâîûÂÎÛ]|$)"
ADDRESS_SIGN = (
    f"(?:^|[^0-9A-Za-z])(?:{'|'.join(unfolded(word) for word in _BEGINNINGS.split())}"
    f"|(?:{'|'.join(unfolded(word) for word in _WHOLE.split())})(?:{unfolded('nde')}|{unfolded('nda')})?{_NO_LETTER})"
)
"""RE2: a text without any of these words holds no address. Numbers alone make none."""


@dataclass(frozen=True)
class Part:
    """One piece of an address, in code points; `end` excludes a case suffix."""

    kind: Kind
    start: int
    end: int
    suffixed: bool = False
    """Whether a case suffix follows ("Caddesi'nde"), as in a sentence about a street."""


_KINDS: tuple[Kind, ...] = ("area", "road", "building", "number", "detail", "postcode")


def parts_of(folded: str) -> Iterator[Part]:
    """The pieces in order. Words that only look like one ("no 5 lira") are left to the finder to judge."""
    for match in _PART.finditer(folded):
        suffix = match["suffix"]
        end = match.end() if suffix is None else match.start("suffix")
        yield Part(_kind(match), match.start(), end, suffix is not None)


def _kind(match: re.Match[str]) -> Kind:
    for kind in _KINDS:
        if match[kind] is not None:
            return kind
    raise ValueError(match.re.pattern)
