"""Reasons for which VAT is not charged, or not in the ordinary way: which invoice may give which, and their words."""

from __future__ import annotations

from hub.einvoice.codes.lists import listed

NOT_EXEMPT = frozenset({"151", "351"})
"""Zero VAT that is no exemption: the two codes that an ordinary sale may give."""
FIXTURES = "555"
"""VAT of fixtures (demirbaş): a reason beside VAT that is charged."""
PASSENGER = "501"
"""Sales to passengers, whose VAT is charged and paid back at the border."""
INPUT_PROCESSING = "702"
"""Export-registered under an inward processing permit: every line needs customs code and permit line."""

REASONS = {
    "301": "11/1-a Mal İhracatı",
    "302": "11/1-a Hizmet İhracatı",
    "308": "13/d Teşvikli Yatırım Mallarının Teslimi",
    "322": "11/1-a Türkiye'de İkamet Etmeyenlere Özel Fatura ile Yapılan Teslimler (Bavul Ticareti)",
    "339": "İmalat Sanayii ile Turizme Yönelik Yatırım Teşvik Belgesi Kapsamındaki İnşaat İşlerine İlişkin Teslim"
    " ve Hizmetler",
    "350": "Diğerleri",
    "351": "KDV - İstisna Olmayan Diğer",
    "501": "Türkiye'de İkamet Etmeyenlere KDV Hesaplanarak Yapılan Satışlar (Yolcu Beraberi Eşya)",
    "701": "3065 s. KDV Kanununun 11/1-c md. Kapsamındaki İhraç Kayıtlı Satış",
    "702": "DİİB ve Geçici Kabul Rejimi Kapsamındaki Satışlar",
    "703": "4760 s. ÖTV Kanununun 8/2 md. Kapsamındaki İhraç Kayıtlı Satış",
    "704": "3065 s. KDV Kanununun 11/1-c md. ve 4760 s. ÖTV Kanununun 8/2 md. Kapsamındaki İhraç Kayıtlı Satış",
    "801": "Milli Piyango, Spor Toto vb. Oyunlar",
    "802": "At Yarışları ve Diğer Müşterek Bahis ve Talih Oyunları",
    "803": "Profesyonel Sanatçıların Yer Aldığı Gösteriler, Konserler, Profesyonel Sporcuların Katıldığı Sportif"
    " Faaliyetler, Maçlar, Yarışlar ve Yarışmalar",
    "804": "Gümrük Depolarında ve Müzayede Salonlarında Yapılan Satışlar",
    "805": "Altından Mamul veya Altın İçeren Ziynet Eşyaları ile Sikke Altınların Teslimi",
    "806": "Tütün Mamulleri ve Bazı Alkollü İçkiler",
    "807": "Gazete, Dergi vb. Periyodik Yayınlar",
    "808": "Külçe Gümüş ve Gümüşten Mamul Eşya Teslimleri",
    "812": "KDV Uygulanmadan Alınan İkinci El Motorlu Kara Taşıtı veya Taşınmaz Teslimi",
}
"""Words of the common codes, after GİB's samples and code list. For any other code whoever issues the invoice gives
the words: a wrong article of law printed on an invoice is worse than a question.
"""

_EXEMPTION_TYPES = frozenset({"ISTISNA", "IADE", "IHRACKAYITLI", "SGK", "YTBISTISNA", "YTBIADE"})
_SPECIAL_BASE_TYPES = frozenset({"OZELMATRAH", "IADE", "SGK"})
_EXPORT_REGISTERED_TYPES = frozenset({"IHRACKAYITLI", "IADE", "SGK"})


def is_code(code: str) -> bool:
    """Whether any invoice may give the code."""
    return code in listed("TaxExemptionReasonCodeType") or is_incentive(code)


def is_incentive(code: str) -> bool:
    """308 and 339: investment incentive documents only."""
    return code in listed("YatirimTesvikTaxExemptionReasonCodeType")


def is_special_base(code: str) -> bool:
    """801-812: VAT is charged on another base than the price."""
    return code in listed("ozelMatrahTaxExemptionReasonCodeType")


def types_of(code: str) -> frozenset[str] | None:
    """The invoice types that may give a code; None when the type does not matter (151, 351, 555)."""
    if code in listed("istisnaTaxExemptionReasonCodeType"):
        return _EXEMPTION_TYPES
    if is_special_base(code):
        return _SPECIAL_BASE_TYPES
    if code in listed("ihracExemptionReasonCodeType"):
        return _EXPORT_REGISTERED_TYPES
    return None
