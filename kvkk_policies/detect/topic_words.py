"""The keywords around a number, folded: which words say "telephone", "tax number" or "order number".

Presidio compares lemmas, of which a blank Turkish pipeline has none. Long words are recognised by their beginning,
whatever follows; short ones only with a Turkish ending, since "tel" also begins "televizyon" and "tc" "tcdd".
"""

from __future__ import annotations

import re

from kvkk_policies.turkish import fold

STEMS = {
    "tckn": "tckn tckimlik kimlik kimlig vatandaslik nufus",
    "vkn": "vergi mukellef",
    "iban": "iban hesap hesab havale",
    "card": "kredi visa mastercard troy",
    "phone": "telefon whatsapp watsap vatsap faks iletisim numaram arayin arasin arayabil ulas mobil aradi arand"
    " santral",
    "plate": "plaka kamyon sofor otomobil minibus otobus cekici dorse kurye treyler romork motosiklet otopark tasit",
    "driver": "surucu",
    "birth": "dogum dogdu dogmus birth",
    "imei": "imei",
    "vin": "sasi sase chassis",
    "mac": "macaddr",
    "passport": "pasaport passport",
    "licence": "ehliyet",
    "serial": "seri",
    "register": "mersis uavt",
    "social": "sgk ssk",
    "version": "surum versiyon version firmware yazilim guncelle madde bolum release build",
    "other": "siparis fatura takip kargo irsaliye police barkod referans islem dekont ettn gtip talep ticket evrak"
    " basvuru provizyon abone sayac tesisat sozlesme dosya artikel order invoice rezervasyon pnr gonderi waybill"
    " tahsilat",
    "document": "belge",
    "code": "stok urun parca model katalog",
    "shelf": "raf koridor beden koltuk peron ebat olcu lokasyon",
    "record": "musteri bayi hasta protokol dava esas ihale personel kayit form vaka olay cagri bilet kupon seans rapor"
    " tutanak teklif proje cihaz servis onarim ariza sicil cari uyelik ogrenci parsel pafta dilekce ilan makbuz emanet"
    " katilim aday karar sube gise vezne bordro reklam kampanya oturum paket koli konteyner palet plan",
}
"""Beginnings of words; up to nine letters of suffixes follow.

`other` numbers go by their word alone ("sipariş 123…"), `record` words also name persons and things, so only their own
number word makes a number theirs ("müşteri no 123…"), `code` words stand for goods, `shelf` words for places and sizes.
"""
NOUNS = {
    "tckn": "tc tck ykn",
    "vkn": "vkn vno vd vn vergino tax",
    "iban": "eft",
    "card": "kart pan card amex",
    "phone": "tel tlf telf cep ceb gsm hat hatt wp fax sms dahili",
    "plate": "arac araba tir hgs ogs filo kamyonet vinc tanker taksi ruhsat",
    "vin": "vin",
    "mac": "mac",
    "ip": "ip ipv4 ipv6",
    "version": "ver surum sdk",
    "other": "ref lot sip emri",
    "code": "kod sku",
    "shelf": "kapi",
    "record": "uye",
}
"""Words that only a Turkish ending may follow."""
WHOLE = {
    "phone": "t tf ara",
    "birth": "dog dt dtarihi dtar dtrh dogtar dogtarihi dgt dob",
    "version": "v",
    "shelf": "oda",
}
"""Words that nothing may follow."""

_NUMBER = r"(?:no|nu|num|numara|kod)(?:l[iu]|s[iu]|su?nu|m|muz|n|nuz|mu|nuzu|ya|ye|yu|ndan|sundan)?"
_POSSESSIVE = "(?:l[ae]ri|s[iu]|[iu]?m[iu]z|[iu]?n[iu]z|[iu]m|[iu]n|m|n|[iu])"
_CASE = "(?:n?[dt][ae]n?|y?l[ae]|n?[iu]n|y?[aeiu]|n[aeiu]|ki|ca|ce)"
_ENDING = re.compile(
    rf"(?:{_NUMBER}|(?:l[ae]r)?{_POSSESSIVE}?{_CASE}?(?:ki)?|l[iu]{_CASE}?|s[iu]z|d[iu]r|t[iu]r)(?:d[iu]r)?"
)
_LONGEST_SUFFIX = 9
_BY_STEM = sorted(
    ((stem, topic) for topic, stems in STEMS.items() for stem in stems.split()), key=lambda pair: -len(pair[0])
)
_BY_NOUN = sorted(
    ((noun, topic) for topic, nouns in NOUNS.items() for noun in nouns.split()), key=lambda pair: -len(pair[0])
)
_BY_WHOLE = {word: topic for topic, words in WHOLE.items() for word in words.split()} | dict(_BY_NOUN)
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\.?")
_KEPT = 50_000

Found = tuple[tuple[int, int, str], ...]
JUDGED: dict[str, Found] = {}
"""What `topics_of` answered: words repeat across texts, so each spelling is judged once."""


def topics_of(token: str) -> Found:
    """Keywords inside a piece of text between white space: start, end and topic of each."""
    found = JUDGED.get(token)
    if found is None:
        if len(JUDGED) >= _KEPT:
            JUDGED.clear()
        judged = ((word.start(), word.end(), topic_of_word(fold(word[0]))) for word in _WORD.finditer(token))
        found = JUDGED[token] = tuple((start, end, topic) for start, end, topic in judged if topic is not None)
    return found


def topic_of_word(folded: str) -> str | None:
    """What one folded word speaks of, abbreviations with or without their full stops ("t.c.", "V.K.N", "d.tarihi")."""
    bare = folded.rstrip(".")
    if "." in bare:
        joined = bare.replace(".", "")
        # A full stop without a space after it: "geldi.Tel".
        return _plain_word(joined) or _plain_word(bare.rpartition(".")[2])
    return _plain_word(bare)


def _plain_word(word: str) -> str | None:
    whole = _BY_WHOLE.get(word)
    if whole is not None:
        return whole
    for stem, topic in _BY_STEM:
        if word.startswith(stem) and len(word) - len(stem) <= _LONGEST_SUFFIX:
            return topic
    for noun, topic in _BY_NOUN:
        if word.startswith(noun) and _ENDING.fullmatch(word, len(noun)):
            return topic
    return None
