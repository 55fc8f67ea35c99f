"""Taxes beside VAT that a line may carry: what they are called and whether VAT is charged on them too."""

from __future__ import annotations

from dataclasses import dataclass

VAT = "0015"
VAT_NAME = "KDV"
ACCOMMODATION = "0059"


@dataclass(frozen=True)
class Tax:
    """A tax of the list `TaxType`. `in_vat_base`: whether VAT is charged on it (KDVK 24/b)."""

    name: str
    in_vat_base: bool


TAXES = {
    "0021": Tax("Banka Muameleleri Vergisi", in_vat_base=False),
    "0022": Tax("Sigorta Muameleleri Vergisi", in_vat_base=False),
    "0059": Tax("Konaklama Vergisi", in_vat_base=False),
    "0061": Tax("Kaynak Kullanımı Destekleme Fonu Kesintisi", in_vat_base=True),
    "0071": Tax("ÖTV 1. Liste", in_vat_base=True),
    "0073": Tax("ÖTV 3. Liste", in_vat_base=True),
    "0074": Tax("ÖTV 4. Liste", in_vat_base=True),
    "0075": Tax("ÖTV 3A Liste", in_vat_base=True),
    "0076": Tax("ÖTV 3B Liste", in_vat_base=True),
    "0077": Tax("ÖTV 3C Liste", in_vat_base=True),
    "1047": Tax("Damga Vergisi", in_vat_base=False),
    "1048": Tax("5035 Sayılı Kanuna Göre Damga Vergisi", in_vat_base=False),
    "4071": Tax("Elektrik ve Havagazı Tüketim Vergisi", in_vat_base=True),
    "4080": Tax("Özel İletişim Vergisi", in_vat_base=False),
    "4081": Tax("5035 Sayılı Kanuna Göre Özel İletişim Vergisi", in_vat_base=False),
    "8001": Tax("Borsa Tescil Ücreti", in_vat_base=False),
    "8002": Tax("Enerji Fonu", in_vat_base=True),
    "8004": Tax("TRT Payı", in_vat_base=True),
    "8005": Tax("Elektrik Tüketim Vergisi", in_vat_base=True),
    "8006": Tax("Telsiz Kullanım Ücreti", in_vat_base=False),
    "8007": Tax("Telsiz Ruhsat Ücreti", in_vat_base=False),
    "8008": Tax("Çevre Temizlik Vergisi", in_vat_base=False),
    "9021": Tax("Banka Sigorta Muameleleri Vergisi", in_vat_base=False),
    "9077": Tax("ÖTV 2. Liste", in_vat_base=True),
    "9944": Tax("Belediyelere Ödenen Hal Rüsumu", in_vat_base=False),
}
"""Those that are added to the price. Deductions at source (0003, 0011, 4171, 9015) and 9040 change what is paid in
ways no rule or sample of the tax office fixes, so they are refused by name instead of being summed on a guess.
"""
