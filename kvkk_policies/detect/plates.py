"""Finder for vehicle plates: province, letters and digits in the combinations that are issued."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.boundaries import glued, within_longer_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.separators import JOINTS
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.topics import Named

_GAP = f"[{JOINTS}\\-]{{0,2}}"
_PROVINCE = "(?:0[1-9]|[1-7][0-9]|8[01])"
_LETTERS = "[A-PR-VYZa-pr-vyzıİ]{1,3}"
_PLATE = re.compile(
    rf"(?<![0-9])(?<![0-9][:.,]){_PROVINCE}{_GAP}(?P<letters>{_LETTERS}){_GAP}(?P<digits>[0-9]{{2,5}})(?![0-9])"
)
_JOINED_BEFORE = re.compile(rf"(?<![0-9A-Za-z]){_PROVINCE}{_GAP}{_LETTERS}{_GAP}[0-9]{{2,5}}[/\-+]$")
_JOINED_AFTER = re.compile(rf"[/\-+]{_PROVINCE}{_GAP}{_LETTERS}{_GAP}[0-9]{{2,5}}(?![0-9A-Za-z])")
_LONGEST = 16
_DIGITS_OF = {1: (4, 5), 2: (3, 4), 3: (2, 3)}
# Quantities, sizes, norms and dates have the same shape: "50 KG 200", "12 MAR 24", "12 DIN 933".
_UNIT_WORDS = (
    "abs ad adt agu ah alt am ama amp ank apr ara aug awg ay bar bes bin bit btu bu cam cap cif cl cm cn da dan db "
    "dc de dec dek den din dir dk dm dn dpi ef eki en et eur ex eyl fa feb fob fps ft gb ge ghz gr gun ha haz hb hd "
    "hp ht hz ic iki ila ile in inc ip ise iso jan jul jun kac kap kas kat kb kbs kez kg ki kj km koy krs kv kva kw "
    "kwh lb led lik lm lt ltr lu luk mah mar may mb mdf mg mhz mi min ml mm mol mpa mt mu nin nis nm no nov nu nun "
    "nya nym nyy o oca oct oda on ort oz pcs pet pm pn pp ps psi pvc qe qn ra ral rpm sa san sat sep sn st su sub "
    "ta tan tb te tem ten tl ton tse ttr tur uc un usb usd va vac var vdc ve vol yan yas yer yil yuz"
)
_UNITS = frozenset(_UNIT_WORDS.split())
_AFTER_UNIT = re.compile(
    r" ?(?:mm|cm|kw|kva|hp|adet|lt|kg|gr|volt|amper|watt|hz|mhz|gb|tb|mb|v\b|a\b|w\b|m\b|tl|usd|eur|₺|%|inc|\"|x ?[0-9]"
    r"|beden|numara\b|parca|koli|model|lumen|derece)"
)
_ENDING = "(?:l[ae]r)?(?:s?[iu])?(?:n?[ae]|n?d[ae]|n[iu]n|[iu]n)?(?![a-z])"
_GOODS = re.compile(
    r" ?(?:serisi |tipi? |model |marka )?(?:kece|pompa|salter|trafo|kesici|kapasitor|kondansator|anakart|entegre|panel"
    r"|dugme|iplik|fermuar|boru|kablo|vida|civata|somun|rezistans|role|kontaktor|adaptor|led|ampul|armatur|profil|sac"
    r"|kalem|elektrot|matkap|valf|vana|transistor|diyot|direnc|termostat|dirsek|nipel|flans|manson|rakor|reduktor"
    r"|burc|zimpara|kumas|kartus|toner|duy|priz|regulator|inverter|plc|termokupl|manometre|klemens|bobin|nozul|firca"
    rf"|bant|poset|sise|flakon|bidon|bicak|testere|freze|(?P<part>rulman|turbo|silindir|disli|conta|hortum|kasnak)){_ENDING}"
)
"""Behind the shape, what is called by such codes: "44 RB 2000 rulman". A `part` may be the vehicle's own."""
_GOODS_BEFORE = re.compile(
    r"(?<![a-z])(?:rulman|kece|pompa|salter|kasnak|kayis|kesici|entegre|kontaktor|role|profil|malzeme|urun|parca|stok"
    r"|(?<![0-9] )model|tipi?|kod|ref|seri|olcu|ebat|kalite|renk)[a-z]{0,6}"
    r"(?: no| kodu| adi| model[a-z]*| tipi?)?[ :,.=-]{1,3}$"
)
_GOODS_REACH = 30
_NOT_PLATES = frozenset({"shelf", "serial", "register"})
_SAID_TO_BE_ONE = frozenset({"code", "other", "document", "record"})
_NUMBER_WORD = re.compile(r"(?:no|num[a-z]{0,9}|kod[a-z]{0,6}|:|=)(?:'[a-z]{1,4})?[^a-z0-9]{0,3}$")
_NUMBER_WORD_AFTER = re.compile(r"'?[a-z]{0,4} ?(?:no|num|kod|sayili)")
_CLOSE = 20
_DRIVEN = re.compile(
    r"(?<![a-z])(?:kasko|trafik|muayene|vize|hasar|kaza|carp|ceza|yika|lastik|balans|fren|servis|sefer|guzergah|yakit"
    r"|kontak|garaj|park|yola|sevk|kantar|rampa|tamir|takograf|yuklen|yukle|pert|eksper|ekspertiz|mazot|motorin|cekil"
    r"|nere?desin)"
)
_CASE = re.compile("['’](?:[dt]en?|[dt]an?|[iu]n|nin|nun|y[aeiu]|[aeiu]|l[ae])(?![a-z])")
_CHANGED = re.compile("degis|ariza|bakim|sokul|takil|kaldi|bozul")
_DRIVEN_BEFORE, _DRIVEN_AFTER = 40, 25


