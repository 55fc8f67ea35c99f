"""VAT that the buyer withholds (KDV tevkifatı): which code goes with which percentage, and what it stands for."""

from __future__ import annotations

from functools import cache

from hub.einvoice.codes.lists import listed

NAMES = {
    "601": "Yapım İşleri ile Mühendislik-Mimarlık ve Etüt-Proje Hizmetleri",
    "602": "Etüt, Plan-Proje, Danışmanlık, Denetim ve Benzeri Hizmetler",
    "603": "Makine, Teçhizat, Demirbaş ve Taşıtlara Ait Tadil, Bakım ve Onarım Hizmetleri",
    "604": "Yemek Servis Hizmeti",
    "605": "Organizasyon Hizmeti",
    "606": "İşgücü Temin Hizmetleri",
    "607": "Özel Güvenlik Hizmeti",
    "608": "Yapı Denetim Hizmetleri",
    "609": "Fason Tekstil ve Konfeksiyon İşleri, Çanta ve Ayakkabı Dikim İşleri",
    "610": "Turistik Mağazalara Verilen Müşteri Bulma/Götürme Hizmetleri",
    "611": "Spor Kulüplerinin Yayın, Reklam ve İsim Hakkı Gelirleri",
    "612": "Temizlik Hizmeti",
    "613": "Çevre ve Bahçe Bakım Hizmetleri",
    "614": "Servis Taşımacılığı Hizmeti",
    "615": "Her Türlü Baskı ve Basım Hizmetleri",
    "616": "Diğer Hizmetler",
    "617": "Hurda Metalden Elde Edilen Külçe Teslimleri",
    "618": "Hurda Metalden Elde Edilenler Dışındaki Bakır, Çinko, Demir-Çelik, Alüminyum ve Kurşun Külçe Teslimleri",
    "619": "Bakır, Çinko ve Alüminyum Ürünlerinin Teslimi",
    "620": "İstisnadan Vazgeçenlerin Hurda ve Atık Teslimi",
    "621": "Metal, Plastik, Lastik, Kauçuk, Kağıt ve Cam Hurda ve Atıklardan Elde Edilen Hammadde Teslimi",
    "622": "Pamuk, Tiftik, Yün ve Yapağı ile Ham Post ve Deri Teslimleri",
    "623": "Ağaç ve Orman Ürünleri Teslimi",
    "624": "Yük Taşımacılığı Hizmeti",
    "625": "Ticari Reklam Hizmetleri",
    "626": "Diğer Teslimler",
    "627": "Demir-Çelik Ürünlerinin Teslimi",
}
"""Display text of the partial codes; for the full ones (801-825) the kind of tax alone is written."""


@cache
def percentages() -> dict[str, frozenset[int]]:
    """Code to the percentages that the rules accept with it.

    650 stands in the list of pairs and not in that of codes: the rules refuse it, so it is not here.
    """
    known = listed("WithholdingTaxType")
    found: dict[str, set[int]] = {}
    for pair in listed("WithholdingTaxTypeWithPercent"):
        code, percent = pair[:3], pair[3:]
        if code in known:
            found.setdefault(code, set()).add(int(percent))
    return {code: frozenset(percents) for code, percents in sorted(found.items())}


def name_of(code: str) -> str:
    """What is printed beside the code."""
    return NAMES.get(code, "Tam KDV Tevkifatı")
