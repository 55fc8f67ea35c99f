"""What a column's heading says it holds, in Turkish or English and in any spelling: `TC_No`, `Cep Tel.`, `buyerEmail`.

A heading is a signal and no proof; `hub.discovery.judgement` holds it against the values. Phrases are folded
(`kvkk_policies.turkish.fold`); the one that ends last wins, since both languages put the noun last (`telefon aciklama`
is a text about a phone), and of those that end together the longest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from connectors.fields import snake_case
from kvkk_policies.turkish import fold

PHRASES: dict[str, str] = {
    "tckn": (
        "tckn, tc, tc no, tc kimlik, tc kimlik no, tckimlik, tckimlikno, tcno, kimlik no, kimlik, vatandaslik "
        "no, identity number, identity no, national id, ykn"
    ),
    "vkn": (
        "vkn, vergi no, vergino, vergi numarasi, vergi kimlik, vergi kimlik no, tax number, tax no, tax id, "
        "vat number, vat no"
    ),
    "tax_number": "vkn tckn, tckn vkn, vkntckn, tcknvkn, vergi tc no, tc vergi no",
    "phone": (
        "tel, telefon, telefonu, telefonlar, phones, telno, gsm, gsmno, cep, cep tel, ceptel, cep telefonu, "
        "ceptelefonu, mobil, mobile, phone, telephone, whatsapp, msisdn, faks, fax, cell, arayan, aranan, "
        "caller, callee, is tel, ev tel"
    ),
    "email": (
        "eposta, e posta, emails, email adresi, mail, email, e mail, mail adresi, eposta adresi, e posta adresi, "
        "email address, kep, kep adresi, e mail adresi"
    ),
    "iban": "iban, iban no",
    "account": "hesap no, hesap, hesap numarasi, account number, bank account",
    "card": "kart no, kart, kart numarasi, kartno, card number, card no, pan, kredi karti, kredi karti no",
    "name": (
        "ad, adi, soyad, soyadi, isim, ismi, ad soyad, adi soyadi, adsoyad, adisoyadi, name, surname, first "
        "name, last name, full name, fullname, firstname, lastname, given name, family name, middle name, "
        "yetkili, yetkili kisi, ilgili kisi, ilgili, surucu, sofor, driver, contact, contact person, contact "
        "name, alici, gonderen, musteri adi, musteri ad soyad, personel, calisan, kisi, hasta adi, veli, "
        "vasi, anne adi, baba adi, kizlik soyadi"
    ),
    "company": (
        "unvan, unvani, firma, firma adi, firma unvani, sirket, sirket adi, cari, cari adi, cari unvan, "
        "company, company name, ticari unvan, organization"
    ),
    "address": (
        "adres, adresi, address, mahalle, cadde, sokak, street, acik adres, ikamet, ikametgah, acikadres, "
        "teslimat adresi, fatura adresi, address line"
    ),
    "region": ("il, ilce, sehir, city, district, province, semt, town, county, il adi, ilce adi, sehir adi, bolge"),
    "postcode": "posta kodu, postakodu, post code, postcode, zip, zip code, zipcode, postal code",
    "plate": "plaka, plakasi, plaka no, arac plaka, plate, licence plate, license plate, plate number",
    "birth_date": ("dogum tarihi, dogumtarihi, dogum, dogum gunu, birth date, birthdate, birthday, date of birth, dob"),
    "personal_detail": (
        "dogum yeri, cinsiyet, gender, sex, medeni hal, medeni durum, uyruk, nationality, birth place, "
        "kimlik seri no, seri no kimlik, cuzdan no, cuzdan seri no, sicil no, yas, age, imza, signature"
    ),
    "passport": "pasaport, pasaport no, passport, passport no, passport number",
    "licence": "ehliyet, ehliyet no, surucu belgesi, surucu belge no, driver licence, driver license, licence no",
    "sgk": "sgk no, sgk sicil, sgk sicil no, ssk no, ssk sicil no",
    "mersis": "mersis, mersis no, mersis numarasi",
    "uavt": "uavt, uavt kodu, uavt no, adres kodu",
    "vin": "sasi, sasi no, sasi numarasi, sase, sase no, vin, vin no, chassis no",
    "ip": "ip, ip adresi, ip address, ipadresi, client ip, remote addr, ip no",
    "device": "imei, mac, mac adresi, mac address, device id, cihaz id, cihaz no, imsi",
    "latitude": "enlem, lat, latitude",
    "longitude": "boylam, lon, lng, long, longitude",
    "position": "konum, koordinat, coordinates, location, gps, position",
    "free_text": (
        "not, notu, notlar, aciklama, aciklamasi, aciklamalar, yorum, yorumu, mesaj, mesaji, icerik, konu, "
        "konusu, talep, sikayet, gorusme, metin, note, notes, comment, comments, remark, remarks, message, "
        "body, content, subject, description, text, details, detay, cevap, yanit, neden, sebep, reason, memo"
    ),
    "secret": "sifre, parola, password, passwd, pin, cvv, cvc, token, secret, api key, apikey, hash",
    "user": "kullanici adi, kullanici, username, user name, login, rumuz, nick",
    "media": ("foto, fotograf, resim, image, photo, avatar, ses kaydi, kayit dosyasi, recording, video, goruntu"),
    "salary": "maas, ucreti net, net maas, brut maas, salary, wage",
    "score": "skor, kredi notu, risk, risk puani, score, credit score, rating, findeks",
    "health": (
        "saglik, hastalik, tani, teshis, kan grubu, ilac, engel, engelli, engelli mi, engel durumu, recete, "
        "alerji, gebelik, saglik durumu, blood type, diagnosis, disease, disability, health, medication, "
        "allergy, rapor tani"
    ),
    "belief": "din, dini, mezhep, inanc, religion, faith",
    "ethnicity": "irk, etnik, etnik koken, ethnicity, race",
    "politics": "siyasi gorus, parti, parti uyeligi, political party",
    "membership": (
        "sendika, sendika uyesi, sendika uyeligi, dernek, dernek uyeligi, vakif uyeligi, union member, trade union"
    ),
    "conviction": "sabika, sabika kaydi, adli sicil, hukumlu, mahkumiyet, criminal record, conviction",
    "biometric": "parmak izi, yuz verisi, biyometrik, biometric, fingerprint, face id, retina, avuc ici",
    "sexual_life": "cinsel yonelim, cinsel, sexual orientation",
    "amount": (
        "tutar, tutari, fiyat, fiyati, bakiye, toplam, toplami, borc, alacak, kdv, matrah, ucret, limit, "
        "indirim, iskonto, amount, price, total, balance, debit, credit, fee, cost, discount, vat, "
        "commission, komisyon, kur, oran, orani, rate, revenue, ciro"
    ),
    "date": (
        "tarih, tarihi, date, zaman, zamani, saat, saati, time, timestamp, at, gun, day, vade, created, "
        "updated, modified, guncelleme, guncellenme, degisiklik, olusturma, baslangic, bitis, start, end, "
        "changed, last update"
    ),
    "code": (
        "durum, durumu, tip, tipi, tur, turu, status, state, type, kategori, category, para birimi, currency, "
        "adet, miktar, quantity, qty, count, sayisi, birim, unit, yon, direction, kanal, channel, dil, "
        "language, version, surum, sira, oncelik, priority, vergi dairesi, tax office, ulke, country, marka, "
        "model, renk, sure, suresi, seconds, duration"
    ),
    "id": (
        "id, no, nosu, numara, numarasi, number, kod, kodu, code, key, uuid, guid, ref, referans, reference, "
        "anahtar, nr"
    ),
    "thing_name": (
        "urun adi, product name, stok adi, hizmet adi, dosya adi, file name, filename, banka adi, bank name, "
        "banka, sube, sube adi, marka adi, model adi, kategori adi, category name, plan adi, plan name, paket "
        "adi, depo adi, kampanya adi, ulke adi, grup adi, group name, birim adi, departman, departman adi, "
        "department, okul adi, baslik, title, urun, product, event name, table name, gorev, meslek, job title"
    ),
}
"""Meaning to phrases, comma-separated, all of them folded."""

_GENERIC_TAIL = frozenset({"no", "numara", "numarasi", "number", "nr", "num", "bilgisi", "bilgi", "value", "deger"})
"""After `telefon` it says nothing: `telefon_no` is the phone."""
_ABOUT_A_NUMBER = frozenset({"tckn", "vkn", "phone", "iban", "card", "plate", "device", "account"})

OWNERS: dict[str, str] = {
    **dict.fromkeys(("musteri", "customer", "client", "buyer", "uye", "member", "abone", "subscriber"), "customer"),
    **dict.fromkeys(("personel", "calisan", "employee", "staff", "surucu", "sofor", "driver", "agent"), "employee"),
    **dict.fromkeys(("gonderen", "gonderici", "sender"), "sender"),
    **dict.fromkeys(("alici", "recipient", "receiver", "teslimat", "shipping"), "recipient"),
    **dict.fromkeys(("fatura", "billing"), "billing"),
    **dict.fromkeys(("yetkili", "ilgili", "contact"), "contact"),
    **dict.fromkeys(("tedarikci", "supplier", "vendor"), "supplier"),
    **dict.fromkeys(("kullanici", "user"), "user"),
    **dict.fromkeys(("hasta", "patient"), "patient"),
    **dict.fromkeys(("veli", "vasi", "anne", "baba"), "guardian"),
}
"""Words that say whom a column is about, and the subject's name in a policy."""

