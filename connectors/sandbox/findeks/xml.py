"""A risk report in XML with all its Turkish traps: 31.12.2026, 1.234,56, KREDİ KARTI, and windows-1254 now and then."""

from __future__ import annotations

from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from connectors.istanbul import ISTANBUL
from connectors.sandbox.findeks.bureau import Query
from connectors.sandbox.findeks.documents import accounts_of, score_of, summary_of

_CREDITS = {
    "CREDIT_CARD": "KREDİ KARTI",
    "CONSUMER_LOAN": "İHTİYAÇ KREDİSİ",
    "MORTGAGE": "KONUT KREDİSİ",
    "OVERDRAFT": "KREDİLİ MEVDUAT HESABI",
}


def risk_report(query: Query) -> tuple[bytes, str]:
    """The file's bytes and their encoding: every fourth one is windows-1254."""
    encoding = "windows-1254" if query.number % 4 == 1 else "UTF-8"
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{risk_xml(query)}'.encode(encoding), encoding


def risk_xml(query: Query) -> str:
    """The document without its declaration."""
    score, accounts = score_of(query), accounts_of(query)
    summary = summary_of(query, accounts)
    at = query.at.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M:%S")
    number = f"<Deger>{score['value']}</Deger>" if score["value"] else f"<Deger>0</Deger>{_reason(score)}"
    codes = "".join(f"<SebepKodu>{code}</SebepKodu>" for code in score["reasonCodes"] if code)
    subject = query.subject
    return (
        f'<RiskRaporu xmlns="urn:assumed:findeks:risk:1" referansNo="{query.reference_no}" raporTarihi="{at}">\n'
        f'  <Kisi kimlikTuru="{subject.identity_type}" kimlikNo="{subject.number}">'
        f"<AdSoyad>{escape(subject.name)}</AdSoyad>{_kind(query)}</Kisi>\n"
        f"  <KrediNotu>{number}{codes}<Model>{score['model']}</Model></KrediNotu>\n"
        f"  <Ozet><ToplamLimit>{_lira(summary['totalLimit'])}</ToplamLimit>"
        f"<ToplamRisk>{_lira(summary['totalDebt'])}</ToplamRisk>"
        f"<GecikmedekiHesapSayisi>{summary['delinquentAccountCount']}</GecikmedekiHesapSayisi>"
        f"<GecikmedekiBakiye>{_lira(summary['delinquentBalance'])}</GecikmedekiBakiye></Ozet>\n"
        f"  <Hesaplar>{''.join(_account(each) for each in accounts)}</Hesaplar>\n"
        "</RiskRaporu>\n"
    )


def _kind(query: Query) -> str:
    return "<Tur>INDIVIDUAL</Tur>" if query.subject.person and query.subject.identity_type == "VKN" else ""


def _reason(score: dict[str, Any]) -> str:
    return f"<NotsuzlukKodu>{score['noScoreReason']}</NotsuzlukKodu>"


def _account(account: dict[str, Any]) -> str:
    overdue = account["overdueBalance"]
    return (
        f"<Hesap siraNo={quoteattr(str(account['seq']))} kurumRumuzu={quoteattr(account['institutionCode'])}>"
        f"<KrediTuru>{_CREDITS[account['creditType']]}</KrediTuru><AcilisTarihi>{_day(account['openedOn'])}"
        f"</AcilisTarihi><Limit>{_lira(account['limitOrAmount'])}</Limit><Bakiye>{_lira(account['balance'])}</Bakiye>"
        f"<GecikmedekiBakiye>{'-' if overdue == '0.00' else _lira(overdue)}</GecikmedekiBakiye>"
        f"<OdemeTarihcesi>{account['paymentHistory36']}</OdemeTarihcesi></Hesap>"
    )


def _lira(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return f"{int(whole):,}".replace(",", ".") + f",{fraction}"


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y")
