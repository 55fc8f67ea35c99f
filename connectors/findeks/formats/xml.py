"""A risk report in XML as the same document that the gateway gives in JSON. Element names are assumed.

Nothing outside the text is ever read: a document type, and with it every entity, ends the reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from connectors.failure import ProviderFailure
from connectors.findeks.formats.turkish import folded, turkish_amount

_DEEPEST = 32
_ROOT = "RiskRaporu"
_PERSON = {"AdSoyad": "fullName", "Unvan": "fullName", "DogumTarihi": "birthDate", "Tur": "type"}
_SCORE = {"Deger": "value", "Model": "model", "NotsuzlukKodu": "noScoreReason", "Bant": "band"}
_SUMMARY_AMOUNTS = {
    "ToplamLimit": "totalLimit",
    "ToplamRisk": "totalDebt",
    "KullanilabilirLimit": "availableLimit",
    "GecikmedekiBakiye": "delinquentBalance",
    "TakipBakiyesi": "legalFollowUpBalance",
    "BorcLimitOrani": "debtToLimitPct",
}
_SUMMARY = {
    "HesapSayisi": "accountCount",
    "AcikHesapSayisi": "openAccountCount",
    "KurumSayisi": "institutionCount",
    "GecikmedekiHesapSayisi": "delinquentAccountCount",
    "TakipSayisi": "legalFollowUpCount",
    "EnUzunGecikme": "currentLongestDelayMonths",
    "EnOlumsuzDurum": "worstPaymentStatusEver",
    "SonKrediTarihi": "lastCreditDate",
}
_ACCOUNT_AMOUNTS = {
    "Limit": "limitOrAmount",
    "Bakiye": "balance",
    "GecikmedekiBakiye": "overdueBalance",
    "Taksit": "instalment",
}
_ACCOUNT = {
    "KrediTuru": "creditType",
    "DovizKodu": "currency",
    "AcilisTarihi": "openedOn",
    "KapanisTarihi": "closedOn",
    "OdemeTarihcesi": "paymentHistory36",
    "KurumAdi": "institutionName",
}
_CREDIT_TYPES = {
    folded(words): code
    for words, code in (
        ("KREDİ KARTI", "CREDIT_CARD"),
        ("TÜKETİCİ KREDİSİ", "CONSUMER_LOAN"),
        ("İHTİYAÇ KREDİSİ", "CONSUMER_LOAN"),
        ("KONUT KREDİSİ", "MORTGAGE"),
        ("TAŞIT KREDİSİ", "VEHICLE_LOAN"),
        ("KREDİLİ MEVDUAT HESABI", "OVERDRAFT"),
        ("TİCARİ KREDİ", "COMMERCIAL_LOAN"),
    )
}


def document_in_xml(text: str) -> dict[str, Any]:
    """The report's document. Amounts are Decimal already; elements that nobody knows keep their own names.

    Raises `ProviderFailure` answer_malformed, or wrong_type naming the field of an amount.
    """
    root = _tree(text)
    if root is None or _name(root) != _ROOT:
        raise ProviderFailure("transient", "answer_malformed")
    document: dict[str, Any] = {
        "referenceNo": root.get("referansNo"),
        "queriedAt": root.get("raporTarihi"),
        "reportType": "RISK",
        "status": "READY",
    }
    for part in root:
        name = _name(part)
        if name == "Kisi":
            document["subject"] = _subject(part)
        elif name == "KrediNotu":
            document["score"] = _score(part)
        elif name == "Ozet":
            document["summary"] = _fields(part, _SUMMARY, _SUMMARY_AMOUNTS)
        elif name == "Hesaplar":
            document["accounts"] = [_account(account) for account in part]
        else:
            document[name] = _text(part)
    return document


def _subject(part: Element) -> dict[str, Any]:
    subject = _fields(part, _PERSON, {})
    return subject | {"identityType": part.get("kimlikTuru"), "identityNumber": part.get("kimlikNo")}


def _score(part: Element) -> dict[str, Any]:
    reasons = [_text(child) for child in part if _name(child) == "SebepKodu"]
    others = Element(part.tag)
    others.extend(child for child in part if _name(child) != "SebepKodu")
    return _fields(others, _SCORE, {}) | {"reasonCodes": reasons}


def _account(part: Element) -> dict[str, Any]:
    account = _fields(part, _ACCOUNT, _ACCOUNT_AMOUNTS)
    told = account.get("creditType")
    account["creditType"] = _CREDIT_TYPES.get(folded(told), told) if isinstance(told, str) else None
    return account | {"seq": part.get("siraNo"), "institutionCode": part.get("kurumRumuzu")}


def _fields(part: Element, plain: Mapping[str, str], amounts: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in part:
        name, text = _name(child), _text(child)
        if name in amounts:
            found[amounts[name]] = _amount(text, amounts[name])
        else:
            found[plain.get(name, name)] = text
    return found


def _amount(text: str | None, name: str) -> Decimal | None:
    readable, found = True, None
    try:
        found = None if text is None else turkish_amount(text)
    except ValueError:
        readable = False
    if not readable:
        raise ProviderFailure("transient", "wrong_type", field=name)
    return found


def _text(part: Element) -> str | None:
    text = (part.text or "").strip()
    return text or None


def _name(part: Element) -> str:
    return part.tag.rpartition("}")[2]


class _Refused(Exception):
    """The text holds what a report has no use for."""


class _Builder:
    """Builds a tree and stops at a document type, or where elements stand too deep in one another."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Refused
        self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag)

    def data(self, text: str) -> None:
        self._builder.data(text)

    def close(self) -> Element:
        return self._builder.close()


def _refuse(*_declaration: object) -> None:
    raise _Refused


def _tree(text: str) -> Element | None:
    """The root; None when the text is no XML, or more than plain XML. expat's error quotes the text: it ends here."""
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", namespace_separator="}")  # over the declaration: the text is decoded already
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        return builder.close()
    except (expat.ExpatError, _Refused, AssertionError, UnicodeError):
        return None