CURSOR_WORDS = (
    "updated",
    "modified",
    "changed",
    "guncelleme",
    "guncellenme",
    "degisiklik",
    "degistirme",
    "last update",
)
_LETTERS_AND_DIGITS = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Header:
    """A heading read: its words, what they mean, and whose the column is; None where it says nothing that we know."""

    words: tuple[str, ...]
    meaning: str | None
    owner: str | None

    @property
    def is_cursor(self) -> bool:
        """Whether it names the time of a row's last change."""
        text = f" {' '.join(self.words)} "
        return self.meaning == "date" and any(word in text for word in CURSOR_WORDS)


def header_of(name: str) -> Header:
    """Read a heading, or a dotted path, whose last part names the column and whose others say whose it is."""
    parts = [words for part in name.replace("[]", "").split(".") if (words := words_of(part))]
    if not parts:
        return Header((), None, None)
    words = parts[-1]
    everything = [word for part in parts for word in part]
    owner = next((OWNERS[word] for word in everything if word in OWNERS), None)
    meaning = _meaning(words)
    if len(parts) > 1 and (meaning is None or _GENERIC_TAIL.issuperset(words)):
        meaning = _meaning([*parts[-2], *words]) or meaning
    return Header(tuple(words), meaning, owner)


def words_of(text: str) -> list[str]:
    """The folded words of a heading, digits apart."""
    folded = fold(snake_case(text.replace("İ", "I").replace("ı", "i")))
    return _OTHER.sub(" ", _LETTERS_AND_DIGITS.sub(" ", folded)).split()


def _meaning(words: list[str]) -> str | None:
    # `t.c. kimlik`, `e-posta`: letters that a mark stood between. `telefon 2` is a phone as well.
    words = [word for word in words if not word.isdigit()]
    text = " ".join(words).replace("t c ", "tc ").replace("e posta", "eposta").replace("e mail", "email")
    found = _last(text.split())
    while found in (None, "id") and len(words) > 1 and words[-1] in _GENERIC_TAIL:
        words = words[:-1]
        inner = _last(words)
        if inner in _ABOUT_A_NUMBER:
            return inner
    return found


def _last(words: list[str]) -> str | None:
    text = f" {' '.join(words)} "
    best: tuple[int, int, str] | None = None
    for phrase, meaning in _phrases().items():
        at = text.rfind(f" {phrase} ")
        if at < 0:
            continue
        candidate = (at + len(phrase), len(phrase), meaning)
        if best is None or candidate[:2] > best[:2]:
            best = candidate
    return best[2] if best else None


@cache
def _phrases() -> dict[str, str]:
    return {phrase.strip(): meaning for meaning, phrases in PHRASES.items() for phrase in phrases.split(",")}