def find_plate(text: Prepared) -> Iterator[Span]:
    """Plates. One letter, lower case, or a shape that is also a quantity needs a vehicle word near."""
    for match in _PLATE.finditer(text.raw):
        letters = match["letters"]
        start, end = match.span()
        if len(match["digits"]) in _DIGITS_OF[len(letters)] and _stands_alone(text, start, end):
            named = text.naming(start, end)
            if named.linked and (named.topic in _NOT_PLATES or _is_of_another(text, named, start, end)):
                continue
            if "plate" in text.topics_near(start, end) and text.topic_before(start, _CLOSE) != "shelf":
                yield Span(start, end, "TR_PLATE", 0.9)
            elif _is_plain(text, match):
                yield Span(start, end, "TR_PLATE", 0.6)


def _is_plain(text: Prepared, match: re.Match[str]) -> bool:
    """Whether it can be nothing but a plate, with no vehicle's word near."""
    letters = match["letters"]
    if _is_of_goods(text, *match.span()):
        return False
    return (
        len(letters) > 1
        and (letters.isupper() or _is_driven(text, *match.span()) or _is_declined(text, match))
        and text.folded[match.start("letters") : match.end("letters")] not in _UNITS
        and "shelf" not in text.topics_near(match.start(), match.end(), before=_CLOSE, after=0)
        and not _AFTER_UNIT.match(text.folded, match.end())
    )


def _is_of_goods(text: Prepared, start: int, end: int) -> bool:
    """Whether goods are called so, and nothing happens there to a vehicle whose part they could be."""
    folded = text.folded
    if _CHANGED.search(folded, end, end + _DRIVEN_AFTER) is not None:
        return False
    behind = _GOODS.match(folded, end)
    if behind is not None and (behind["part"] is None or folded[end - 1] == "0"):
        return True
    return _GOODS_BEFORE.search(folded, max(0, start - _GOODS_REACH), start) is not None


def _is_declined(text: Prepared, match: re.Match[str]) -> bool:
    """Whether it is written in one and stands in a case, as proper nouns do: "34abc123'te"."""
    return match[0].isalnum() and _CASE.match(text.folded, match.end()) is not None


def _is_driven(text: Prepared, start: int, end: int) -> bool:
    """Whether something is said to happen to it that happens to vehicles."""
    return _DRIVEN.search(text.folded, max(0, start - _DRIVEN_BEFORE), end + _DRIVEN_AFTER) is not None


def _is_of_another(text: Prepared, named: Named, start: int, end: int) -> bool:
    """Whether it is called an order's number: "sipariş no 34 ABC 123"; "sipariş 34 ABC 123 ile geldi" is a plate."""
    if named.topic not in _SAID_TO_BE_ONE:
        return False
    said_before = _NUMBER_WORD.search(text.folded, max(0, start - _LONGEST), start)
    return said_before is not None or _NUMBER_WORD_AFTER.match(text.folded, end) is not None


def _stands_alone(text: Prepared, start: int, end: int) -> bool:
    """Whether it is no part of a code. A trailer's plate may be joined to its lorry's."""
    if not within_longer_code(text, start, end):
        return True
    return not glued(text, start, end) and (
        _JOINED_BEFORE.search(text.raw, max(0, start - _LONGEST), start) is not None
        or _JOINED_AFTER.match(text.raw, end) is not None
    )
